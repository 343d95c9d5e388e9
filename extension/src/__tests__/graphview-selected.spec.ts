import { op, Page, SMALL } from './graphview-page';

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

const selected = ({ view: { store, card } }: Page) => [store.selected, !card.isHidden];

async function loaded(state = {}, nodes = SMALL): Promise<Page> {
  const page = new Page(state);
  page.greet({ size: nodes.length });
  await page.load(nodes);
  return page;
}

/** The same page after a reload. */
async function again(page: Page, nodes = SMALL): Promise<Page> {
  const kept = JSON.parse(JSON.stringify(page.state.toJSON()));
  page.view.dispose();
  return loaded(kept, nodes);
}

describe('what is selected', () => {
  it('is found again after a reload, with its card, and the camera stays', async () => {
    const before = await loaded();
    before.view.store.select('y');
    await before.settle();
    before.view.canvas.zoom(4);
    await before.settle();
    // What is selected is moved out of sight.
    before.mouse('pointerdown', 20, 20);
    before.mouse('pointermove', 20, 400);
    before.mouse('pointermove', 20, 780);
    before.mouse('pointerup', 20, 780);
    await before.settle();
    expect(before.place('y').y).toBeGreaterThan(800);
    await jest.advanceTimersByTimeAsync(1000);
    const after = await again(before);
    expect(selected(after)).toEqual(['y', true]);
    expect(after.text('.jp-glnb-graph-card')).toContain('y');
    const [a, b] = [before, after].map(({ view }) => view.canvas.camera);
    expect(Object.values(b)).toEqual(Object.values(a).map(value => expect.closeTo(value, 6)));
    // It is kept as long as nothing else is selected.
    expect(selected(await again(after))).toEqual(['y', true]);
  });

  it('may be in a scope, and come later than the rest', async () => {
    const before = await loaded();
    before.view.store.reveal(2);
    await before.settle();
    expect(selected(before)).toEqual(['s/b', true]);
    const state = JSON.parse(JSON.stringify(before.state.toJSON()));
    const page = new Page(state);
    page.greet({ size: SMALL.length });
    await page.load(SMALL.slice(0, 1), 'g', SMALL.length);
    expect(selected(page)).toEqual(['', false]);
    await page.load(SMALL);
    expect(selected(page)).toEqual(['s/b', true]);
  });

  it('is found without its card where that was closed, and not at all where nothing was selected', async () => {
    const before = await loaded();
    before.view.store.select('y');
    await before.settle();
    before.find('.jp-glnb-graph-card [aria-label="Close"]').click();
    await before.settle();
    expect(selected(before)).toEqual(['y', false]);
    const after = await again(before);
    expect(selected(after)).toEqual(['y', false]);
    after.view.store.select('');
    await after.settle();
    expect(selected(await again(after))).toEqual(['', false]);
  });

  it('is not looked for once the user selected something else, nor in another graph', async () => {
    const before = await loaded();
    before.view.store.select('y');
    await before.settle();
    const other = await again(before, [op('a'), op('b')]);
    expect(selected(other)).toEqual(['', false]);
    other.view.store.select('a');
    await other.load([op('a'), op('b'), op('y')]);
    expect(selected(other)).toEqual(['a', true]);
    const named = new Page({ 'graph.selected': { graph: 'mine', id: 'y', card: true } });
    named.greet();
    await named.load();
    expect(selected(named)).toEqual(['', false]);
    const odd = await loaded({ 'graph.selected': { graph: 3, id: ['y'] } });
    expect(selected(odd)).toEqual(['', false]);
  });

  it('is found again in a model that was built anew, and its card closes and the view is fitted in another', async () => {
    const page = await loaded();
    const { canvas, store } = page.view;
    store.select('y');
    await page.settle();
    canvas.zoom(4);
    page.mouse('pointerdown', 20, 20);
    page.mouse('pointermove', 20, -700);
    page.mouse('pointerup', 20, -700);
    await jest.advanceTimersByTimeAsync(1000);
    const build = async (graph: string, nodes: typeof SMALL) => {
      page.greet({ id: graph, size: nodes.length });
      await page.load(nodes.slice(0, 1), graph, nodes.length);
      await page.load(nodes, graph);
      await jest.advanceTimersByTimeAsync(1000);
    };
    const camera = canvas.camera;
    await build('again', SMALL);
    expect([...selected(page), canvas.camera]).toEqual(['y', true, camera]);
    await build(
      'other',
      ['a', 'b', 'c', 'd'].map((name, k) => op(name, k > 0 ? [k - 1] : []))
    );
    expect(selected(page)).toEqual(['', false]);
    const far = page.place('d');
    expect([page.place('a').y > 0, far.y > page.place('a').y, far.y < 800]).toEqual([true, true, true]);
  });
});
