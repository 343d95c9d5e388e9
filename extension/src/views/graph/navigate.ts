import { Picture } from './picture';

export type Direction = 'up' | 'down' | 'left' | 'right';

/**
 * The box that an arrow key leads to: up to an input, down to a consumer, aside to a neighbour in the same row. Down enters an
 * open box, and up leaves it where nothing inside is read. Index, or -1 where there is nothing.
 */
export function neighbour(picture: Picture, at: number, direction: Direction): number {
  const { boxes } = picture;
  if (boxes.length === 0) {
    return -1;
  }
  if (at < 0 || at >= boxes.length) {
    return first(picture, -1);
  }
  if (direction === 'left' || direction === 'right') {
    return beside(picture, at, direction);
  }
  if (direction === 'down' && boxes[at].box.open) {
    const inner = first(picture, at);
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

/** The first box inside another, or at the top: that which is read first. */
export function first(picture: Picture, parent: number): number {
  let best = -1;
  picture.boxes.forEach((placed, at) => {
    if (placed.parent === parent) {
      const than = picture.boxes[best];
      if (!than || placed.layer < than.layer || (placed.layer === than.layer && placed.x < than.x)) {
        best = at;
      }
    }
  });
  return best;
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

function nearest(picture: Picture, at: number, among: readonly number[]): number {
  const here = picture.boxes[at];
  const distance = (k: number) => {
    const there = picture.boxes[k];
    return Math.hypot(there.x + there.w / 2 - here.x - here.w / 2, there.y - here.y);
  };
  return among.reduce((best, k) => (distance(k) < distance(best) ? k : best));
}
