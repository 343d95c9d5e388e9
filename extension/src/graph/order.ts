import { ILayering, IProblem } from './layers';

/** Room for an edge that passes a row. */
const EDGE_WIDTH = 10;

/** Edges whose ways through rows are longer in all than this many times boxes and edges are led around at the side. */
const MOST_PER_ITEM = 12;
const MOST = 80000;

/** Rounds of sorting, down and up again; fewer of what is large, where nobody sees a single crossing. */
const ROUNDS = 6;
const LARGE = 20000;
const ROUNDS_OF_LARGE = 3;

/**
 * What stands in the rows: boxes, numbered as in the problem, and after them the bends of edges that pass rows. Edges
 * from or to the same box pass through the same bends as far as they go together.
 */
export interface IPlaces {
  /** Places in each row, from left to right. */
  rows: number[][];
  rowOf: Int32Array;
  widths: Float64Array;
  /** Joined pairs in neighbouring rows. */
  upper: Int32Array;
  lower: Int32Array;
  /** Pairs by their lower and by their upper place. */
  above: Int32Array;
  aboveStart: Int32Array;
  below: Int32Array;
  belowStart: Int32Array;
  /** Ways of edges from place to place, downwards; null where it is led around at the side. */
  ways: (number[] | null)[];
  /** Bends of one trunk, from above. */
  trunks: number[][];
}

/** Leads edges through the rows and sorts each row, so that few of them cross. */
export function* arrange(problem: IProblem, layering: ILayering): Generator<void, IPlaces> {
  const places = leadThrough(problem, layering);
  yield;
  const kept = problem.oldX.some(x => !Number.isNaN(x));
  const order = new Float64Array(places.rowOf.length);
  places.rows.forEach(row => number(row, order));
  if (kept) {
    for (let round = 0; round < 2; round++) {
      sweep(places, order, true, problem.oldX);
      yield;
      sweep(places, order, false, problem.oldX);
      yield;
    }
    return places;
  }
  let best = places.rows.map(row => row.slice());
  let least = crossings(places, order);
  // One round in any case: an edge's bends are put amidst what it leads to, though nothing crossed.
  const rounds = places.rowOf.length > LARGE ? ROUNDS_OF_LARGE : ROUNDS;
  for (let round = 0; round < rounds && (least > 0 || round === 0); round++) {
    sweep(places, order, true, null);
    yield;
    sweep(places, order, false, null);
    yield;
    const count = crossings(places, order);
    if (count < least || (count === least && round === 0)) {
      least = count;
      best = places.rows.map(row => row.slice());
    } else if (round > 2) {
      break;
    }
    yield;
  }
  places.rows = best;
  return places;
}

function leadThrough(problem: IProblem, { layers, count, back }: ILayering): IPlaces {
  const { from, to, widths, oldX } = problem;
  const size = widths.length;
  const outs = new Int32Array(size);
  const ins = new Int32Array(size);
  const spans = Int32Array.from(from, (a, e) => {
    const span = (to[e] < 0 ? count : layers[to[e]]) - (a < 0 ? -1 : layers[a]);
    if (span > 1) {
      outs[a]++; // a typed array forgets what is said of place -1
      ins[to[e]]++;
    }
    return span;
  });
  const byLength = Array.from(spans.keys()).sort((a, b) => spans[a] - spans[b] || a - b);
  let room = Math.min(MOST_PER_ITEM * (size + from.length) + 1000, MOST);
  const ways: (number[] | null)[] = new Array(from.length).fill(null);
  const rowOf: number[] = Array.from(layers);
  const key: number[] = Array.from(layers.keys());
  const trunkOf = new Map<number, number[]>();
  const pairs = new Set<number>();
  for (const e of byLength) {
    room -= spans[e];
    if (back[e] || spans[e] < 1 || room < 0) {
      continue;
    }
    const [a, b] = [from[e], to[e]];
    const atTarget = a < 0 || (b >= 0 && ins[b] > outs[a]);
    const owner = atTarget ? b : a;
    const way: number[] = a < 0 ? [] : [a];
    const first = a < 0 ? 0 : layers[a] + 1;
    const last = b < 0 ? count - 1 : layers[b] - 1;
    if (first <= last) {
      // What crosses the border goes by itself: of one box there are a few at most, and they are of different kinds.
      const name = a < 0 || b < 0 ? -1 - e : 2 * owner + Number(atTarget);
      const trunk = trunkOf.get(name) ?? [];
      trunkOf.set(name, trunk);
      // Counted from the owner on: a trunk of a few bends must not be as long as there are rows above it.
      for (let row = first; row <= last; row++) {
        const bend = atTarget ? last - row : row - first;
        if (trunk[bend] === undefined) {
          trunk[bend] = rowOf.push(row) - 1;
          key.push(owner);
        }
        way.push(trunk[bend]);
      }
    }
    if (b >= 0) {
      way.push(b);
    }
    ways[e] = way;
  }
  const total = rowOf.length;
  for (const way of ways) {
    for (let k = 1; way && k < way.length; k++) {
      pairs.add(way[k - 1] * total + way[k]);
    }
  }
  const upper = Int32Array.from(pairs, pair => Math.floor(pair / total));
  const lower = Int32Array.from(pairs, pair => pair % total);
  const [above, aboveStart] = group(lower, total);
  const [below, belowStart] = group(upper, total);
  const rows: number[][] = Array.from({ length: count }, () => []);
  rowOf.forEach((row, place) => rows[row].push(place));
  const left = (place: number) => (place < size && !Number.isNaN(oldX[place]) ? oldX[place] : Infinity);
  for (const row of rows) {
    row.sort((a, b) => compare(left(a), left(b)) || key[a] - key[b] || a - b);
  }
  return {
    rows,
    rowOf: Int32Array.from(rowOf),
    widths: Float64Array.from(rowOf, (row, place) => (place < size ? widths[place] : EDGE_WIDTH)),
    upper,
    lower,
    above,
    aboveStart,
    below,
    belowStart,
    ways,
    trunks: Array.from(trunkOf.values(), trunk => trunk.sort((a, b) => rowOf[a] - rowOf[b]))
  };
}

