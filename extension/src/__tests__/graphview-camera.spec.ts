import {
  between,
  bringing,
  fitting,
  held,
  isCamera,
  panned,
  showing,
  toPicture,
  toScreen,
  zoomed
} from '../views/graph/camera';
import { Gestures } from '../views/graph/gestures';
import { actionOf } from '../views/graph/keys';
import { eased, Motion } from '../views/graph/motion';

describe('camera', () => {
  const camera = { x: 10, y: -20, scale: 0.5 };

  it('goes to the picture and back', () => {
    const at = { x: 123, y: 45 };
    expect(toScreen(camera, toPicture(camera, at))).toEqual(at);
  });

  it('keeps what is below the pointer when it zooms', () => {
    const at = { x: 300, y: 200 };
    const before = toPicture(camera, at);
    const after = toPicture(zoomed(camera, at, 1.7), at);
    expect(after.x).toBeCloseTo(before.x, 9);
    expect(after.y).toBeCloseTo(before.y, 9);
    expect(zoomed(camera, at, 1e9).scale).toBe(4);
    expect(zoomed(camera, at, 0).scale).toBeGreaterThan(0);
  });

  it('pans by pixels of the screen', () => {
    expect(panned(camera, 5, -5)).toEqual({ x: 0, y: -10, scale: 0.5 });
  });

  it('fits all into the view', () => {
    const rect = { x: 0, y: 0, w: 2000, h: 500 };
    const fit = fitting(rect, 600, 400);
    const [from, to] = [toScreen(fit, { x: 0, y: 0 }), toScreen(fit, { x: 2000, y: 500 })];
    expect(from.x).toBeGreaterThanOrEqual(0);
    expect(from.y).toBeGreaterThanOrEqual(0);
    expect(to.x).toBeLessThanOrEqual(600);
    expect(to.y).toBeLessThanOrEqual(400);
  });

  it('shows the top of what is too large to be read as a whole', () => {
    const fit = fitting({ x: 0, y: 0, w: 400, h: 90000 }, 600, 400, 0.6);
    expect(fit.scale).toBeCloseTo(0.6);
    expect(toScreen(fit, { x: 200, y: 0 }).x).toBeCloseTo(300);
    expect(toScreen(fit, { x: 200, y: 0 }).y).toBeGreaterThanOrEqual(0);
  });

  it('is a number for an empty picture and an empty view', () => {
    expect(isCamera(fitting({ x: 0, y: 0, w: 0, h: 0 }, 0, 0))).toBe(true);
  });

  it('does not move for what is in sight, and moves little for what is not', () => {
    const at = { x: 0, y: 0, scale: 1 };
    expect(showing(at, { x: 100, y: 100, w: 50, h: 30 }, 600, 400)).toEqual(at);
    const moved = showing(at, { x: 700, y: 100, w: 50, h: 30 }, 600, 400);
    expect(moved.x).toBe(166);
    expect(moved.y).toBe(0);
  });

  it('never loses the picture', () => {
    const kept = held({ x: 1e9, y: -1e9, scale: 1 }, { x: 0, y: 0, w: 500, h: 500 }, 600, 400);
    expect(kept.x).toBeLessThan(500);
    expect(kept.y).toBeGreaterThan(-400);
  });

  it('refuses what is no camera', () => {
    for (const value of [
      null,
      3,
      {},
      { x: 0, y: NaN, scale: 1 },
      { x: 0, y: 0, scale: 0 },
      { x: 0, y: 0, scale: Infinity }
    ]) {
      expect(isCamera(value)).toBe(false);
    }
  });

  it('travels from one place to the other', () => {
    const [a, b] = [
      { x: 0, y: 0, scale: 1 },
      { x: 100, y: 50, scale: 0.25 }
    ];
    expect(between(a, b, 0, 600, 400)).toEqual(a);
    expect(between(a, b, 1, 600, 400)).toEqual(b);
    expect(between(a, b, 0.5, 600, 400).scale).toBeCloseTo(0.5);
    expect([eased(-1), eased(0), eased(1), eased(2)]).toEqual([0, 0, 1, 1]);
  });

  it('arrives, and moves along with what is shifted on the way', () => {
    const motion = new Motion();
    motion.fly({ x: 100, y: 0, scale: 1 }, 0);
    motion.step(50, 600, 400);
    expect(motion.moving).toBe(true);
    motion.shift(10, 0);
    motion.step(10000, 600, 400);
    expect(motion.camera).toEqual({ x: 110, y: 0, scale: 1 });
    expect(motion.moving).toBe(false);
  });

  it('goes near enough to read what it is brought to', () => {
    const far = { x: 0, y: 0, scale: 0.1 };
    const box = { x: 3000, y: 2000, w: 100, h: 30 };
    const near = bringing(far, box, 600, 400);
    expect(near.scale).toBeGreaterThanOrEqual(0.5);
    expect(toScreen(near, box).x).toBeGreaterThan(0);
    expect(toScreen(near, box).x).toBeLessThan(600);
    expect(bringing(near, box, 600, 400)).toBe(near);
  });
});

describe('gestures', () => {
  const node = document.createElement('div');
  const log: string[] = [];
  const say =
    (name: string) =>
    (...values: unknown[]) =>
      void log.push(`${name} ${JSON.stringify(values)}`);
  const gestures = new Gestures(node, {
    pan: say('pan'),
    zoom: (_, factor) => void log.push(`zoom ${factor}`),
    click: say('click'),
    doubleClick: say('double'),
    hover: say('hover')
  });
  const send = (type: string, pointerId: number, clientX: number, clientY = 0) => {
    node.dispatchEvent(Object.assign(new MouseEvent(type, { clientX, clientY }), { pointerId }));
  };

  beforeEach(() => {
    log.length = 0;
  });

  it('zoom by two fingers, and never click then', () => {
    send('pointerdown', 1, 0);
    send('pointerdown', 2, 100);
    send('pointermove', 2, 200);
    send('pointerup', 2, 200);
    send('pointerup', 1, 0);
    expect(log).toEqual(['pan [50,0]', 'zoom 2']);
  });

  it('click where the pointer hardly moved, and not where it was taken away', () => {
    send('pointerdown', 1, 10);
    send('pointermove', 1, 12);
    send('pointerup', 1, 12);
    send('pointerdown', 1, 10);
    send('pointercancel', 1, 10);
    send('pointerup', 9, 10);
    expect(log).toEqual(['click [{"x":12,"y":0}]']);
  });

  it('stop when they are disposed of', () => {
    gestures.dispose();
    send('pointerdown', 1, 10);
    send('pointerup', 1, 10);
    expect(log).toEqual([]);
  });
});

describe('keys', () => {
  it("leave Jupyter's shortcuts alone", () => {
    expect(actionOf(new KeyboardEvent('keydown', { key: '/' }))).toBe('search');
    expect(actionOf(new KeyboardEvent('keydown', { key: '0', ctrlKey: true }))).toBeNull();
    expect(actionOf(new KeyboardEvent('keydown', { key: 'x' }))).toBeNull();
  });
});
