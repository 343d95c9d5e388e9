import { IPlaced, Picture } from './picture';

export type Direction = 'up' | 'down' | 'left' | 'right';

/**
 * The box that an arrow key leads to: up to an input, down to a consumer, aside to a neighbour in the same row, and where there is
 * none of these to the nearest box in that direction. Down enters an open box, and up leaves it where nothing inside is read. From
 * no box it leads to one in sight. Index, or -1 where there is nothing.
 */
export function neighbour(
  picture: Picture,
  at: number,
  direction: Direction,
  inSight: (placed: IPlaced) => boolean = () => true
): number {
  const { boxes } = picture;
  if (boxes.length === 0) {
    return -1;
  }
  if (at < 0 || at >= boxes.length) {
    return start(picture, inSight);
  }
  const joined =
    direction === 'left' || direction === 'right' ? beside(picture, at, direction) : along(picture, at, direction);
  return joined >= 0 ? joined : ahead(picture, at, direction);
}

/** The box that edges lead to, or that is entered or left; -1 where there is none. */
function along(picture: Picture, at: number, direction: 'up' | 'down'): number {
  const { boxes } = picture;
  if (direction === 'down' && boxes[at].box.open) {
    const inner = first(picture, inside(picture, at));
    if (inner >= 0) {
      return inner;
    }
  }
  const end = direction === 'down' ? 'to' : 'from';
  const start = direction === 'down' ? 'from' : 'to';
  for (let here = at; here >= 0; here = boxes[here].parent) {
    const ends = picture
      .edgesOf(here)
      .map(k => picture.edges[k])
      .filter(edge => edge[start] === here && edge[end] >= 0 && edge[end] !== here)
      .map(edge => edge[end]);
    if (ends.length > 0) {
      return nearest(picture, at, ends);
    }
    if (direction === 'up') {
      return boxes[here].parent;
    }
  }
  return -1;
}

/** Where a walk begins: at the top and in sight, in the largest part that edges join there. */
function start(picture: Picture, inSight: (placed: IPlaced) => boolean): number {
  const top = inside(picture, -1);
  const seen = top.filter(at => inSight(picture.boxes[at]));
  const parts = partsOf(picture, seen.length > 0 ? seen : top);
  return first(
    picture,
    parts.reduce((most, part) => (part.length > most.length ? part : most))
  );
}

/** Boxes of one scope in the parts that edges between them join. */
function partsOf(picture: Picture, among: readonly number[]): number[][] {
  const left = new Set(among);
  const parts: number[][] = [];
  for (const at of among) {
    const part = left.delete(at) ? [at] : [];
    for (const here of part) {
      for (const k of picture.edgesOf(here)) {
        const { from, to } = picture.edges[k];
        part.push(...[from, to].filter(end => left.delete(end)));
      }
    }
    parts.push(part);
  }
  return parts;
}

function inside(picture: Picture, parent: number): number[] {
  return picture.boxes.flatMap((placed, at) => (placed.parent === parent ? [at] : []));
}

/** Of some boxes that which is read first, or -1. */
function first({ boxes }: Picture, among: readonly number[]): number {
  return among.reduce((best, at) => {
    const [placed, than] = [boxes[at], boxes[best]];
    return !than || placed.layer < than.layer || (placed.layer === than.layer && placed.x < than.x) ? at : best;
  }, -1);
}

function beside(picture: Picture, at: number, direction: 'left' | 'right'): number {
  const here = picture.boxes[at];
  const sign = direction === 'right' ? 1 : -1;
  let best = -1;
  picture.boxes.forEach((placed, k) => {
    const ahead = (placed.x - here.x) * sign > 0;
    if (ahead && placed.parent === here.parent && placed.layer === here.layer) {
      if (best < 0 || (placed.x - picture.boxes[best].x) * sign < 0) {
        best = k;
      }
    }
  });
  return best;
}

/**
 * The nearest box that lies wholly on one side, of those in the same scope, or else in the scopes around it; or -1. To the left and
 * right it lies straight beside, but from a box without edges: steps aside must not lead up and down along the edges.
 */
function ahead(picture: Picture, at: number, direction: Direction): number {
  const { boxes } = picture;
  const gap = (from: number, size: number, to: number, width: number) => Math.max(to - from - size, from - to - width);
  const across = direction === 'left' || direction === 'right';
  const sign = direction === 'right' || direction === 'down' ? 1 : -1;
  const most = across && picture.edgesOf(at).length > 0 ? 0 : Infinity;
  for (let here = at; here >= 0; here = boxes[here].parent) {
    const { x, y, w, h, parent } = boxes[here];
    let [best, least] = [-1, Infinity];
    boxes.forEach((placed, k) => {
      const sides = gap(x, w, placed.x, placed.w);
      const rows = gap(y, h, placed.y, placed.h);
      const [far, aside] = across ? [sides, rows] : [rows, sides];
      const beyond = (across ? placed.x - x : placed.y - y) * sign > 0;
      // What lies straight ahead comes before what is nearer but aside.
      const distance = far + 2 * Math.max(0, aside);
      if (placed.parent === parent && beyond && far >= 0 && aside <= most && distance < least) {
        [best, least] = [k, distance];
      }
    });
    if (best >= 0) {
      return best;
    }
  }
  return -1;
}

function nearest(picture: Picture, at: number, among: readonly number[]): number {
  const here = picture.boxes[at];
  const distance = (k: number) => {
    const there = picture.boxes[k];
    return Math.hypot(there.x + there.w / 2 - here.x - here.w / 2, there.y - here.y);
  };
  return among.reduce((best, k) => (distance(k) < distance(best) ? k : best));
}
