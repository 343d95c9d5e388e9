import { ILayering, IProblem } from './layers';
import { IPlaces } from './order';
import { spread } from './place';

/** Between two rows: room for arrow heads and a label, and more where lines would lie too flat. */
const ROW_GAP = 36;
const FLAT = 0.06;
const MOST_GAP = 84;

/** Least distance of edges' ends from a box's corners, which may be round or cut, and the usual one from each other. */
const CORNER = 14;
const PORT_GAP = 12;

/** Ways at the side, for edges that lead back up. */
const LANE_GAP = 7;
const LANES = 12;
const LANE_ROOM = 14;

const LOOP = 8;

/** How far below or above a row the way to the side turns. */
const TURN = 10;

/** A part's places and lines, from its own top left corner on. */
export interface IPartLayout {
  width: number;
  height: number;
  left: Float64Array;
  top: Float64Array;
  edges: number[][];
}

interface IPort {
  wanted: number;
  edges: number[];
}

/** Gives rows their heights, spreads the ends of edges along the borders of boxes, and draws the lines. */
export function route(problem: IProblem, layering: ILayering, places: IPlaces, middles: Float64Array): IPartLayout {
  const { widths, heights, from, to } = problem;
  const { layers, count } = layering;
  const { rows, rowOf, ways } = places;
  const size = widths.length;

  let least = Infinity;
  let most = -Infinity;
  middles.forEach((x, p) => {
    least = Math.min(least, x - places.widths[p] / 2);
    most = Math.max(most, x + places.widths[p] / 2);
  });
  const x = middles.map(middle => Math.round(middle - least));
  const left = Float64Array.from(widths, (width, box) => Math.round(middles[box] - least - width / 2));
  const width = Math.ceil(most - least);

  const lanes = new Map<number, number>();
  for (let e = 0; e < from.length; e++) {
    if (!ways[e] && from[e] !== to[e] && !lanes.has(2 * Math.max(from[e], to[e]))) {
      lanes.set(2 * Math.max(from[e], to[e]), lanes.size % LANES);
    }
  }
  const lane = (e: number) => lanes.get(2 * Math.max(from[e], to[e])) ?? 0;
  const { starts, ends } = ports(problem, places, x, left);

  // Heights: how flat the flattest line between two rows would be decides how far they are apart.
  const flat = new Float64Array(count + 1);
  const turns = new Uint8Array(count + 1);
  for (let e = 0; e < from.length; e++) {
    const way = ways[e];
    if (!way) {
      turns[from[e] < 0 ? 0 : layers[from[e]] + 1] = 1;
      turns[to[e] < 0 ? count : layers[to[e]]] = 1;
      continue;
    }
    let at = from[e] < 0 ? NaN : starts[e];
    for (let k = from[e] < 0 ? 0 : 1; k < way.length; k++) {
      const next = way[k] < size ? ends[e] : x[way[k]];
      const row = rowOf[way[k]];
      flat[row] = Math.max(flat[row], Math.abs(next - at) || 0);
      at = next;
    }
  }
  const rowTop = new Float64Array(count);
  const rowBottom = new Float64Array(count);
  let y = 0;
  for (let r = 0; r < count; r++) {
    const room = Math.min(ROW_GAP + 4 * Math.round((FLAT * flat[r]) / 4), MOST_GAP);
    y += (r === 0 ? 0 : room) + (turns[r] ? 2 * TURN : 0);
    rowTop[r] = y;
    y += rows[r].reduce((height, p) => Math.max(height, p < size ? heights[p] : 0), 0);
    rowBottom[r] = y;
  }
  const height = y + (turns[count] ? 2 * TURN : 0);
  const top = tops(problem, layers, rowTop, rowBottom);

  const edges = Array.from(from, (a, e) => {
    const b = to[e];
    if (a >= 0 && a === b) {
      return loop(starts[e], ends[e], left[a] + widths[a], top[a], heights[a]);
    }
    const line: number[] = [];
    const way = ways[e];
    const side = width + LANE_ROOM + LANE_GAP * lane(e);
    const turn = TURN + (lane(e) % 4) * 2;
    if (a < 0) {
      line.push(way ? (way[0] < size ? ends[e] : x[way[0]]) : side, 0);
    } else {
      line.push(starts[e], top[a] + heights[a], starts[e], rowBottom[layers[a]]);
      if (!way) {
        line.push(starts[e], rowBottom[layers[a]] + turn, side, rowBottom[layers[a]] + turn);
      }
    }
    for (const p of way ?? []) {
      if (p >= size) {
        line.push(x[p], rowTop[rowOf[p]], x[p], rowBottom[rowOf[p]]);
      }
    }
    if (b < 0) {
      line.push(way ? (way[way.length - 1] < size ? starts[e] : x[way[way.length - 1]]) : side, height);
    } else {
      if (!way) {
        line.push(side, rowTop[layers[b]] - turn, ends[e], rowTop[layers[b]] - turn);
      }
      line.push(ends[e], rowTop[layers[b]], ends[e], top[b]);
    }
    return simplified(line);
  });
  const sides = lanes.size === 0 ? 0 : LANE_ROOM + LANE_GAP * Math.min(lanes.size, LANES);
  return { width: width + sides, height, left, top, edges };
}

