import { fitting, ICamera, IRect, seenRect, SMALLEST } from './camera';
import { IPlaced, Picture } from './picture';
import { ISettings } from './settings';

/**
 * The box that stays in its place on the screen when a picture follows another: the first of some that is in both and in sight,
 * else, of those in sight that moved as most of them did, the one that is nearest to the middle of what is seen; where none is in
 * sight, the nearest of all; '' where they have nothing in common.
 */
export function anchorOf(before: Picture, after: Picture, seen: IRect, wanted: readonly string[]): string {
  const inSight = (id: string) => {
    const at = id === '' || after.index(id) < 0 ? -1 : before.index(id);
    if (at < 0) {
      return false;
    }
    const { x, y, w, h } = before.boxes[at];
    return x + w > seen.x && x < seen.x + seen.w && y + h > seen.y && y < seen.y + seen.h;
  };
  const chosen = wanted.find(inSight);
  if (chosen !== undefined) {
    return chosen;
  }
  const ways = new Map<string, number>();
  const wayOf = ({ id, x, y }: IPlaced) => {
    const to = after.boxes[after.index(id)];
    return `${Math.round(to.x - x)} ${Math.round(to.y - y)}`;
  };
  const there = before.boxes.filter(({ id }) => after.index(id) >= 0);
  const near = there.filter(({ id }) => inSight(id));
  near.forEach(placed => ways.set(wayOf(placed), (ways.get(wayOf(placed)) ?? 0) + 1));
  const most = [...ways.values()].reduce((a, b) => Math.max(a, b), 0);
  let [best, least] = ['', Infinity];
  for (const placed of near.length > 0 ? near.filter(one => ways.get(wayOf(one)) === most) : there) {
    const { id, x, y, w, h } = placed;
    const far = Math.hypot(x + w / 2 - seen.x - seen.w / 2, y + h / 2 - seen.y - seen.h / 2);
    if (far < least) {
      [best, least] = [id, far];
    }
  }
  return best;
}

/** A picture that needs little more room than there is is shown whole, by so much smaller. */
const SMALLER = 0.75;

/**
 * The camera where the user did not move it: it shows all, or, where that would be much smaller than `least`, as much from the top
 * as there is room for, with the boxes that are there in the middle.
 */
export function firstCamera(picture: Picture, width: number, height: number, least = SMALLEST): ICamera {
  const whole = fitting(picture.rect, width, height);
  const camera = whole.scale >= SMALLER * least ? whole : fitting(picture.rect, width, height, least);
  const [wide, high] = [width / camera.scale, height / camera.scale];
  if (picture.width <= wide) {
    return camera;
  }
  const seen = picture.boxes.filter(({ depth, y }) => depth === 0 && y < high);
  const middle = seen.reduce((sum, { x, w }) => sum + x + w / 2, 0) / Math.max(1, seen.length);
  return { ...camera, x: middle - wide / 2 };
}

/** What is kept of a camera: beside its place that of a box, since the same graph may be laid out a little otherwise later. */
export function keptView(
  picture: Picture,
  camera: ICamera,
  width: number,
  height: number
): Pick<ISettings, 'camera' | 'seen'> {
  const id = anchorOf(picture, picture, seenRect(camera, width, height), []);
  const placed = picture.boxes[picture.index(id)];
  return { camera, seen: placed ? { id, x: placed.x, y: placed.y } : null };
}

/** The camera that was kept, looking at the same box as then; null where that is not there, as in another graph. */
export function foundView(picture: Picture, { camera, seen }: Pick<ISettings, 'camera' | 'seen'>): ICamera | null {
  const placed = seen ? picture.boxes[picture.index(seen.id)] : undefined;
  return camera && seen && placed
    ? { ...camera, x: camera.x + placed.x - seen.x, y: camera.y + placed.y - seen.y }
    : null;
}
