import { BoxKind } from '../../graph/types';
import { IPlacedEdge } from './picture';

/** What shapes are drawn with: a canvas, or a path of an SVG. */
export interface IPen {
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  quadraticCurveTo(cx: number, cy: number, x: number, y: number): void;
  bezierCurveTo(cx0: number, cy0: number, cx1: number, cy1: number, x: number, y: number): void;
  closePath(): void;
}

/** Shapes tell what operations are, so that colour is free for other things. */
export type Shape = 'round' | 'variable' | 'slanted' | 'pill' | 'cut' | 'scope' | 'stack';

/** The shape of a box by its kind and the role of its main operation. */
export function shapeOf(kind: BoxKind, role: string): Shape {
  if (role === 'variable' && kind !== 'series') {
    return 'variable';
  }
  if (kind === 'series') {
    return 'stack';
  }
  if (kind === 'scope') {
    return 'scope';
  }
  switch (role) {
    case 'placeholder':
      return 'slanted';
    case 'constant':
      return 'pill';
    case 'training':
      return 'cut';
    default:
      return kind === 'aside' ? 'pill' : 'round';
  }
}

/** Draws a shape's outline into the pen's current path. */
export function outline(pen: IPen, shape: Shape, x: number, y: number, w: number, h: number): void {
  const right = x + w;
  const low = y + h;
  if (shape === 'slanted') {
    const lean = Math.min(8, w / 6);
    polygon(pen, [x + lean, y, right, y, right - lean, low, x, low]);
  } else if (shape === 'cut') {
    const cut = Math.min(8, w / 4, h / 3);
    polygon(
      pen,
      [x + cut, y, right - cut, y, right, y + cut, right, low - cut, right - cut, low, x + cut, low].concat([
        x,
        low - cut,
        x,
        y + cut
      ])
    );
  } else {
    const radius = shape === 'pill' ? Math.min(h, w) / 2 : Math.min(shape === 'variable' ? 3 : 6, w / 2, h / 2);
    pen.moveTo(x + radius, y);
    pen.lineTo(right - radius, y);
    pen.quadraticCurveTo(right, y, right, y + radius);
    pen.lineTo(right, low - radius);
    pen.quadraticCurveTo(right, low, right - radius, low);
    pen.lineTo(x + radius, low);
    pen.quadraticCurveTo(x, low, x, low - radius);
    pen.lineTo(x, y + radius);
    pen.quadraticCurveTo(x, y, x + radius, y);
    pen.closePath();
  }
}

/** Lines inside a shape: a variable has a bar at each side, as memory is drawn. */
export function ornament(pen: IPen, shape: Shape, x: number, y: number, w: number, h: number): void {
  if (shape === 'variable') {
    for (const at of [x + 4, x + w - 4]) {
      pen.moveTo(at, y);
      pen.lineTo(at, y + h);
    }
  }
}

/** The smooth line through an edge's points: it leaves and enters vertically, as edges of layers do. */
export function curve(pen: IPen, points: readonly number[]): void {
  if (points.length < 4) {
    return;
  }
  pen.moveTo(points[0], points[1]);
  for (let k = 2; k + 1 < points.length; k += 2) {
    const [x0, y0, x1, y1] = [points[k - 2], points[k - 1], points[k], points[k + 1]];
    if (isStraight(x0, y0, x1, y1)) {
      pen.lineTo(x1, y1);
    } else {
      const bend = (y1 - y0) / 2;
      pen.bezierCurveTo(x0, y0 + bend, x1, y1 - bend, x1, y1);
    }
  }
}

/** The tip of an edge at its last point; doubled for a reference, through which the consumer writes: one behind the other. */
export function arrow(pen: IPen, points: readonly number[], size: number, doubled: boolean): void {
  const n = points.length;
  const down = points[n - 1] >= points[n - 3] ? 1 : -1;
  tip(pen, points[n - 2], points[n - 1], 0, down, size);
  if (doubled) {
    const [x, y, dx, dy] = before(points, 1.1 * size);
    tip(pen, x, y, dx, dy, size);
  }
}

/** A triangle with its tip at a place, in a direction of length 1. */
function tip(pen: IPen, x: number, y: number, dx: number, dy: number, size: number): void {
  const [bx, by] = [x - dx * size, y - dy * size];
  const [sx, sy] = [(dy * size) / 2, (dx * size) / 2];
  corners(pen, [x, y, bx - sx, by + sy, bx + sx, by - sy]);
}

/** Where a smooth line is so far above, or below, its end, and its direction there, of length 1. */
function before(points: readonly number[], far: number): [number, number, number, number] {
  const [x0, y0, x1, y1] = points.slice(-4);
  const down = y1 >= y0 ? 1 : -1;
  const [wide, high] = [x1 - x0, y1 - y0];
  if (Math.abs(high) <= far || isStraight(x0, y0, x1, y1)) {
    return [x1, y1 - down * far, 0, down];
  }
  let t = 0;
  for (let part = 0.5; part > 1e-4; part /= 2) {
    const next = t + part;
    if (Math.abs(high) * (1 - 1.5 * next * (1 - next) - next ** 3) > far) {
      t = next;
    }
  }
  const dx = 6 * wide * t * (1 - t);
  const dy = high * (1.5 - 3 * t + 3 * t * t);
  const length = Math.hypot(dx, dy);
  return [x0 + wide * t * t * (3 - 2 * t), y0 + high * (1.5 * t * (1 - t) + t ** 3), dx / length, dy / length];
}

