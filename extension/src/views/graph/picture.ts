import Flatbush from 'flatbush';
import { PIECE, Work } from '../../graph/pieces';
import { ILayoutResult, IScene, ISceneBox, ISceneEdge } from '../../graph/types';
import { IRect } from './camera';

/** Room around an open box's contents, and the height of its title bar. */
export const PAD = 10;
export const TITLE = 24;
/** Side of the square at a box's upper left that opens and closes it. */
export const TOGGLE = 22;
/** How far the sheets behind a folded series stand out. */
export const SHEETS = 6;

/** A box of the scene at its place in the whole picture. */
export interface IPlaced extends IRect {
  id: string;
  box: ISceneBox;
  /** Index of the box around it, or -1. */
  parent: number;
  depth: number;
  /** Its row within the box around it. */
  layer: number;
}

/** An edge with its points in the whole picture. */
export interface IPlacedEdge {
  edge: ISceneEdge;
  /** Indices of the boxes at its ends, or -1 where it ends at the border of the box around it. */
  from: number;
  to: number;
  /** Index of the box around it, or -1. */
  parent: number;
  depth: number;
  /** [x0, y0, x1, y1, ...] */
  points: number[];
}

/** The size of an open box around its laid out contents. */
export function outerSize(box: ISceneBox, inner: ILayoutResult): { width: number; height: number } {
  return {
    width: Math.max(inner.width + 2 * PAD, box.width + TOGGLE),
    height: inner.height + TITLE + 2 * PAD
  };
}

/** Whether a box can be opened and closed. */
export function opens(box: ISceneBox): boolean {
  return box.open || box.kind === 'scope' || box.kind === 'series';
}

/** Whether nothing is open of what was. */
export function allClosed(before: Picture, after: Picture): boolean {
  const anyOpen = ({ boxes }: Picture) => boxes.some(({ box }) => box.open);
  return anyOpen(before) && !anyOpen(after);
}

/**
 * A scene with places: all boxes in one coordinate system, those outside before those inside, with indices that find what is at
 * a point or in a part of it.
 */
export class Picture {
  private constructor(
    readonly scene: IScene,
    readonly boxes: readonly IPlaced[],
    readonly edges: readonly IPlacedEdge[],
    readonly width: number,
    readonly height: number
  ) {}

  /** A picture, made a piece at a time. */
  static *steps(
    scene: IScene,
    boxes: readonly IPlaced[],
    edges: readonly IPlacedEdge[],
    width: number,
    height: number
  ): Work<Picture> {
    const picture = new Picture(scene, boxes, edges, width, height);
    yield* picture._index();
    return picture;
  }

  get rect(): IRect {
    return { x: 0, y: 0, w: this.width, h: this.height };
  }

  /** Index of the box of an id, or -1. */
  index(id: string): number {
    return this._byId.get(id) ?? -1;
  }

  /** Indices of the edges that begin or end at a box. */
  edgesOf(at: number): readonly number[] {
    return this._edgesOf.get(at) ?? [];
  }

  /** Index of the innermost box at a point, or -1. */
  hit(x: number, y: number): number {
    // Boxes inside come after those around them.
    return (this._boxTree?.search(x, y, x, y) ?? []).reduce((last, at) => Math.max(last, at), -1);
  }

  /** Indices of the boxes in a part of the picture, those outside first. */
  boxesIn(x0: number, y0: number, x1: number, y1: number): number[] {
    return (this._boxTree?.search(x0, y0, x1, y1) ?? []).sort((a, b) => a - b);
  }

  edgesIn(x0: number, y0: number, x1: number, y1: number): number[] {
    return (this._edgeTree?.search(x0, y0, x1, y1) ?? []).sort((a, b) => a - b);
  }

  /**
   * Of edges that come in at one point, all but one: that which ranks highest, or else is the widest. One tip is enough there,
   * where several of different sizes would cover each other.
   */
  tipless(ids: Iterable<number>, rank: (at: number) => number = () => 0): Set<number> {
    const left = new Set<number>();
    const best = new Map<number, number>();
    const wider = (one: number, other: number) => this.edges[one].edge.bytes - this.edges[other].edge.bytes;
    for (const at of ids) {
      const bundle = this._bundles.get(at);
      if (bundle === undefined) {
        continue;
      }
      const before = best.get(bundle);
      if (before === undefined) {
        best.set(bundle, at);
      } else if ((rank(at) - rank(before) || wider(at, before)) > 0) {
        best.set(bundle, at);
        left.add(before);
      } else {
        left.add(at);
      }
    }
    return left;
  }

