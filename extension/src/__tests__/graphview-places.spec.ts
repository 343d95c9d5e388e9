import { layout } from '../graph/layout';
import { ILayoutResult } from '../graph/types';
import { IGraphNode } from '../protocol';
import { ViewState } from '../viewstate';
import { ILaid, KeptPlaces } from '../views/graph/places';
import { op, Page } from './graphview-page';

// The package's only other form is a module, which jest cannot load.
jest.mock('flatbush', () => jest.requireActual('../../node_modules/flatbush/flatbush.js'));
// jsdom has no drag and drop, which Lumino's package of it wants when it is loaded.
jest.mock('@lumino/dragdrop', () => ({ Drag: class {} }));
jest.mock('../graph/worker', () => ({
  makeWorker: () => {
    throw new Error('There are no workers here');
  }
}));

/** A graph of four parts, each made by a cell: what comes later joins what was there. */
const PARTS: IGraphNode[][] = [
  [op('a'), op('b'), op('c', [0, 1]), op('s/d', [2]), op('s/e', [3])],
  [op('f', [1]), op('g', [5, 0]), op('s/h', [6, 4])],
  [op('i', [7, 1]), op('j', [8, 0, 5]), op('s/k', [9, 3])],
  [op('l', [10, 2]), op('m', [11, 9, 6, 0])]
];
const ALL = PARTS.flat();
const OPEN = { 'graph.of:default': { open: ['s/'] } };

beforeEach(() => jest.useFakeTimers());
afterEach(() => {
  jest.useRealTimers();
  document.body.replaceChildren();
});

function places(page: Page): { [id: string]: number[] } {
  return Object.fromEntries((page.view.store.picture?.boxes ?? []).map(({ id, x, y }) => [id, [x, y]]));
}

async function grown(): Promise<Page> {
  const page = new Page(OPEN);
  let size = 0;
  for (const part of PARTS) {
    size += part.length;
    page.greet({ size });
    await page.load(ALL.slice(0, size));
  }
  await jest.advanceTimersByTimeAsync(1000);
  return page;
}

async function loaded(state: object): Promise<Page> {
  const page = new Page(state);
  page.greet({ size: ALL.length });
  await page.load(ALL);
  return page;
}

function near(a: { [id: string]: number[] }, b: { [id: string]: number[] }): void {
  expect(Object.keys(a).sort()).toEqual(Object.keys(b).sort());
  for (const [id, place] of Object.entries(a)) {
    place.forEach((n, k) => expect(Math.abs(n - b[id][k])).toBeLessThan(0.2));
  }
}

describe('places', () => {
  it('of a graph that grew are the same after a reload', async () => {
    const before = await grown();
    const here = places(before);
    expect(Object.keys(here)).toEqual(expect.arrayContaining(['s/d', 'm']));
    const again = await loaded(JSON.parse(JSON.stringify(before.state.toJSON())));
    near(places(again), here);
    // Laid out at once it would lie otherwise, or nothing is shown here.
    const fresh = places(await loaded(OPEN));
    expect(Object.entries(fresh).some(([id, [x, y]]) => Math.hypot(x - here[id][0], y - here[id][1]) > 5)).toBe(true);
  });

  it('are held by what grows after the reload, and lost where another graph has the same label', async () => {
    const before = await grown();
    const state = JSON.parse(JSON.stringify(before.state.toJSON()));
    const page = new Page(state);
    page.greet({ size: ALL.length + 1 });
    await page.load([...ALL, op('n', [12])]);
    const layers = (of: Page) => Object.fromEntries((of.view.store.picture?.boxes ?? []).map(b => [b.id, b.layer]));
    expect(layers(page)).toMatchObject(layers(before));
    const other = new Page(state);
    other.greet({ size: 2 });
    await other.load([op('x'), op('y', [0])]);
    expect(Object.keys(places(other))).toEqual(['x', 'y']);
    await jest.advanceTimersByTimeAsync(1000);
    expect(JSON.stringify(other.state.toJSON()['graph.places'])).not.toContain('"m"');
  });

  it('are not those of a part that is shown alone, nor of a part that came', async () => {
    const page = new Page();
    page.greet({ size: ALL.length });
    await page.load(ALL.slice(0, 5), 'g', ALL.length);
    await jest.advanceTimersByTimeAsync(1000);
    expect(page.state.get('graph.places', null)).toBeNull();
    await page.load(ALL);
    await jest.advanceTimersByTimeAsync(1000);
    const kept = page.state.get('graph.places', null);
    expect(kept).not.toBeNull();
    page.view.store.setOnly(2);
    await page.settle();
    await jest.advanceTimersByTimeAsync(1000);
    expect(page.ids).not.toContain('m');
    expect(page.state.get('graph.places', null)).toEqual(kept);
  });

  it('take so much room and no more', async () => {
    const laid = new Map<string, ILaid>();
    const scopes = Array.from({ length: 60 }, (_, s) => `scope ${s}/`);
    for (const scope of scopes) {
      const boxes = Array.from({ length: 40 }, (_, k) => ({ id: `${scope}box ${k}`, width: 80, height: 30 }));
      const edges = boxes.slice(1).map(({ id }, k) => ({ id: `e${k}`, from: boxes[k].id, to: id }));
      const request = { scope, boxes, edges };
      laid.set(scope, { key: JSON.stringify(request), result: layout(request) });
    }
    const state = new ViewState();
    const keeper = new KeptPlaces(state);
    keeper.recall('g');
    keeper.keep(scopes, laid);
    await jest.advanceTimersByTimeAsync(1000);
    const length = JSON.stringify(state.toJSON()).length;
    expect(length).toBeGreaterThan(16000);
    expect(length).toBeLessThan(34000);
    keeper.recall('g');
    const { key, result } = laid.get(scopes[0])!;
    expect(keeper.same(scopes[0], key)?.boxes[`${scopes[0]}box 3`].layer).toBe(3);
    expect(keeper.same(scopes[0], key + ' ')).toBeNull();
    expect(Object.keys(keeper.before(scopes[0])!.edges)).toEqual(Object.keys(result.edges));
    expect(keeper.before(scopes[59])).toBeUndefined();
    keeper.recall('another');
    expect(keeper.before(scopes[0])).toBeUndefined();
  });

  it('that cannot be understood are as if they had not been kept', () => {
    const result: ILayoutResult = { scope: '', width: 1, height: 1, boxes: {}, edges: {} };
    const good = { sum: '1.a', size: [1, 1], boxes: { a: [1, 2, 0] }, edges: {} };
    const bad: unknown[] = [null, 3, [], { ...good, sum: 1 }, { ...good, size: [1] }, { ...good, size: [1, 'x'] }];
    bad.push({ ...good, boxes: { a: [1, 2] } }, { ...good, edges: { e: 'x' } }, { ...good, boxes: null });
    for (const part of bad) {
      const keeper = new KeptPlaces(new ViewState({ 'graph.places': { label: 'g', scopes: { '': part } } } as never));
      keeper.recall('g');
      expect(keeper.before('')).toBeUndefined();
    }
    const keeper = new KeptPlaces(
      new ViewState({ 'graph.places': { label: 'g', scopes: { '': good, 'b/': null } } } as never)
    );
    keeper.recall('g');
    expect(keeper.before('')).toEqual({ ...result, boxes: { a: { x: 1, y: 2, layer: 0 } } });
  });
});
