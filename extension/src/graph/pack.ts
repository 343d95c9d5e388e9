import { spread } from './place';

/** Room between parts side by side, and between shelves of them. */
export const PART_GAP = 32;
export const SHELF_GAP = 40;

/** The picture is made about this much as wide as high: panels are higher than wide. */
const ASPECT = 0.9;
/** Widths are rounded up to this, so that a shelf does not break elsewhere when a little is added. */
const STEP = 200;

/** Parts stay where they stood unless the picture is then so much larger than one packed anew. */
const WASTE = 2;

export interface ISize {
  width: number;
  height: number;
}

/** Where a part comes to lie, and the shelf that it stands on. */
export interface ISpot {
  x: number;
  y: number;
  shelf: number;
}

/** Where most of a part's boxes stood: its corner, the top of its shelf, and the number of those boxes. */
export interface IStood {
  x: number;
  y: number;
  top: number;
  weight: number;
}

export interface IPacked extends ISize {
  spots: ISpot[];
  /** Upper and lower ends of each shelf. */
  shelves: { top: number; bottom: number }[];
}

/** Puts parts on shelves in the order given; none but a part wider than all makes the picture much wider than high. */
export function pack(parts: readonly ISize[]): IPacked {
  const most = widthFor(parts);
  const spots: ISpot[] = [];
  const shelves: { top: number; bottom: number }[] = [];
  let x = 0;
  let width = 0;
  for (const part of parts) {
    let shelf = shelves[shelves.length - 1];
    if (!shelf || x + part.width > most) {
      const top = shelf ? shelf.bottom + SHELF_GAP : 0;
      shelf = { top, bottom: top };
      shelves.push(shelf);
      x = 0;
    }
    spots.push({ x, y: shelf.top, shelf: shelves.length - 1 });
    shelf.bottom = Math.max(shelf.bottom, shelf.top + part.height);
    x += part.width;
    width = Math.max(width, x);
    x += PART_GAP;
  }
  return { spots, shelves, width, height: shelves.length > 0 ? shelves[shelves.length - 1].bottom : 0 };
}

/**
 * Puts parts where they stood, as near as they have room there: on the same shelves, side by side as before. The larger
 * part of what was there stays where others must move. What is new comes behind the last.
 */
export function repack(parts: readonly ISize[], stood: readonly (IStood | null)[]): IPacked {
  const known = parts.flatMap((part, i) => (stood[i] ? [{ i, part, ...stood[i] }] : []));
  const anew = pack(parts);
  if (known.length === 0) {
    return anew;
  }
  known.sort((a, b) => a.top - b.top || a.i - b.i);
  const rows: (typeof known)[] = [];
  for (const one of known) {
    const row = rows[rows.length - 1];
    if (row && one.top - row[0].top < SHELF_GAP / 2) {
      row.push(one);
    } else {
      rows.push([one]);
    }
  }
  for (const row of rows) {
    row.sort((a, b) => a.x - b.x || a.i - b.i);
    const found = spread(
      Float64Array.from(row, ({ x }) => x),
      Float64Array.from(row, ({ weight }) => weight),
      // What grew a little comes nearer before it moves what is beside it.
      Float64Array.from(row, (_, k) => (k > 0 ? row[k - 1].part.width + PART_GAP / 2 : 0))
    );
    row.forEach((one, k) => (one.x = Math.round(found[k])));
  }
  const shelves = rows.map(row => ({
    top: Math.min(...row.map(({ y }) => y)),
    bottom: Math.max(...row.map(({ y, part }) => y + part.height))
  }));
  const tops = spread(
    Float64Array.from(shelves, ({ top }) => top),
    Float64Array.from(rows, row => row.reduce((sum, { weight }) => sum + weight, 0)),
    Float64Array.from(shelves, (_, k) => (k > 0 ? shelves[k - 1].bottom - shelves[k - 1].top + SHELF_GAP : 0))
  );
  const left = known.reduce((least, { x }) => Math.min(least, x), Infinity);
  const spots: ISpot[] = new Array(parts.length);
  let width = 0;
  rows.forEach((row, shelf) => {
    const down = tops[shelf] - shelves[shelf].top - tops[0];
    for (const { i, part, x, y } of row) {
      spots[i] = { x: x - left, y: y + down, shelf };
      width = Math.max(width, x - left + part.width);
    }
    shelves[shelf] = { top: shelves[shelf].top + down, bottom: shelves[shelf].bottom + down };
  });
  const most = Math.max(width, widthFor(parts));
  const last = rows[rows.length - 1];
  let end = last.reduce((right, { x, part }) => Math.max(right, x - left + part.width), 0) + PART_GAP;
  parts.forEach((part, i) => {
    if (spots[i]) {
      return;
    }
    let shelf = shelves[shelves.length - 1];
    if (end + part.width > most) {
      shelf = { top: shelf.bottom + SHELF_GAP, bottom: shelf.bottom + SHELF_GAP };
      shelves.push(shelf);
      end = 0;
    }
    spots[i] = { x: end, y: shelf.top, shelf: shelves.length - 1 };
    shelf.bottom = Math.max(shelf.bottom, shelf.top + part.height);
    width = Math.max(width, end + part.width);
    end += part.width + PART_GAP;
  });
  const { bottom: height } = shelves[shelves.length - 1];
  return width * height > WASTE * anew.width * anew.height ? anew : { spots, shelves, width, height };
}

/** How wide parts on shelves may be together. */
function widthFor(parts: readonly ISize[]): number {
  let area = 0;
  let widest = 0;
  for (const { width, height } of parts) {
    area += (width + PART_GAP) * (height + SHELF_GAP);
    widest = Math.max(widest, width);
  }
  return Math.max(widest, STEP * Math.ceil(Math.sqrt(area * ASPECT) / STEP));
}
