import { IProblem, layersOf } from './layers';
import { arrange } from './order';
import { IPacked, ISize, IStood, pack, PART_GAP, repack, SHELF_GAP } from './pack';
import { placeRows } from './place';
import { IPartLayout, route, simplified } from './routes';
import { ILayoutRequest, ILayoutResult } from './types';

/** At the upper and lower border, where edges come in or leave. */
const BORDER = 16;
/** At the left and right, for edges that pass other parts on their way to the border. */
const LANE = 14;

/** What stood alone, no farther than this beside what it is joined to later, stays there. */
const NEAR = 100;

/**
 * Where boxes take less than this part of the picture, as when something large between them was closed, it is laid out
 * anew, and where that makes it so many times smaller nothing stays in its place. Scopes of more boxes are spared it.
 */
const SPARSE = 3;
const STRETCHED = 3;
const SPARED = 2000;

/** What a layout that was given up throws. */
export const CANCELLED = 'cancelled';

/** A connected part of a scope: places in the request's lists. */
interface IPart {
  boxes: number[];
  edges: number[];
}

/**
 * Lays out one scope from top to bottom, after Sugiyama, Tagawa and Toda (1981): layers, order within them, places,
 * lines. Connected parts are laid out by themselves and put on shelves. The same request gives the same result.
 */
export function layout(request: ILayoutRequest, cancelled?: () => boolean): ILayoutResult {
  const work = steps(request);
  for (;;) {
    const step = work.next();
    if (step.done) {
      return step.value;
    }
    if (cancelled?.()) {
      throw new Error(CANCELLED);
    }
  }
}

/** The same, a piece at a time, for those who have other things to do. */
export function* steps(request: ILayoutRequest): Generator<void, ILayoutResult> {
  const sizes = request.boxes.map(sizeOf);
  const ends = endsOf(request);
  const parts = partsOf(sizes.length, ends);
  yield;
  const done: IPartLayout[] = [];
  const layers = new Int32Array(sizes.length).fill(-1);
  const places = new Int32Array(sizes.length);
  for (const part of parts) {
    part.boxes.forEach((box, i) => (places[box] = i));
    const problem = problemOf(request, part, sizes, ends, places);
    const layering = layersOf(problem);
    const order = yield* arrange(problem, layering);
    const middles = yield* placeRows(order, part.boxes.length, problem.oldX);
    done.push(route(problem, layering, order, middles));
    if (part.boxes.length > 1) {
      part.boxes.forEach((box, i) => (layers[box] = layering.layers[i]));
    }
    yield;
  }
  const found = assemble(request, parts, done, ends, layers);
  if (request.before && sizes.length <= SPARED && area(found) > SPARSE * boxArea(sizes)) {
    const anew = yield* steps({ ...request, before: undefined });
    return area(found) > STRETCHED * area(anew) ? anew : found;
  }
  return found;
}

function area({ width, height }: ISize): number {
  return width * height;
}

/** Room that boxes take with what lies between them. */
function boxArea(sizes: readonly ISize[]): number {
  return sizes.reduce((sum, { width, height }) => sum + (width + PART_GAP) * (height + SHELF_GAP), 0);
}

/** Boxes in rows in their order, and straight lines: what is shown where a layout takes too long. */
export function grid(request: ILayoutRequest): ILayoutResult {
  const sizes = request.boxes.map(sizeOf);
  const packed = pack(sizes);
  const { from, to } = endsOf(request);
  const [above, below] = [from.includes(-1) ? BORDER : 0, to.includes(-1) ? BORDER : 0];
  const height = packed.height + above + below;
  const result: ILayoutResult = { scope: request.scope, width: packed.width, height, boxes: {}, edges: {} };
  request.boxes.forEach(({ id }, i) => {
    result.boxes[id] = { x: packed.spots[i].x, y: packed.spots[i].y + above, layer: -1 };
  });
  const middle = (i: number) => packed.spots[i].x + sizes[i].width / 2;
  request.edges.forEach(({ id }, e) => {
    const [a, b] = [from[e], to[e]];
    const start = a >= 0 ? [middle(a), packed.spots[a].y + above + sizes[a].height] : b >= 0 ? [middle(b), 0] : [];
    const end = b >= 0 ? [middle(b), packed.spots[b].y + above] : a >= 0 ? [middle(a), height] : [];
    result.edges[id] = a < -1 || b < -1 ? [] : [...start, ...end];
  });
  return result;
}