function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Numbers of the entries that have each value, one after the other. */
function group(values: Int32Array, size: number): [Int32Array, Int32Array] {
  const start = new Int32Array(size + 1);
  values.forEach(value => start[value + 1]++);
  for (let i = 0; i < size; i++) {
    start[i + 1] += start[i];
  }
  const found = new Int32Array(values.length);
  const next = start.slice();
  values.forEach((value, k) => (found[next[value]++] = k));
  return [found, start];
}

function number(row: readonly number[], order: Float64Array): void {
  row.forEach((place, i) => (order[place] = i));
}

/**
 * Sorts each row by the means of what its places are joined to in the row before. Boxes that were there keep their
 * order among each other: their means only ever grow from left to right.
 */
function sweep(places: IPlaces, order: Float64Array, down: boolean, oldX: Float64Array | null): void {
  const { rows, upper, lower } = places;
  const [start, pairs, ends] = down
    ? [places.aboveStart, places.above, upper]
    : [places.belowStart, places.below, lower];
  const wanted = new Float64Array(order.length);
  for (let i = 1; i < rows.length; i++) {
    const r = down ? i : rows.length - 1 - i;
    const row = rows[r];
    let most = -Infinity;
    let sorted = true;
    let last = -Infinity;
    for (const place of row) {
      let sum = 0;
      for (let k = start[place]; k < start[place + 1]; k++) {
        sum += order[ends[pairs[k]]];
      }
      const count = start[place + 1] - start[place];
      wanted[place] = count > 0 ? sum / count : order[place];
      if (oldX && place < oldX.length && !Number.isNaN(oldX[place])) {
        most = Math.max(most, wanted[place]);
        wanted[place] = most;
      }
      sorted = sorted && wanted[place] >= last;
      last = wanted[place];
    }
    if (!sorted) {
      row.sort((a, b) => wanted[a] - wanted[b] || order[a] - order[b]);
      number(row, order);
    }
  }
}

/** How often joined pairs cross: inversions between neighbouring rows, counted in a binary indexed tree. */
function crossings(places: IPlaces, order: Float64Array): number {
  const { rows, lower, belowStart, below } = places;
  let total = 0;
  for (let r = 0; r + 1 < rows.length; r++) {
    const width = rows[r + 1].length;
    const tree = new Int32Array(width + 1);
    let seen = 0;
    for (const place of rows[r]) {
      const from = belowStart[place];
      const to = belowStart[place + 1];
      for (let k = from; k < to; k++) {
        let before = 0;
        for (let i = order[lower[below[k]]] + 1; i > 0; i -= i & -i) {
          before += tree[i];
        }
        total += seen - before;
      }
      for (let k = from; k < to; k++) {
        for (let i = order[lower[below[k]]] + 1; i <= width; i += i & -i) {
          tree[i]++;
        }
      }
      seen += to - from;
    }
  }
  return total;
}
