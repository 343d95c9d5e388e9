import { IGraphNode } from '../protocol';
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

beforeEach(() => jest.useFakeTimers({ doNotFake: ['queueMicrotask', 'nextTick'] }));
afterEach(() => {
  jest.useRealTimers();
  document.body.replaceChildren();
});

/** Scopes beside and below each other, each with many operations side by side. */
function wide(): IGraphNode[] {
  const nodes = [op('x')];
  let last = [0];
  for (const row of [0, 1, 2]) {
    const ends: number[] = [];
    for (const at of 'abcd') {
      const begin = nodes.push(op(`${at}${row}/first`, last)) - 1;
      for (let k = 0; k < 12; k++) {
        nodes.push(op(`${at}${row}/${'uvwxyzlmnopq'[k]}${at}`, [begin], { type: `T${k}` }));
      }
      ends.push(nodes.length - 1);
    }
    last = ends;
  }
  return nodes;
}

async function pageOf(nodes: IGraphNode[]): Promise<Page> {
  const page = new Page();
  page.greet({ size: nodes.length });
  await page.load(nodes);
  return page;
}

const places = (page: Page) => page.view.store.picture!.boxes.map(({ id, x, y }) => [id, x, y]);
const inView = (page: Page) =>
  page.ids.filter(id => {
    const { x, y } = page.place(id);
    return x > -50 && x < 600 && y > -20 && y < 800;
  });

describe('closing all scopes', () => {
  it('lays the graph out anew, and shows it where little of it would be in sight', async () => {
    const page = await pageOf(wide());
    const fresh = places(page);
    const { store, canvas } = page.view;
    store.openTo(Infinity);
    await page.settle();
    expect(page.ids.length).toBeGreaterThan(100);
    // The camera looks at a far end, from near.
    const far = store.picture!.boxes.reduce((a, b) => (b.x > a.x ? b : a));
    store.select(far.id);
    await page.settle();
    canvas.zoom(2);
    await page.settle();
    store.select('');
    store.openTo(0);
    await page.settle();
    await page.settle();
    expect(places(page)).toEqual(fresh);
    expect(inView(page).sort()).toEqual([...page.ids].sort());
    page.view.dispose();
  });

  it('leaves the camera where it sees most of what is left', async () => {
    const page = await pageOf([op('x'), op('s/a', [0]), op('s/b', [1]), op('y', [2])]);
    page.view.store.openTo(1);
    await page.settle();
    page.view.canvas.zoom(1.1);
    await page.settle();
    const { scale } = page.view.canvas.camera;
    page.view.store.openTo(0);
    await page.settle();
    expect(page.view.canvas.camera.scale).toBeCloseTo(scale, 9);
    page.view.dispose();
  });
});

describe('a search while the graph is still being built', () => {
  const chip = (page: Page) => page.find('.jp-glnb-graph-wait');

  it('says so, and finds what comes later', async () => {
    const page = new Page();
    const nodes = [op('x'), op('y', [0]), op('z', [1])];
    page.greet({ size: 3 });
    await page.load(nodes.slice(0, 2), 'g', 3);
    const field = page.find<HTMLInputElement>('input[type=search]');
    field.value = 'z';
    field.dispatchEvent(new Event('input'));
    await page.settle();
    expect(page.text('.jp-glnb-graph-found')).toBe('not yet');
    expect([chip(page).hidden, chip(page).textContent]).toEqual([
      false,
      'Not found yet: the graph is still being built.'
    ]);
    await page.load(nodes);
    expect(page.text('.jp-glnb-graph-found')).toBe('1 found');
    expect(chip(page).hidden).toBe(true);
    field.value = 'nowhere';
    field.dispatchEvent(new Event('input'));
    await page.settle();
    expect(page.text('.jp-glnb-graph-found')).toBe('nothing');
    expect(chip(page).hidden).toBe(true);
    page.view.dispose();
  });

  it('tells that there may be more, and says that it builds beside what is drawn', async () => {
    const page = new Page();
    const nodes = [op('x'), op('y', [0]), op('y_1', [1])];
    page.greet({ size: 3 });
    const note = page.find('.jp-glnb-graph-note');
    expect(note.classList.contains('jp-mod-aside')).toBe(false);
    await page.load(nodes.slice(0, 2), 'g', 3);
    const field = page.find<HTMLInputElement>('input[type=search]');
    field.value = 'y';
    field.dispatchEvent(new Event('input'));
    await page.settle();
    expect(page.text('.jp-glnb-graph-found')).toBe('1 so far');
    page.key('Enter', field);
    expect(page.text('.jp-glnb-graph-found')).toBe('1 of 1 so far');
    page.view.store.busy = 3;
    page.view.store.set({ trace: true });
    expect([note.hidden, note.classList.contains('jp-mod-aside')]).toEqual([false, true]);
    await page.load(nodes);
    expect(page.text('.jp-glnb-graph-found')).toBe('2 found');
    page.view.dispose();
  });

  it('says so where nothing of it is there yet', async () => {
    const page = new Page();
    page.greet({ size: 3 });
    const field = page.find<HTMLInputElement>('input[type=search]');
    field.value = 'z';
    field.dispatchEvent(new Event('input'));
    await page.settle();
    expect(page.text('.jp-glnb-graph-found')).toBe('not yet');
    page.view.dispose();
  });
});
