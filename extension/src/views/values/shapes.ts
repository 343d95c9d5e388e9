import { IPictureRequest } from '../../protocol';
import { countOf, ISent } from './numbers';

/** More numbers than this are never asked for in one picture. */
export const MOST_CELLS = 16384;
/** More pictures than this are not drawn beside each other: they would be too small. */
export const MOST_TILES = 256;

/**
 * A way to look at a tensor that makes sense for its shape.
 *
 * "number", "line", "strip" (a vector as colours), "matrix" (any two dimensions), and grids of small pictures: "filters"
 * ([height, width, in, out]), "channels" and "images" of a batch ([batch, height, width, channels]), "stack" ([n, height,
 * width]), "columns" and "rows" of a matrix, folded to height and width.
 */
export type Kind =
  'number' | 'line' | 'strip' | 'matrix' | 'filters' | 'channels' | 'images' | 'stack' | 'columns' | 'rows';

/** Small pictures cut out of a tensor. */
export interface ITiling {
  /** The dimension that counts the pictures. */
  axis: number;
  /** Dimensions of a picture: two, or one that is folded to `height` times `width`. */
  inside: number[];
  /** The dimension that is red, green and blue where it may be shown so, else -1. */
  color: number;
  height: number;
  width: number;
  count: number;
}

export interface IRepresentation {
  kind: Kind;
  tiling: ITiling | null;
}

/** What the user chose, of which a representation uses what it needs. */
export interface IChoice {
  /** Dimensions along rows and columns, of a matrix. */
  axes: number[];
  /** The place in every dimension, used where a dimension is not shown. */
  place: number[];
  /** The part of a matrix or line that is seen, from and to; null for all. */
  rows: [number, number] | null;
  columns: [number, number] | null;
  /** Show three channels as colours. */
  color: boolean;
  /** Number of the page of pictures. */
  page: number;
  /** Height of folded pictures; 0 for the most square. */
  fold: number;
}

export const NO_CHOICE: IChoice = { axes: [], place: [], rows: null, columns: null, color: true, page: 0, fold: 0 };

/** Heights that a vector of so many numbers can be folded to without becoming a strip; the most square first. */
export function foldsOf(length: number): number[] {
  const found: number[] = [];
  for (let h = 3; h <= length / 3; h++) {
    if (length % h === 0 && Math.max(h, length / h) <= 8 * Math.min(h, length / h)) {
      found.push(h);
    }
  }
  const skew = (h: number) => Math.max(h, length / h);
  return found.sort((a, b) => skew(a) - skew(b) || a - b);
}

function isSquare(n: number): boolean {
  return n >= 16 && Math.sqrt(n) % 1 === 0;
}

/** The representations that make sense for a shape; the first is shown unless the user chose. */
export function representations(shape: readonly number[], fold = 0): IRepresentation[] {
  const plain = (kind: Kind): IRepresentation => ({ kind, tiling: null });
  const count = countOf(shape);
  if (!Number.isFinite(count) || shape.some(n => n < 0)) {
    return [];
  }
  if (shape.length === 0) {
    return [plain('number')];
  }
  if (shape.length === 1) {
    return shape[0] === 1 ? [plain('number'), plain('line')] : [plain('line'), plain('strip')];
  }
  const tilings: IRepresentation[] = [];
  const add = (kind: Kind, tiling: ITiling, first = false) => {
    const cells = tiling.height * tiling.width * (tiling.color < 0 ? 1 : 3);
    if (count > 0 && cells <= MOST_CELLS && tiling.height > 1 && tiling.width > 1) {
      tilings[first ? 'unshift' : 'push']({ kind, tiling });
    }
  };
  const folded = (kind: Kind, axis: number, inside: number, first: boolean) => {
    const folds = foldsOf(shape[inside]);
    const height = folds.includes(fold) ? fold : folds[0];
    if (height) {
      const width = shape[inside] / height;
      add(kind, { axis, inside: [inside], color: -1, height, width, count: shape[axis] }, first);
    }
  };
  let picturesFirst = false;
  if (shape.length === 2) {
    folded('columns', 1, 0, false);
    folded('rows', 0, 1, isSquare(shape[1]) && !isSquare(shape[0]));
    // Hidden layers like to have 100, 256 or 1024 units, which are squares too: only MNIST's size is taken for a picture.
    picturesFirst = shape[0] === 28 * 28 && shape[1] <= MOST_TILES;
  } else if (shape.length === 3) {
    const [count, height, width] = shape;
    add('stack', { axis: 0, inside: [1, 2], color: -1, height, width, count });
  } else if (shape.length === 4) {
    const [a, b, c, d] = shape;
    const color = (n: number, axis: number) => (n === 3 ? axis : -1);
    const small = a <= 11 && b <= 11;
    add('filters', { axis: 3, inside: [0, 1], color: color(c, 2), height: a, width: b, count: d });
    if (d === 1 || d === 3) {
      add('images', { axis: 0, inside: [1, 2], color: color(d, 3), height: b, width: c, count: a }, !small);
    }
    add(
      'channels',
      { axis: 3, inside: [1, 2], color: -1, height: b, width: c, count: d },
      !small && d !== 1 && d !== 3
    );
    picturesFirst = a * b > 1;
  }
  return picturesFirst ? [...tilings, plain('matrix')] : [plain('matrix'), ...tilings];
}

