/** Room between parts side by side, and between shelves of them. */
export const PART_GAP = 32;
export const SHELF_GAP = 40;

/** The picture is made about this much as wide as high: panels are higher than wide. */
const ASPECT = 0.9;
/** Widths are rounded up to this, so that a shelf does not break elsewhere when a little is added. */
const STEP = 200;

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

export interface IPacked extends ISize {
  spots: ISpot[];
  /** Upper and lower ends of each shelf. */
  shelves: { top: number; bottom: number }[];
}

/** Puts parts on shelves in the order given; none but a part wider than all makes the picture much wider than high. */
export function pack(parts: readonly ISize[]): IPacked {
  let area = 0;
  let widest = 0;
  for (const { width, height } of parts) {
    area += (width + PART_GAP) * (height + SHELF_GAP);
    widest = Math.max(widest, width);
  }
  const most = Math.max(widest, STEP * Math.ceil(Math.sqrt(area * ASPECT) / STEP));
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
