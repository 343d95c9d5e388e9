import { IPictureData } from '../../model';
import { IPictureRequest } from '../../protocol';
import { exactText } from './numbers';
import { IGrid } from './parts';
import { restOf } from './shapes';

type Asked = Pick<IPictureRequest, 'axes' | 'index' | 'rows' | 'columns'>;

/**
 * Whether an answer is to what is asked now: the same dimensions, and the same page of a grid of pictures. The part of a matrix
 * and the place in other dimensions may be of a moment ago: they are drawn where they belong until the newer ones come.
 */
export function answers(data: IPictureData, asked: Asked): boolean {
  const { picture } = data;
  const same = (a: readonly number[], b: readonly number[]) => a.length === b.length && a.every((n, i) => n === b[i]);
  return same(picture.axes, asked.axes) && (asked.axes.length < 3 || same(picture.rows, asked.rows));
}

/** An answer's numbers as a grid of cells; a vector is one row. Null where there are none, or too few. */
export function gridOf(data: IPictureData): IGrid | null {
  const { picture, values } = data;
  if (!values || !picture.values) {
    return null;
  }
  const sent = picture.values.shape;
  const columns = sent.length ? sent[sent.length - 1] : 1;
  const rows = columns ? values.length / columns : 0;
  const block = picture.block;
  const vector = picture.axes.length < 2;
  const length = (axis: number) => picture.shape[picture.axes[axis]] ?? 1;
  const pair = (part: readonly number[], end: number): [number, number] =>
    part.length >= 2 ? [part[0], part[1]] : [0, end];
  return {
    values,
    exact: data.exact,
    // Truth values travel as bytes, and means of them as floats.
    dtype: picture.dtype === 'bool' && picture.values.dtype === 'uint8' ? 'bool' : picture.values.dtype,
    rows,
    columns,
    part: vector
      ? { rows: [0, 1], columns: pair(picture.columns, columns) }
      : { rows: pair(picture.rows, rows), columns: pair(picture.columns, columns) },
    shape: vector ? [1, length(0)] : [length(0), length(1)],
    block: [vector ? 1 : block[0] || 1, block[block.length - 1] || 1]
  };
}

/** The indices of a cell in the tensor, in the tensor's own order: "3, 16:20, 0". */
export function indicesOf(data: IPictureData, grid: IGrid, row: number, column: number): string {
  const { picture } = data;
  const [down, right] = grid.block;
  const place = (start: number, size: number, end: number) =>
    size === 1 ? String(start) : `${start}:${Math.min(start + size, end)}`;
  const texts = picture.shape.map(() => '');
  restOf(picture.shape, picture.axes).forEach((axis, i) => (texts[axis] = String(picture.index[i] ?? 0)));
  const across = picture.axes.length < 2 ? picture.axes[0] : picture.axes[1];
  if (picture.axes.length >= 2) {
    texts[picture.axes[0]] = place(grid.part.rows[0] + row * down, down, grid.part.rows[1]);
  }
  if (across !== undefined) {
    texts[across] = place(grid.part.columns[0] + column * right, right, grid.part.columns[1]);
  }
  return texts.join(', ');
}

/**
 * What an answer about one number says: its indices and the number with all its digits. Null where it is not about the row and
 * column of what `data` shows.
 */
export function singleOf(
  single: IPictureData | null,
  data: IPictureData,
  [row, column]: readonly [number, number]
): { indices: string; text: string } | null {
  const grid = single ? gridOf(single) : null;
  if (!single || !grid || grid.values.length !== 1) {
    return null;
  }
  const same = (a: readonly number[], b: readonly number[]) => a.length === b.length && a.every((n, i) => n === b[i]);
  const { axes, index } = single.picture;
  const right = same(axes, data.picture.axes) && same(index, data.picture.index);
  return right && grid.part.rows[0] === row && grid.part.columns[0] === column
    ? { indices: indicesOf(single, grid, 0, 0), text: exactText(grid, 0) }
    : null;
}

/** A cell of a table file; a name with commas or quotes is quoted. */
function field(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}

/** `count` numbers, of which `text` gives the words, as a table file with indices at the head of rows and columns. */
export function toCsv(
  count: number,
  columns: number,
  head: { corner: string; row: (row: number) => string; column: (column: number) => string },
  text: (at: number) => string
): string {
  const rows = columns ? Math.floor(count / columns) : 0;
  const all = Array.from({ length: columns }, (_, c) => field(head.column(c)));
  const lines = [[field(head.corner), ...all].join(',')];
  for (let r = 0; r < rows; r++) {
    const cells = Array.from({ length: columns }, (_, c) => text(r * columns + c));
    lines.push([field(head.row(r)), ...cells].join(','));
  }
  return lines.join('\n') + '\n';
}