function sizeOf({ width, height }: ISize): ISize {
  const sound = (n: number, otherwise: number) => (Number.isFinite(n) && n > 0 ? n : otherwise);
  return { width: sound(width, 60), height: sound(height, 28) };
}

/** Edges' ends as places in the list of boxes: -1 for the border, -2 where there is no such box. */
function endsOf({ boxes, edges }: ILayoutRequest): { from: Int32Array; to: Int32Array } {
  const places = new Map(boxes.map(({ id }, i) => [id, i]));
  places.set('', -1);
  return {
    from: Int32Array.from(edges, ({ from }) => places.get(from) ?? -2),
    to: Int32Array.from(edges, ({ to }) => places.get(to) ?? -2)
  };
}

/** Connected parts; those of several boxes first, each kind in the order of building. */
function partsOf(size: number, { from, to }: { from: Int32Array; to: Int32Array }): IPart[] {
  const roots = Int32Array.from({ length: size }, (_, i) => i);
  const rootOf = (box: number) => {
    while (roots[box] !== box) {
      roots[box] = roots[roots[box]];
      box = roots[box];
    }
    return box;
  };
  for (let e = 0; e < from.length; e++) {
    if (from[e] >= 0 && to[e] >= 0) {
      const [a, b] = [rootOf(from[e]), rootOf(to[e])];
      roots[Math.max(a, b)] = Math.min(a, b);
    }
  }
  const parts = new Map<number, IPart>();
  for (let i = 0; i < size; i++) {
    const part = parts.get(rootOf(i));
    if (part) {
      part.boxes.push(i);
    } else {
      parts.set(rootOf(i), { boxes: [i], edges: [] });
    }
  }
  for (let e = 0; e < from.length; e++) {
    const end = Math.max(from[e], to[e]);
    if (end >= 0 && from[e] > -2 && to[e] > -2) {
      parts.get(rootOf(end))!.edges.push(e);
    }
  }
  const all = [...parts.values()];
  return [...all.filter(part => part.boxes.length > 1), ...all.filter(part => part.boxes.length === 1)];
}

function problemOf(
  request: ILayoutRequest,
  { boxes, edges }: IPart,
  sizes: readonly ISize[],
  ends: { from: Int32Array; to: Int32Array },
  places: Int32Array
): IProblem {
  const local = (place: number) => (place < 0 ? -1 : places[place]);
  const known = request.before?.boxes;
  const stood = boxes.map(box => (boxes.length > 1 ? known?.[request.boxes[box].id] : undefined));
  // What stood alone has no place in the rows yet; nor need boxes keep layers that were left by others.
  const before = stood.map(place => (place && place.layer >= 0 ? place : undefined));
  const [left, right] = before.reduce(
    ([least, most], place, i) =>
      place ? [Math.min(least, place.x), Math.max(most, place.x + sizes[boxes[i]].width)] : [least, most],
    [Infinity, -Infinity]
  );
  // But it stays where it was sideways if that was near what it is joined to now.
  const near = stood.map(place => (place && place.x > left - NEAR && place.x < right + NEAR ? place : undefined));
  const used = [...new Set(before.flatMap(place => (place ? [place.layer] : [])))].sort((a, b) => a - b);
  const ranks = new Map(used.map((layer, rank) => [layer, rank]));
  return {
    widths: Float64Array.from(boxes, box => sizes[box].width),
    heights: Float64Array.from(boxes, box => sizes[box].height),
    from: Int32Array.from(edges, e => local(ends.from[e])),
    to: Int32Array.from(edges, e => local(ends.to[e])),
    oldLayers: Int32Array.from(before, place => (place ? ranks.get(place.layer)! : -1)),
    oldX: Float64Array.from(near, (place, i) => (place ? place.x + sizes[boxes[i]].width / 2 : NaN))
  };
}