  private *_index(): Work<void> {
    const { boxes, edges } = this;
    yield* inPieces(boxes, (placed, at) => this._byId.set(placed.id, at));
    yield* inPieces(edges, (placed, at) => {
      for (const end of placed.from === placed.to ? [placed.to] : [placed.from, placed.to]) {
        const known = this._edgesOf.get(end);
        if (known) {
          known.push(at);
        } else if (end >= 0) {
          this._edgesOf.set(end, [at]);
        }
      }
    });
    const ends = new Map<string, number>();
    yield* inPieces(edges, ({ to, points }, at) => {
      const end = `${to},${points[points.length - 2]},${points[points.length - 1]}`;
      const first = ends.get(end);
      if (to >= 0 && first !== undefined) {
        this._bundles.set(first, first).set(at, first);
      } else if (to >= 0) {
        ends.set(end, at);
      }
    });
    this._boxTree = yield* treeOf(boxes, (add, { x, y, w, h }) => add(x, y, x + w, y + h));
    this._edgeTree = yield* treeOf(edges, (add, { points }) => {
      let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
      for (let k = 0; k + 1 < points.length; k += 2) {
        x0 = Math.min(x0, points[k]);
        x1 = Math.max(x1, points[k]);
        y0 = Math.min(y0, points[k + 1]);
        y1 = Math.max(y1, points[k + 1]);
      }
      add(x0, y0, x1, y1);
    });
  }

  private _byId = new Map<string, number>();
  /** Of edges that come in at one point of a box, the first one of them. */
  private _bundles = new Map<number, number>();
  private _edgesOf = new Map<number, number[]>();
  private _boxTree: Flatbush | null = null;
  private _edgeTree: Flatbush | null = null;
}

type Add = (x0: number, y0: number, x1: number, y1: number) => void;

function* treeOf<T>(items: readonly T[], each: (add: Add, item: T) => void): Work<Flatbush | null> {
  if (items.length === 0) {
    return null;
  }
  const tree = new Flatbush(items.length);
  const add: Add = (x0, y0, x1, y1) => tree.add(x0, y0, x1, y1);
  yield* inPieces(items, item => each(add, item));
  tree.finish();
  yield;
  return tree;
}

/** Does something with each of a list, a piece at a time, and lets the page live on at the end of it. */
function* inPieces<T>(items: readonly T[], each: (item: T, at: number) => void): Work<void> {
  for (const [at, item] of items.entries()) {
    if (at % PIECE === PIECE - 1) {
      yield;
    }
    each(item, at);
  }
  yield;
}

/**
 * Puts the layouts of all open scopes together, a piece at a time. What has no layout, or no place in one, is left out: it comes with the next
 * picture.
 */
export function* composeSteps(scene: IScene, layouts: ReadonlyMap<string, ILayoutResult>): Work<Picture> {
  const top = layouts.get('');
  const boxes: IPlaced[] = [];
  const edges: IPlacedEdge[] = [];
  let scopes = [{ scope: '', parent: -1, depth: 0, x: 0, y: 0 }];
  // One depth after the other, so that a box is always behind what it contains.
  while (scopes.length > 0) {
    const inner: typeof scopes = [];
    for (const { scope, parent, depth, x, y } of scopes) {
      const layout = layouts.get(scope);
      if (!layout) {
        continue;
      }
      const here = new Map<string, number>();
      for (const id of scene.contents(scope)) {
        if (boxes.length % PIECE === PIECE - 1) {
          yield;
        }
        const box = scene.boxes.get(id);
        const place = layout.boxes[id];
        if (!box || !place) {
          continue;
        }
        const contents = box.open ? layouts.get(id) : undefined;
        const size = contents ? outerSize(box, contents) : box;
        const placed = { x: x + place.x, y: y + place.y, w: size.width, h: size.height };
        here.set(id, boxes.length);
        if (contents) {
          inner.push({
            scope: id,
            parent: boxes.length,
            depth: depth + 1,
            x: placed.x + (size.width - contents.width) / 2,
            y: placed.y + TITLE + PAD
          });
        }
        boxes.push({ ...placed, id, box, parent, depth, layer: place.layer });
      }
      yield;
      for (const edge of scene.edges(scope)) {
        if (edges.length % PIECE === PIECE - 1) {
          yield;
        }
        const line = layout.edges[edge.id];
        if (!line || line.length < 4) {
          continue;
        }
        const points = line.map((value, k) => value + (k % 2 === 0 ? x : y));
        if (edge.from === '' && parent >= 0) {
          points.unshift(points[0], points[1] - PAD);
        }
        if (edge.to === '' && parent >= 0) {
          points.push(points[points.length - 2], points[points.length - 1] + PAD);
        }
        // A folded series has sheets behind it, whose border is met first.
        const end = boxes[here.get(edge.to) ?? -1]?.box;
        if (end?.kind === 'series' && !end.open) {
          points[points.length - 1] -= SHEETS;
        }
        edges.push({ edge, from: here.get(edge.from) ?? -1, to: here.get(edge.to) ?? -1, parent, depth, points });
      }
    }
    scopes = inner;
  }
  return yield* Picture.steps(scene, boxes, edges, top?.width ?? 0, top?.height ?? 0);
}
