/** A connected part of a scope, in numbers: boxes from 0 on in the order of building, -1 for the scope's border. */
export interface IProblem {
  widths: Float64Array;
  heights: Float64Array;
  from: Int32Array;
  to: Int32Array;
  /** Layers and middles of an earlier layout; -1 and NaN of boxes that were not there. */
  oldLayers: Int32Array;
  oldX: Float64Array;
}

/** Which row each box is in. Edges marked in `back` close a cycle, and lead up or sideways. */
export interface ILayering {
  layers: Int32Array;
  count: number;
  back: Uint8Array;
}

/** A row is cut into several where it is wider than this, or than a share of what makes the part about square. */
const WIDE = 1200;
const SQUARE = 1.6;

/** Room that a box takes in its row beyond its own size. */
export const BOX_GAP = 24;

/** Edges by one of their ends, one after the other. */
interface IByEnd {
  start: Int32Array;
  edges: Int32Array;
}

/**
 * Gives each box a layer below those of all that it reads. What was there before stays in its layer if no edge forbids
 * it; others come as near as can be to what they are joined to most.
 */
export function layersOf(problem: IProblem): ILayering {
  const size = problem.widths.length;
  const back = backEdges(problem);
  const forward = (e: number) => !back[e] && problem.from[e] >= 0 && problem.to[e] >= 0;
  const out = byEnd(problem.from, size, forward);
  const into = byEnd(problem.to, size, forward);
  const order = topological(problem, out, into);
  const layers = new Int32Array(size);
  for (const box of order) {
    let layer = Math.max(0, problem.oldLayers[box]);
    for (let k = into.start[box]; k < into.start[box + 1]; k++) {
      layer = Math.max(layer, layers[problem.from[into.edges[k]]] + 1);
    }
    layers[box] = layer;
  }
  for (let i = size - 1; i >= 0; i--) {
    const box = order[i];
    const outs = out.start[box + 1] - out.start[box];
    const ins = into.start[box + 1] - into.start[box];
    if (problem.oldLayers[box] < 0 && outs > 0 && outs >= ins) {
      let lowest = Infinity;
      for (let k = out.start[box]; k < out.start[box + 1]; k++) {
        lowest = Math.min(lowest, layers[problem.to[out.edges[k]]] - 1);
      }
      layers[box] = lowest;
    }
  }
  return { layers, count: wrapWide(problem, layers), back };
}

/**
 * Edges that lead back: within a knot of boxes that all reach each other, those that go against the order of building.
 */
function backEdges(problem: IProblem): Uint8Array {
  const { from, to, widths } = problem;
  const back = new Uint8Array(from.length);
  if (from.every((a, e) => a < 0 || to[e] < 0 || a < to[e])) {
    return back;
  }
  const knots = knotsOf(
    problem,
    byEnd(from, widths.length, e => from[e] >= 0 && to[e] >= 0)
  );
  for (let e = 0; e < from.length; e++) {
    if (from[e] >= 0 && to[e] >= 0 && from[e] >= to[e] && knots[from[e]] === knots[to[e]]) {
      back[e] = 1;
    }
  }
  return back;
}

/** Number of the strongly connected component of each box: Tarjan's algorithm (1972), with a stack of its own. */
function knotsOf({ to, widths }: IProblem, out: IByEnd): Int32Array {
  const size = widths.length;
  const knots = new Int32Array(size).fill(-1);
  const index = new Int32Array(size).fill(-1);
  const low = new Int32Array(size);
  const next = out.start.slice();
  const waiting: number[] = [];
  const path: number[] = [];
  let count = 0;
  for (let root = 0; root < size; root++) {
    if (index[root] >= 0) {
      continue;
    }
    path.push(root);
    while (path.length > 0) {
      const box = path[path.length - 1];
      if (index[box] < 0) {
        index[box] = low[box] = count++;
        waiting.push(box);
      }
      if (next[box] < out.start[box + 1]) {
        const other = to[out.edges[next[box]++]];
        if (index[other] < 0) {
          path.push(other);
        } else if (knots[other] < 0) {
          low[box] = Math.min(low[box], index[other]);
        }
        continue;
      }
      path.pop();
      if (path.length > 0) {
        const above = path[path.length - 1];
        low[above] = Math.min(low[above], low[box]);
      }
      if (low[box] === index[box]) {
        let other: number;
        do {
          other = waiting.pop()!;
          knots[other] = box;
        } while (other !== box);
      }
    }
  }
  return knots;
}

function byEnd(ends: Int32Array, size: number, counts: (edge: number) => boolean): IByEnd {
  const start = new Int32Array(size + 1);
  for (let e = 0; e < ends.length; e++) {
    if (counts(e)) {
      start[ends[e] + 1]++;
    }
  }
  for (let i = 0; i < size; i++) {
    start[i + 1] += start[i];
  }
  const edges = new Int32Array(start[size]);
  const next = start.slice();
  for (let e = 0; e < ends.length; e++) {
    if (counts(e)) {
      edges[next[ends[e]]++] = e;
    }
  }
  return { start, edges };
}

function topological({ to, widths }: IProblem, out: IByEnd, into: IByEnd): Int32Array {
  const size = widths.length;
  const missing = new Int32Array(size);
  const order = new Int32Array(size);
  let known = 0;
  for (let i = 0; i < size; i++) {
    missing[i] = into.start[i + 1] - into.start[i];
    if (missing[i] === 0) {
      order[known++] = i;
    }
  }
  for (let i = 0; i < known; i++) {
    for (let k = out.start[order[i]]; k < out.start[order[i] + 1]; k++) {
      const box = to[out.edges[k]];
      if (--missing[box] === 0) {
        order[known++] = box;
      }
    }
  }
  return order;
}

/** Cuts rows that are too wide into rows below each other, leaves empty ones out, and gives their number. */
function wrapWide({ widths, heights, oldLayers }: IProblem, layers: Int32Array): number {
  const rows: number[][] = [];
  let area = 0;
  layers.forEach((layer, box) => {
    (rows[layer] ??= []).push(box);
    area += (widths[box] + BOX_GAP) * (heights[box] + 2 * BOX_GAP);
  });
  const most = Math.max(WIDE, SQUARE * Math.sqrt(area));
  let count = 0;
  for (const row of rows) {
    if (!row) {
      continue;
    }
    const total = row.reduce((sum, box) => sum + widths[box] + BOX_GAP, 0);
    if (total > most) {
      row.sort((a, b) => Number(oldLayers[a] < 0) - Number(oldLayers[b] < 0) || a - b); // those that were there stay
    }
    const share = total / Math.ceil(total / most);
    let used = 0;
    for (const box of row) {
      if (used > 0 && used + (widths[box] + BOX_GAP) / 2 > share) {
        count++;
        used = 0;
      }
      used += widths[box] + BOX_GAP;
      layers[box] = count;
    }
    count++;
  }
  return count;
}