/** Puts the parts together, and leads what comes in or leaves to the border. */
function assemble(
  request: ILayoutRequest,
  parts: readonly IPart[],
  done: readonly IPartLayout[],
  { from, to }: { from: Int32Array; to: Int32Array },
  layers: Int32Array
): ILayoutResult {
  const packed = repack(
    done,
    parts.map((part, i) => stoodAt(request, part, done[i]))
  );
  const top = from.includes(-1) ? BORDER : 0;
  const bottom = to.includes(-1) ? BORDER : 0;
  const last = packed.shelves.length - 1;
  const passes = (ends: Int32Array, shelf: number) =>
    parts.some((part, i) => packed.spots[i].shelf !== shelf && part.edges.some(e => ends[e] < 0));
  const [left, right] = [passes(from, 0) ? LANE : 0, passes(to, last) ? LANE : 0];
  const result: ILayoutResult = {
    scope: request.scope,
    width: left + packed.width + right,
    height: top + packed.height + bottom,
    boxes: {},
    edges: {}
  };
  parts.forEach((part, i) => {
    const { x, y } = packed.spots[i];
    part.boxes.forEach((box, k) => {
      result.boxes[request.boxes[box].id] = {
        x: left + x + done[i].left[k],
        y: top + y + done[i].top[k],
        layer: layers[box]
      };
    });
    part.edges.forEach((e, k) => {
      const line = done[i].edges[k].map((n, at) => n + (at % 2 === 0 ? left + x : top + y));
      const ends = { enters: from[e] < 0, leaves: to[e] < 0 };
      result.edges[request.edges[e].id] = toBorder(line, ends, result, packed, i, top);
    });
  });
  for (const { id } of request.edges) {
    result.edges[id] ??= [];
  }
  return result;
}

/** Where most of a part stood, or null where it is new. Of boxes that stood alone before they were joined, the first counts. */
function stoodAt({ boxes, before }: ILayoutRequest, part: IPart, { left, top }: IPartLayout): IStood | null {
  const all = part.boxes.flatMap((box, k) => {
    const place = before?.boxes[boxes[box].id];
    return place ? [{ x: place.x - left[k], y: place.y - top[k], top: place.y, layer: place.layer }] : [];
  });
  const joined = all.filter(({ layer }) => layer >= 0);
  const known = part.boxes.length > 1 && joined.length > 0 ? joined : all.slice(0, 1);
  if (known.length === 0) {
    return null;
  }
  const middle = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1];
  return {
    x: middle(known.map(({ x }) => x)),
    y: middle(known.map(({ y }) => y)),
    top: known.reduce((least, place) => Math.min(least, place.top), Infinity),
    weight: known.length
  };
}

/** Leads an edge on from its part to the border: straight, or between the shelves to the side and along it. */
function toBorder(
  line: number[],
  { enters, leaves }: { enters: boolean; leaves: boolean },
  { width, height }: ISize,
  { spots, shelves }: IPacked,
  part: number,
  top: number
): number[] {
  const { shelf } = spots[part];
  let found = line;
  if (enters) {
    const turn = top + shelves[shelf].top - SHELF_GAP / 2;
    found = shelf === 0 ? [found[0], 0, ...found] : [LANE / 2, 0, LANE / 2, turn, found[0], turn, ...found];
  }
  if (leaves) {
    const [side, x] = [width - LANE / 2, found[found.length - 2]];
    const turn = top + shelves[shelf].bottom + SHELF_GAP / 2;
    found = [...found, ...(shelf === shelves.length - 1 ? [] : [x, turn, side, turn, side, height])];
    if (shelf === shelves.length - 1) {
      found.push(x, height);
    }
  }
  return simplified(found);
}
