import { ICamera } from './camera';
import { Picture } from './picture';
import { touches } from './shapes';

/** So many closed shapes make one path: browsers go through all of a path whenever a part of it is closed. */
const SHAPES = 32;
/** Of more edges than this, those are left out that only their corners bring into sight: a hub's many go everywhere. */
const EDGES = 500;
/** Room around what is in sight that rings and the sheets of series may reach into. */
const ROOM = 12;

/** The part of a picture that is in sight. */
export interface ISight {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

export function sightOf({ x, y, scale }: ICamera, width: number, height: number): ISight {
  return { x0: x - ROOM, y0: y - ROOM, x1: x + width / scale + ROOM, y1: y + height / scale + ROOM };
}

/** Of many edges, those that are really in sight. */
export function crossing(picture: Picture, edges: readonly number[], { x0, y0, x1, y1 }: ISight): readonly number[] {
  const { edges: all } = picture;
  return edges.length > EDGES ? edges.filter(at => touches(all[at].points, x0, y0, x1, y1)) : edges;
}

/** Whether the first or the last of an edge's points is in sight. */
export function endsIn(points: readonly number[], { x0, y0, x1, y1 }: ISight): boolean {
  return [0, points.length - 2].some(
    at => points[at] >= x0 && points[at] <= x1 && points[at + 1] >= y0 && points[at + 1] <= y1
  );
}

/** Draws many shapes, in paths of a few each. */
export function inParts<T>(
  context: CanvasRenderingContext2D,
  items: readonly T[],
  trace: (item: T) => void,
  draw: () => void
): void {
  for (let from = 0; from < items.length; from += SHAPES) {
    context.beginPath();
    items.slice(from, from + SHAPES).forEach(trace);
    draw();
  }
}
