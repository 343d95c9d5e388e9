/** Where a picture is looked at from: a point of the picture is drawn at ((x - camera.x) * scale, (y - camera.y) * scale). */
export interface ICamera {
  x: number;
  y: number;
  scale: number;
}

export interface IPoint {
  x: number;
  y: number;
}

export interface IRect extends IPoint {
  w: number;
  h: number;
}

/** Limits of the scale: beyond them there is nothing to see. */
export const SMALLEST = 0.01;
export const LARGEST = 4;

/** Where a point of the screen is in the picture. */
export function toPicture(camera: ICamera, at: IPoint): IPoint {
  return { x: camera.x + at.x / camera.scale, y: camera.y + at.y / camera.scale };
}

/** Where a point of the picture is on the screen. */
export function toScreen(camera: ICamera, at: IPoint): IPoint {
  return { x: (at.x - camera.x) * camera.scale, y: (at.y - camera.y) * camera.scale };
}

/** The part of the picture that is seen. */
export function seenRect(camera: ICamera, width: number, height: number): IRect {
  return { x: camera.x, y: camera.y, w: width / camera.scale, h: height / camera.scale };
}

/** Whether some of a rectangle is seen. */
export function inSight(rect: IRect, camera: ICamera, width: number, height: number): boolean {
  const seen = seenRect(camera, width, height);
  const across = rect.x + rect.w > seen.x && rect.x < seen.x + seen.w;
  return across && rect.y + rect.h > seen.y && rect.y < seen.y + seen.h;
}

/** The camera moved by pixels of the screen. */
export function panned(camera: ICamera, dx: number, dy: number): ICamera {
  return { x: camera.x - dx / camera.scale, y: camera.y - dy / camera.scale, scale: camera.scale };
}

/** The camera of a view of another size that looks at the same place from as near. */
export function resized(camera: ICamera, wider: number, higher: number): ICamera {
  return panned(camera, wider / 2, higher / 2);
}

/** The camera nearer by a factor, where the picture below a point of the screen stays. */
export function zoomed(camera: ICamera, at: IPoint, factor: number): ICamera {
  const scale = Math.min(LARGEST, Math.max(SMALLEST, camera.scale * factor));
  const fixed = toPicture(camera, at);
  return { x: fixed.x - at.x / scale, y: fixed.y - at.y / scale, scale };
}

/**
 * The camera that shows all of a rectangle in a view, with a margin. It goes no farther than `least`: what is then too large is
 * seen from its top, in the middle.
 */
export function fitting(rect: IRect, width: number, height: number, least = SMALLEST, most = 1.25): ICamera {
  const margin = Math.min(24, width / 8, height / 8);
  const across = (width - 2 * margin) / Math.max(1, rect.w);
  const down = (height - 2 * margin) / Math.max(1, rect.h);
  const scale = Math.min(most, Math.max(least, Math.min(across, down), SMALLEST));
  const x = rect.x + rect.w / 2 - width / 2 / scale;
  const slack = height / scale - rect.h;
  const y = slack > 0 ? rect.y - Math.min(slack / 2, 120 / scale) : rect.y - margin / scale;
  return { x, y, scale };
}

/** The camera moved as little as shows a rectangle, or its upper left part where it is larger than the view. */
export function showing(camera: ICamera, rect: IRect, width: number, height: number): ICamera {
  const shift = (from: number, size: number, seenFrom: number, seen: number, margin: number) => {
    if (size + 2 * margin > seen || from - margin < seenFrom) {
      // Larger than the view: nothing to gain where a good part of it is seen already.
      const overlap = Math.min(from + size, seenFrom + seen) - Math.max(from, seenFrom);
      return size + 2 * margin > seen && overlap > seen / 2 ? 0 : from - margin - seenFrom;
    }
    return Math.max(0, from + size + margin - (seenFrom + seen));
  };
  return {
    x: camera.x + shift(rect.x, rect.w, camera.x, width / camera.scale, 16 / camera.scale),
    // A legend may lie along the lower border.
    y: camera.y + shift(rect.y, rect.h, camera.y, height / camera.scale, Math.min(48, height / 6) / camera.scale),
    scale: camera.scale
  };
}

/** The camera moved so that a box is seen and can be read; the same camera where it is so already. */
export function bringing(camera: ICamera, rect: IRect, width: number, height: number): ICamera {
  const near = camera.scale < 0.5 ? fitting({ ...rect, h: Math.min(rect.h, 40) }, width, height, 0.8, 0.8) : camera;
  const next = showing(near, rect, width, height);
  return next.x === camera.x && next.y === camera.y && next.scale === camera.scale ? camera : next;
}

/** The camera on its way from one to another; the scale goes by factors, so that near and far move evenly. */
export function between(a: ICamera, b: ICamera, t: number, width: number, height: number): ICamera {
  const scale = a.scale * (b.scale / a.scale) ** t;
  const middle = (camera: ICamera) => toPicture(camera, { x: width / 2, y: height / 2 });
  const from = middle(a);
  const to = middle(b);
  const x = from.x + (to.x - from.x) * t;
  const y = from.y + (to.y - from.y) * t;
  return { x: x - width / 2 / scale, y: y - height / 2 / scale, scale };
}

/** The camera, brought back where it looks at nothing: at least a corner of the picture is to be seen. */
export function held(camera: ICamera, rect: IRect, width: number, height: number): ICamera {
  const least = 40 / camera.scale;
  const hold = (at: number, from: number, size: number, seen: number) =>
    Math.min(from + size - least, Math.max(from - seen + least, at));
  return {
    x: hold(camera.x, rect.x, rect.w, width / camera.scale),
    y: hold(camera.y, rect.y, rect.h, height / camera.scale),
    scale: camera.scale
  };
}

/** Whether numbers that were kept are a camera. */
export function isCamera(value: unknown): value is ICamera {
  const camera = value as ICamera | null;
  return (
    !!camera &&
    [camera.x, camera.y, camera.scale].every(n => typeof n === 'number' && isFinite(n)) &&
    camera.scale >= SMALLEST &&
    camera.scale <= LARGEST
  );
}