/** How long the tip of an edge is that is drawn so wide. */
export function arrowSize(width: number): number {
  return 5 + width;
}

/** The ends of an edge, to be filled and so not closed: a tip at what reads it; a dot where it only crosses the border of the box around it. */
export function ends(pen: IPen, { edge, points, from, to, parent }: IPlacedEdge, width: number): void {
  const n = points.length;
  if (n < 4) {
    return;
  }
  if (to >= 0 || parent < 0) {
    arrow(pen, points, arrowSize(width), edge.kind === 'reference');
  } else {
    dot(pen, points[n - 2], points[n - 1], 1.5 + width / 2);
  }
  if (from < 0 && parent >= 0) {
    dot(pen, points[0], points[1], 1.5 + width / 2);
  }
}

/** Whether the smooth line through an edge's points meets an area. */
export function touches(points: readonly number[], left: number, top: number, right: number, low: number): boolean {
  for (let k = 2; k + 1 < points.length; k += 2) {
    const [ax, ay, bx, by] = [points[k - 2], points[k - 1], points[k], points[k + 1]];
    const beside = Math.max(ax, bx) < left || Math.min(ax, bx) > right;
    if (beside || Math.max(ay, by) < top || Math.min(ay, by) > low) {
      continue;
    }
    if (isStraight(ax, ay, bx, by)) {
      return true;
    }
    // Both coordinates only grow or only fall along the curve: the part between top and low is seen between its ends' x.
    const [from, to] = [timeAt((top - ay) / (by - ay)), timeAt((low - ay) / (by - ay))];
    const [x0, x1] = [ax + (bx - ax) * eased(from), ax + (bx - ax) * eased(to)];
    if (Math.max(x0, x1) >= left && Math.min(x0, x1) <= right) {
      return true;
    }
  }
  return false;
}

const HALVINGS = 12;

/** How far sideways a curve is, as a share of its way, at a time from 0 to 1. */
function eased(t: number): number {
  return t * t * (3 - 2 * t);
}

/** The time at which a curve is so far down, as a share of its way. */
function timeAt(share: number): number {
  let [from, to] = [0, 1];
  for (let k = 0; k < HALVINGS; k++) {
    const t = (from + to) / 2;
    if (t * (1.5 + t * (t - 1.5)) < share) {
      from = t;
    } else {
      to = t;
    }
  }
  return share <= 0 ? 0 : share >= 1 ? 1 : (from + to) / 2;
}

function isStraight(x0: number, y0: number, x1: number, y1: number): boolean {
  return Math.abs(x1 - x0) < 0.5 || Math.abs(y1 - y0) < 0.5;
}

function dot(pen: IPen, x: number, y: number, radius: number): void {
  const [left, right, top, low] = [x - radius, x + radius, y - radius, y + radius];
  pen.moveTo(x, top);
  pen.quadraticCurveTo(right, top, right, y);
  pen.quadraticCurveTo(right, low, x, low);
  pen.quadraticCurveTo(left, low, left, y);
  pen.quadraticCurveTo(left, top, x, top);
}

/** How wide an edge is drawn: it grows with the logarithm of the bytes that go along it. */
export function edgeWidth(bytes: number): number {
  return bytes > 0 ? Math.min(6, 1 + Math.max(0, Math.log10(bytes) - 2) * 0.7) : 1;
}

function polygon(pen: IPen, places: readonly number[]): void {
  corners(pen, places);
  pen.closePath();
}

function corners(pen: IPen, places: readonly number[]): void {
  pen.moveTo(places[0], places[1]);
  for (let k = 2; k + 1 < places.length; k += 2) {
    pen.lineTo(places[k], places[k + 1]);
  }
}

/** Writes a path of an SVG. */
export class PathPen implements IPen {
  moveTo(x: number, y: number): void {
    this._add('M', x, y);
  }
  lineTo(x: number, y: number): void {
    this._add('L', x, y);
  }
  quadraticCurveTo(cx: number, cy: number, x: number, y: number): void {
    this._add('Q', cx, cy, x, y);
  }
  bezierCurveTo(cx0: number, cy0: number, cx1: number, cy1: number, x: number, y: number): void {
    this._add('C', cx0, cy0, cx1, cy1, x, y);
  }
  closePath(): void {
    this._parts.push('Z');
  }
  toString(): string {
    return this._parts.join('');
  }

  private _add(command: string, ...numbers: number[]): void {
    this._parts.push(command + numbers.map(n => Math.round(n * 100) / 100).join(' '));
  }

  private _parts: string[] = [];
}
