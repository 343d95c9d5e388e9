import { Work } from '../../graph/pieces';
import { Measure } from '../../graph/sizes';
import { Picture, TITLE } from './picture';
import { arrowSize, edgeWidth, touches } from './shapes';

/** Pixels of the shapes that are written beside edges. */
export const SHAPE_SIZE = 9;

/** So many edges are looked at between two yields. */
const LABELS = 32;

/** Half of a line's height, and the room around a text. */
const HALF = 5;
const ROOM = 2;

/** The same shape of what one box gives is written once within so many pixels. */
const NEAR = 100;

/** Texts in a part of the picture so large are looked at together. */
const CELL = 64;

/** Where the shape that goes along an edge is written: from x to the right, y in the middle. */
export interface ILabel {
  x: number;
  y: number;
  width: number;
}

interface IArea {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

/**
 * Finds places for the shapes that go along edges, by index of the edge: beside the tip, else beside the start, where there is
 * no box, line or other text, nor an edge of another shape that meets this one there. Where there is no room nothing is
 * written: the card tells all.
 */
export function* labelSteps(picture: Picture, measure: Measure): Work<ReadonlyMap<number, ILabel>> {
  const labels = new Map<number, ILabel>();
  const taken = new Map<string, IArea[]>();
  const written = new Map<string, ILabel[]>();
  const alike = sharedEnds(picture);
  for (let at = 0; at < picture.edges.length; at++) {
    if (at % LABELS === 0) {
      yield;
    }
    const { edge, from, parent } = picture.edges[at];
    if (edge.label === '') {
      continue;
    }
    const width = Math.ceil(measure(edge.label, SHAPE_SIZE));
    const same = written.get(`${parent} ${from} ${edge.label}`) ?? [];
    written.set(`${parent} ${from} ${edge.label}`, same);
    for (const { x, y } of candidates(picture, at, width, alike)) {
      const area = { x0: x - ROOM, y0: y - HALF, x1: x + width + ROOM, y1: y + HALF };
      if (same.some(other => Math.abs(other.x - x) < NEAR && Math.abs(other.y - y) < NEAR)) {
        break;
      }
      if (isFree(picture, area, taken)) {
        labels.set(at, { x, y, width });
        same.push({ x, y, width });
        cellsOf(area).forEach(cell => {
          const known = taken.get(cell);
          if (known) {
            known.push(area);
          } else {
            taken.set(cell, [area]);
          }
        });
        break;
      }
    }
  }
  return labels;
}

/** The shape that goes along all edges that begin, or end, at a place; null where several go along them. */
function sharedEnds(picture: Picture): Map<string, string | null> {
  const shapes = new Map<string, string | null>();
  for (const { edge, points } of picture.edges) {
    for (const place of endsOf(points)) {
      const known = shapes.get(place);
      shapes.set(place, known === undefined || known === edge.label ? edge.label : null);
    }
  }
  return shapes;
}

/** Where an edge begins and where it ends, to a pixel. */
function endsOf(points: readonly number[]): [string, string] {
  const [x0, y0, x1, y1] = [...points.slice(0, 2), ...points.slice(-2)].map(Math.round);
  return [`from ${x0} ${y0}`, `to ${x1} ${y1}`];
}

function candidates(
  picture: Picture,
  at: number,
  width: number,
  alike: ReadonlyMap<string, string | null>
): { x: number; y: number }[] {
  const { edge, points, to } = picture.edges[at];
  const wide = edgeWidth(edge.bytes);
  const off = wide / 2 + 4;
  const n = points.length;
  const [begins, ends] = endsOf(points).map(place => alike.get(place) === edge.label);
  const tip = points[n - 1] - (to >= 0 ? arrowSize(wide) + 1 : 2) - HALF;
  const start = points[1] + 3 + HALF;
  return [
    ...(ends ? [points[n - 2] + off, points[n - 2] - off - width] : []).map(x => ({ x, y: tip })),
    ...(begins ? [points[0] + off, points[0] - off - width] : []).map(x => ({ x, y: start }))
  ];
}

function isFree(picture: Picture, area: IArea, taken: ReadonlyMap<string, readonly IArea[]>): boolean {
  const { x0, y0, x1, y1 } = area;
  const meets = (other: IArea) => x0 < other.x1 && x1 > other.x0 && y0 < other.y1 && y1 > other.y0;
  if (cellsOf(area).some(cell => taken.get(cell)?.some(meets))) {
    return false;
  }
  for (const index of picture.boxesIn(x0, y0, x1, y1)) {
    const { box, x, y, w, h } = picture.boxes[index];
    const inside = box.open && x0 > x && x1 < x + w && y0 > y + TITLE && y1 < y + h;
    if (!inside) {
      return false;
    }
  }
  return !picture.edgesIn(x0, y0, x1, y1).some(edge => touches(picture.edges[edge].points, x0, y0, x1, y1));
}

function cellsOf({ x0, y0, x1, y1 }: IArea): string[] {
  const cells: string[] = [];
  for (let i = Math.floor(x0 / CELL); i <= Math.floor(x1 / CELL); i++) {
    for (let j = Math.floor(y0 / CELL); j <= Math.floor(y1 / CELL); j++) {
      cells.push(`${i},${j}`);
    }
  }
  return cells;
}
