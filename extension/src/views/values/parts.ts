import { ISent } from './numbers';

/** A part of a matrix: rows and columns, from and to. */
export interface IPart {
  rows: [number, number];
  columns: [number, number];
}

/** Numbers to draw as colours. */
export interface IGrid extends ISent {
  /** Cells of the answer; a cell stands for `block` numbers of the tensor. */
  rows: number;
  columns: number;
  /** Which part of the matrix the cells are of. */
  part: IPart;
  /** The whole matrix's dimensions. */
  shape: [number, number];
  block: [number, number];
}

export interface ICell {
  row: number;
  column: number;
}

/** The part that is left when zooming by a factor about a place; whole numbers, within the matrix, never empty. */
export function zoomed(part: IPart, shape: readonly [number, number], factor: number, at: [number, number]): IPart {
  const side = (from: number, to: number, length: number, center: number): [number, number] => {
    const size = Math.min(length, Math.max(1, Math.round((to - from) * factor) || 1));
    const share = to > from ? (center - from) / (to - from) : 0.5;
    // What is zoomed at stays where it is on the screen, and in sight.
    const wanted = Math.round(center - share * size);
    const seen = Math.max(Math.min(wanted, Math.floor(center)), Math.floor(center) - size + 1);
    const start = Math.min(Math.max(0, seen), length - size);
    return [start, start + size];
  };
  return {
    rows: side(part.rows[0], part.rows[1], shape[0], at[0]),
    columns: side(part.columns[0], part.columns[1], shape[1], at[1])
  };
}

/** A part moved by some numbers, stopped at the matrix's borders. */
export function moved(part: IPart, shape: readonly [number, number], rows: number, columns: number): IPart {
  const side = ([from, to]: [number, number], by: number, length: number): [number, number] => {
    const start = Math.min(Math.max(0, from + by), length - (to - from));
    return [start, start + to - from];
  };
  return { rows: side(part.rows, rows, shape[0]), columns: side(part.columns, columns, shape[1]) };
}

/** The part between two places, given as shares of the part that is seen; never empty. */
export function partBetween(part: IPart, down: [number, number], right: [number, number]): IPart {
  const side = ([from, to]: [number, number], [a, b]: [number, number]): [number, number] => {
    const place = (share: number) => from + Math.min(Math.max(share, 0), 1) * (to - from);
    const start = Math.min(Math.floor(place(Math.min(a, b))), to - 1);
    return [start, Math.max(start + 1, Math.min(Math.ceil(place(Math.max(a, b))), to))];
  };
  return { rows: side(part.rows, down), columns: side(part.columns, right) };
}

/** Where in a matrix, of which a part fills a box, a place is. */
export function placeIn(
  part: IPart,
  box: { x: number; y: number; width: number; height: number },
  x: number,
  y: number
): [row: number, column: number] {
  const side = ([from, to]: [number, number], share: number) => from + share * (to - from);
  return [side(part.rows, (y - box.y) / box.height), side(part.columns, (x - box.x) / box.width)];
}

/** The mouse being dragged over a matrix's picture, to mark a part or to move it. */
export interface IDrag {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
  /** It went far enough to be no click. */
  zoom: boolean;
  pan: boolean;
  /** What was seen when it began. */
  part: IPart;
}