/** An edge from a box to itself, close around its right side. */
function loop(start: number, end: number, right: number, top: number, height: number): number[] {
  const [side, above, below] = [right + LOOP, top - LOOP, top + height + LOOP];
  return [start, top + height, start, below, side, below, side, above, end, above, end, top];
}

/** In a row of different heights, what only gives stands low, near its readers, and what only takes stands high. */
function tops(
  { heights, from, to }: IProblem,
  layers: Int32Array,
  rowTop: Float64Array,
  rowBottom: Float64Array
): Float64Array {
  const gives = new Uint8Array(heights.length);
  const takes = new Uint8Array(heights.length);
  for (let e = 0; e < from.length; e++) {
    gives[from[e]] = 1;
    takes[to[e]] = 1;
  }
  return heights.map((height, box) => {
    const room = rowBottom[layers[box]] - rowTop[layers[box]] - height;
    return Math.round(rowTop[layers[box]] + (room * (1 + gives[box] - takes[box])) / 2);
  });
}

/** Where edges leave at the lower borders of boxes and come in at the upper ones. */
function ports(
  { widths, from, to }: IProblem,
  { ways }: IPlaces,
  x: Float64Array,
  left: Float64Array
): { starts: Float64Array; ends: Float64Array } {
  const size = widths.length;
  const starts = new Float64Array(from.length);
  const ends = new Float64Array(from.length);
  const collect = (down: boolean): IPort[][] => {
    const found: IPort[][] = [];
    const bends = new Map<number, IPort>();
    for (let e = 0; e < from.length; e++) {
      const box = down ? from[e] : to[e];
      if (box < 0) {
        continue;
      }
      const way = ways[e];
      const next = way ? (way[down ? 1 : way.length - 2] ?? -1) : -1;
      if (next >= size) {
        const key = next * size + box;
        const known = bends.get(key);
        if (known) {
          known.edges.push(e);
          continue;
        }
      }
      let wanted = x[box];
      if (!way) {
        wanted = Infinity;
      } else if (next >= size || (next >= 0 && down)) {
        wanted = x[next];
      } else if (next >= 0) {
        wanted = starts[e];
      }
      const port = { wanted: Math.min(Math.max(wanted, left[box]), left[box] + widths[box]), edges: [e] };
      (found[box] ??= []).push(port);
      if (next >= size) {
        bends.set(next * size + box, port);
      }
    }
    return found;
  };
  for (const [down, where] of [
    [true, starts],
    [false, ends]
  ] as const) {
    collect(down).forEach((list, box) => {
      // Two edges that aim at the same box keep the order of their other ends.
      const far = (port: IPort) => (down ? to[port.edges[0]] : from[port.edges[0]]);
      list.sort((a, b) => a.wanted - b.wanted || (x[far(a)] ?? 0) - (x[far(b)] ?? 0) || a.edges[0] - b.edges[0]);
      const corner = Math.min(CORNER, widths[box] / 4);
      const room = widths[box] - 2 * corner;
      const step = Math.min(PORT_GAP, room / Math.max(1, list.length - 1));
      const found = spread(
        Float64Array.from(list, port => port.wanted),
        new Float64Array(list.length).fill(1),
        new Float64Array(list.length).fill(step)
      );
      list.forEach((port, i) => {
        const low = left[box] + corner + i * step;
        const high = left[box] + widths[box] - corner - (list.length - 1 - i) * step;
        const at = Math.round(Math.min(Math.max(found[i], low), high) * 2) / 2;
        port.edges.forEach(e => (where[e] = at));
      });
    });
  }
  return { starts, ends };
}

/** Leaves out points that add nothing: twice the same, or on a straight line between their neighbours. */
export function simplified(line: readonly number[]): number[] {
  const found: number[] = [];
  for (let i = 0; i < line.length; i += 2) {
    const [x, y] = [line[i], line[i + 1]];
    const n = found.length;
    if (n >= 2 && found[n - 2] === x && found[n - 1] === y) {
      continue;
    }
    if (n >= 4) {
      const [ax, ay, bx, by] = found.slice(n - 4);
      if (
        Math.abs((bx - ax) * (y - ay) - (by - ay) * (x - ax)) < 1e-6 &&
        (bx - ax) * (x - bx) >= 0 &&
        (by - ay) * (y - by) >= 0
      ) {
        found.splice(n - 2, 2, x, y);
        continue;
      }
    }
    found.push(x, y);
  }
  return found;
}
