import { BOX_GAP } from './layers';
import { IPlaces } from './order';

/** Rounds, downwards and upwards; fewer of what is large. */
const ROUNDS = 5;
const LARGE = 20000;
const ROUNDS_OF_LARGE = 3;

/** How much joined pairs pull: bends of an edge most, so that long edges are straight. */
const PULL_BENDS = 60;
const PULL_END = 2;
const PULL_BOXES = 1;
/** Of boxes that go straight on from each other, as a net's layers. */
const PULL_SPINE = 6;
const GRAVITY = 0.05;
/** How much a box is held where it was. */
const HOLD = 20000;

/**
 * Middles of all places, from left to right: each row gets the places nearest to what it is joined to that leave room
 * between neighbours. Rows are done one after the other, downwards and upwards.
 */
export function* placeRows(places: IPlaces, boxes: number, oldX: Float64Array): Generator<void, Float64Array> {
  const { rows, widths } = places;
  const x = new Float64Array(widths.length);
  const forces = forcesOf(places, boxes, oldX);
  for (const row of rows) {
    const total = row.reduce((sum, place) => sum + forces.gaps[place], 0);
    let at = -total / 2;
    let shift = 0;
    let held = 0;
    for (const place of row) {
      at += forces.gaps[place];
      x[place] = at;
      if (place < boxes && !Number.isNaN(oldX[place])) {
        shift += oldX[place] - at;
        held++;
      }
    }
    row.forEach(place => (x[place] += held > 0 ? shift / held : 0));
  }
  const rounds = x.length > LARGE ? ROUNDS_OF_LARGE : ROUNDS;
  for (let round = 0; round < rounds; round++) {
    const both = round === rounds - 1;
    for (let r = 0; r < rows.length; r++) {
      settle(places, forces, rows[r], x, true, both);
    }
    yield;
    for (let r = rows.length - 1; r >= 0; r--) {
      settle(places, forces, rows[r], x, both, true);
    }
    yield;
  }
  const chains = spines(forces.spine, rows).filter(chain => chain.every(p => Number.isNaN(oldX[p])));
  straighten(places, boxes, x, chains);
  // Twice, since a bend makes room for the one beside it.
  straighten(places, boxes, x, places.trunks);
  straighten(places, boxes, x, places.trunks);
  return x;
}

/**
 * The box below that a box goes straight on to, or -1: of those that read it the one with the longest way down, if of
 * those that this one reads it has the longest way up. What a chain of layers has beside it, as variables, leaves the
 * chain straight; where several are alike, none is preferred.
 */
function spineOf({ rows, upper, lower, above, aboveStart, below, belowStart }: IPlaces, boxes: number): Int32Array {
  const size = aboveStart.length - 1;
  const up = new Int32Array(size);
  const down = new Int32Array(size);
  const longest = (p: number, start: Int32Array, pairs: Int32Array, ends: Int32Array, ways: Int32Array): number => {
    let best = -1;
    let most = -1;
    for (let k = start[p]; k < start[p + 1]; k++) {
      const other = ends[pairs[k]];
      ways[p] = Math.max(ways[p], ways[other] + 1);
      if (other < boxes && ways[other] >= most) {
        best = ways[other] > most ? other : -1;
        most = ways[other];
      }
    }
    return best;
  };
  const before = new Int32Array(size).fill(-1);
  const spine = new Int32Array(boxes).fill(-1);
  for (const row of rows) {
    for (const p of row) {
      before[p] = longest(p, aboveStart, above, upper, up);
    }
  }
  for (let r = rows.length - 1; r >= 0; r--) {
    for (const p of rows[r]) {
      const next = longest(p, belowStart, below, lower, down);
      if (p < boxes && next >= 0 && before[next] === p) {
        spine[p] = next;
      }
    }
  }
  return spine;
}

/** Boxes that go straight on from each other, the longest chains first, since those have the first choice of places. */
function spines(spine: Int32Array, rows: readonly number[][]): number[][] {
  const chains: number[][] = [];
  const seen = new Uint8Array(spine.length);
  for (const row of rows) {
    for (const p of row) {
      const chain: number[] = [];
      for (let at = p; at >= 0 && at < spine.length && !seen[at]; at = spine[at]) {
        seen[at] = 1;
        chain.push(at);
      }
      if (chain.length > 1) {
        chains.push(chain);
      }
    }
  }
  return chains.sort((a, b) => b.length - a.length);
}

/** The least distance of the middles of two neighbours. */
function gap({ widths }: IPlaces, boxes: number, left: number, right: number): number {
  const room = left < boxes && right < boxes ? BOX_GAP : left < boxes || right < boxes ? BOX_GAP / 2 : 0;
  return (widths[left] + widths[right]) / 2 + room;
}

/** What `settle` needs again and again. */
interface IForces {
  /** How much each joined pair pulls. */
  pulls: Float64Array;
  /** Least distance of each place from the one to its left. */
  gaps: Float64Array;
  spine: Int32Array;
  oldX: Float64Array;
  kept: boolean;
}