/** How many pictures one answer holds. */
export function tilesPerPage(tiling: ITiling, color: boolean): number {
  const cells = tiling.height * tiling.width * (color && tiling.color >= 0 ? 3 : 1);
  return Math.max(1, Math.min(MOST_TILES, Math.floor(MOST_CELLS / cells)));
}

/** Axes that exist and differ: the chosen ones, else the last two of the shape. */
export function matrixAxes(shape: readonly number[], chosen: readonly number[]): [number, number] {
  const [row, column] = chosen;
  const fits = (axis: number | undefined) => axis !== undefined && axis >= 0 && axis < shape.length;
  if (chosen.length === 2 && row !== column && fits(row) && fits(column)) {
    return [row, column];
  }
  // Of a filter bank the small dimensions are uninteresting as a matrix: the last two are the channels.
  return [shape.length - 2, shape.length - 1];
}

function part(chosen: readonly [number, number] | null, length: number): [number, number] {
  if (!chosen) {
    return [0, length];
  }
  const from = Math.min(Math.max(0, Math.floor(chosen[0])), Math.max(0, length - 1));
  return [from, Math.min(Math.max(from + 1, Math.ceil(chosen[1])), Math.max(length, from))];
}

/** Dimensions that are not shown, for which a place is chosen. */
export function restOf(shape: readonly number[], shown: readonly number[]): number[] {
  return shape.map((_, axis) => axis).filter(axis => !shown.includes(axis));
}

/** Dimensions that a representation shows, in the order in which they are asked for. */
export function shownAxes(shape: readonly number[], way: IRepresentation, choice: IChoice): number[] {
  if (way.tiling) {
    const { axis, inside, color } = way.tiling;
    return [axis, ...inside, ...(color >= 0 && choice.color ? [color] : [])];
  }
  if (shape.length < 2) {
    return shape.map((_, axis) => axis);
  }
  return matrixAxes(shape, choice.axes);
}

/**
 * What to ask the kernel for. Pictures of a grid come one after the other, since the dimension that counts them is named first:
 * `rows` then bounds the page, and no answer is larger than the cells allow.
 */
export function requestFor(
  shape: readonly number[],
  way: IRepresentation,
  choice: IChoice
): Pick<IPictureRequest, 'axes' | 'index' | 'rows' | 'columns' | 'cells'> {
  const axes = shownAxes(shape, way, choice);
  const index = restOf(shape, axes).map(axis =>
    Math.min(Math.max(0, choice.place[axis] ?? 0), Math.max(0, shape[axis] - 1))
  );
  let rows: [number, number] = [0, 1];
  let columns: [number, number] = [0, 1];
  if (way.tiling) {
    const size = tilesPerPage(way.tiling, choice.color);
    const pages = Math.max(1, Math.ceil(way.tiling.count / size));
    const page = Math.min(Math.max(0, choice.page), pages - 1);
    rows = [page * size, Math.min((page + 1) * size, way.tiling.count)];
    columns = [0, shape[axes[1]]];
  } else if (axes.length === 1) {
    columns = part(choice.columns, shape[axes[0]]);
  } else if (axes.length === 2) {
    rows = part(choice.rows, shape[axes[0]]);
    columns = part(choice.columns, shape[axes[1]]);
  }
  return { axes, index: shape.length < 2 ? [] : index, rows, columns, cells: MOST_CELLS };
}

/** A picture of a grid. Its numbers are there row by row, a view on the answer, three for each cell of a coloured one. */
export interface ITile extends ISent {
  /** Its place along the dimension that counts the pictures. */
  number: number;
}

/** Cuts an answer into its pictures; none where it does not fit the tiling, as an answer to an older question. */
export function cutTiles({ values, exact, dtype }: ISent, first: number, tiling: ITiling, channels: 1 | 3): ITile[] {
  const size = tiling.height * tiling.width * channels;
  if (size === 0 || values.length % size !== 0) {
    return [];
  }
  return Array.from({ length: values.length / size }, (_, i) => ({
    number: first + i,
    values: values.subarray(i * size, (i + 1) * size),
    exact: exact?.subarray(i * size, (i + 1) * size),
    dtype
  }));
}