function forcesOf(places: IPlaces, boxes: number, oldX: Float64Array): IForces {
  const { upper, lower, rows } = places;
  const spine = spineOf(places, boxes);
  const pulls = Float64Array.from(upper, (above, k) => {
    const bends = Number(above >= boxes) + Number(lower[k] >= boxes);
    return spine[above] === lower[k] ? PULL_SPINE : [PULL_BOXES, PULL_END, PULL_BENDS][bends];
  });
  const gaps = new Float64Array(places.rowOf.length);
  for (const row of rows) {
    for (let i = 1; i < row.length; i++) {
      gaps[row[i]] = gap(places, boxes, row[i - 1], row[i]);
    }
  }
  return { pulls, gaps, spine, oldX, kept: oldX.some(old => !Number.isNaN(old)) };
}

/** Moves a row's places to where what they are joined to above, below, or both, pulls them. */
function settle(
  places: IPlaces,
  { pulls, gaps, oldX, kept }: IForces,
  row: readonly number[],
  x: Float64Array,
  up: boolean,
  down: boolean
): void {
  const { above, aboveStart, below, belowStart, upper, lower } = places;
  const wanted = new Float64Array(row.length);
  const weights = new Float64Array(row.length);
  const apart = new Float64Array(row.length);
  for (let i = 0; i < row.length; i++) {
    const place = row[i];
    // All are drawn a little to the middle, or the picture would grow wider round by round; what was there draws it
    // where it is.
    let weight = GRAVITY;
    let sum = kept ? weight * x[place] : 0;
    for (let k = aboveStart[place]; up && k < aboveStart[place + 1]; k++) {
      weight += pulls[above[k]];
      sum += pulls[above[k]] * x[upper[above[k]]];
    }
    for (let k = belowStart[place]; down && k < belowStart[place + 1]; k++) {
      weight += pulls[below[k]];
      sum += pulls[below[k]] * x[lower[below[k]]];
    }
    if (place < oldX.length && !Number.isNaN(oldX[place])) {
      weight += HOLD;
      sum += HOLD * oldX[place];
    }
    wanted[i] = sum / weight;
    weights[i] = weight;
    apart[i] = gaps[place];
  }
  const found = spread(wanted, weights, apart);
  for (let i = 0; i < row.length; i++) {
    x[row[i]] = found[i];
  }
}

/**
 * Numbers as near as can be to those wanted (least squares, with weights) with each at least `gaps[i]` above the one
 * before: pool adjacent violators, in linear time.
 */
export function spread(wanted: Float64Array, weights: Float64Array, gaps: Float64Array): Float64Array {
  const size = wanted.length;
  const offsets = new Float64Array(size);
  const means = new Float64Array(size);
  const sums = new Float64Array(size);
  const counts = new Int32Array(size);
  let pools = 0;
  for (let i = 0; i < size; i++) {
    offsets[i] = i === 0 ? 0 : offsets[i - 1] + gaps[i];
    means[pools] = wanted[i] - offsets[i];
    sums[pools] = weights[i];
    counts[pools++] = 1;
    while (pools > 1 && means[pools - 2] > means[pools - 1]) {
      const total = sums[pools - 2] + sums[pools - 1];
      means[pools - 2] = (means[pools - 2] * sums[pools - 2] + means[pools - 1] * sums[pools - 1]) / total;
      sums[pools - 2] = total;
      counts[pools - 2] += counts[pools - 1];
      pools--;
    }
  }
  const found = new Float64Array(size);
  let i = 0;
  for (let pool = 0; pool < pools; pool++) {
    for (let k = 0; k < counts[pool]; k++, i++) {
      found[i] = means[pool] + offsets[i];
    }
  }
  return found;
}

/** Puts the places of a chain above each other as far as the room between their neighbours lets them. */
function straighten(places: IPlaces, boxes: number, x: Float64Array, chains: readonly number[][]): void {
  const { rows, rowOf } = places;
  const place = new Int32Array(x.length);
  rows.forEach(row => row.forEach((p, i) => (place[p] = i)));
  const room = (p: number): [number, number] => {
    const row = rows[rowOf[p]];
    const i = place[p];
    return [
      i === 0 ? -Infinity : x[row[i - 1]] + gap(places, boxes, row[i - 1], p),
      i === row.length - 1 ? Infinity : x[row[i + 1]] - gap(places, boxes, p, row[i + 1])
    ];
  };
  for (const chain of chains) {
    let begin = 0;
    while (begin < chain.length) {
      let [least, most] = room(chain[begin]);
      let sum = x[chain[begin]];
      let end = begin + 1;
      for (; end < chain.length; end++) {
        const [a, b] = room(chain[end]);
        if (Math.max(a, least) > Math.min(b, most)) {
          break;
        }
        least = Math.max(a, least);
        most = Math.min(b, most);
        sum += x[chain[end]];
      }
      const middle = Math.min(Math.max(sum / (end - begin), least), most);
      for (; begin < end; begin++) {
        x[chain[begin]] = middle;
      }
    }
  }
}
