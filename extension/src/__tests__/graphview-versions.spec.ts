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

let page: Page;

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['queueMicrotask', 'nextTick'] });
  page = new Page();
});

afterEach(() => {
  page.view.dispose();
  jest.useRealTimers();
});

const NODES = [op('W'), op('y', [0]), op('W_1'), op('y_1', [2])];
const RUNS = [
  { first: 0, last: 2, cell: 'A', count: 1 },
  { first: 2, last: 4, cell: 'A', count: 2 }
];
const strip = () => page.text('.jp-glnb-graph-strip');
const button = (text: string) =>
  [...page.view.node.querySelectorAll('button')].find(({ textContent }) => textContent === text);

describe('earlier versions of cells', () => {
  it('are hidden behind a line that brings them back, now and after a reload', async () => {
    page.greet();
    await page.load(NODES, 'g', 4, RUNS);
    expect(page.ids).toEqual(['W_1', 'y_1']);
    expect(strip()).toContain('1 earlier version of a cell is hidden');
    button('Show')?.focus();
    button('Show')?.click();
    await page.settle();
    expect(page.ids).toEqual(['W', 'y', 'W_1', 'y_1']);
    expect(strip()).toContain('1 earlier version of a cell is shown');
    expect(document.activeElement).toBe(button('Hide'));
    expect(JSON.stringify(page.state.toJSON())).toContain('"earlier":true');
    button('Hide')?.click();
    await page.settle();
    expect(page.ids).toEqual(['W_1', 'y_1']);
  });

  it('are not searched, but shown where they are gone to', async () => {
    page.greet();
    await page.load(NODES, 'g', 4, RUNS);
    const field = page.find<HTMLInputElement>('input[type=search]');
    field.value = 'y';
    field.dispatchEvent(new Event('input'));
    await page.settle();
    expect(page.view.store.hits).toEqual([3]);
    page.view.store.reveal(1);
    await page.settle();
    expect(page.ids).toContain('y');
    expect(page.view.store.selected).toBe('y');
  });

  it('are not counted among the types', async () => {
    page.greet();
    await page.load(NODES, 'g', 4, RUNS);
    const counts = () => {
      page.find('[aria-label="Hide operations by type"]').click();
      const texts = [...page.view.node.querySelectorAll('.jp-glnb-graph-check')].map(({ textContent }) => textContent);
      page.find('[aria-label="Hide operations by type"]').click();
      return texts;
    };
    expect(counts()).toEqual(['Op2']);
    page.view.store.set({ earlier: true });
    await page.settle();
    expect(counts()).toEqual(['Op4']);
    page.view.store.setOnly(0);
    await page.settle();
    expect(counts()).toEqual(['Op1']);
  });

  it('are not listed, and what was opened in the list stays open', async () => {
    page.greet();
    const nodes = [op('s/a'), op('s_1/a'), op('z/q'), op('s_1/b')];
    await page.load(nodes.slice(0, 3), 'g', 3, [{ first: 0, last: 1, cell: 'A', count: 1 }]);
    page.find('[aria-label="Show as a list"]').click();
    await page.settle();
    page.view.store.select('z/q');
    await page.settle();
    const rows = () =>
      [...page.view.node.querySelectorAll('[role=treeitem] .jp-glnb-graph-grow')].map(n => n.textContent);
    expect(rows()).toEqual(['s', 's_1', 'z', 'q']);
    await page.load(nodes, 'g', 4, [
      { first: 0, last: 1, cell: 'A', count: 1 },
      { first: 1, last: 2, cell: 'A', count: 2 }
    ]);
    expect(rows()).toEqual(['s_1', 'z', 'q']);
    page.view.store.set({ earlier: true });
    await page.settle();
    expect(rows()).toEqual(['s', 's_1', 'z', 'q']);
  });

  it('take over as a cell is run again', async () => {
    page.greet();
    await page.load(NODES.slice(0, 2), 'g', 2, RUNS.slice(0, 1));
    expect(page.ids).toEqual(['W', 'y']);
    expect(strip()).toBe('');
    await page.load(NODES, 'g', 4, RUNS);
    expect(page.ids).toEqual(['W_1', 'y_1']);
  });
});

describe('the operation that could not be made', () => {
  const nodes = [op('x'), op('s/a', [0]), op('s/W'), op('y', [1])];
  const failed = {
    type: 'MatMul',
    name: 't/Bad',
    inputs: ['s/a:0', 's/W:0'],
    message: '<b>no</b>',
    file: '',
    line: 1,
    index: 1
  };

  it('is found in its scope, behind inputs in closed ones, and tells why', async () => {
    page.greet({ failed });
    await page.load(nodes);
    const { store, canvas } = page.view;
    expect([...canvas.look.failed].map(at => store.picture?.boxes[at].id)).toEqual(['t/']);
    button('Show it')?.click();
    await page.settle();
    const at = store.picture?.index('t/Bad') ?? -1;
    expect(store.picture?.boxes[at].box.kind).toBe('failed');
    expect([...canvas.look.failed]).toEqual([at]);
    const ends = store.picture?.edges.map(({ edge }) => `${edge.from}>${edge.to}`);
    expect(ends).toEqual(expect.arrayContaining(['s/>t/', '>t/Bad']));
    expect(page.text('.jp-glnb-graph-card')).toContain('<b>no</b>');
    expect(page.text('.jp-glnb-graph-card')).toContain('s/W');
    expect(button('Set aside')).toBeUndefined();
  });

  it('is shown again out of what another operation needs', async () => {
    page.greet({ failed });
    await page.load(nodes);
    page.view.store.setOnly(1);
    await page.settle();
    expect(page.ids).not.toContain('t/');
    button('Show it')?.click();
    await page.settle();
    expect(page.ids).toContain('t/Bad');
    expect(page.view.store.only).toBe(-1);
  });
});

describe('the card', () => {
  it('links to what was set aside', async () => {
    page.greet();
    const assign = op('W/Assign', [0, 1], { role: 'initializer' });
    await page.load([op('W', [], { role: 'variable' }), op('W/zeros', [], { role: 'constant' }), assign, op('y', [0])]);
    page.view.store.select('W');
    await page.settle();
    const list = page.find('ul[aria-label="Set aside"]');
    expect([...list.querySelectorAll('button')].map(({ textContent }) => textContent)).toEqual([
      'W/zeros  Op',
      'W/Assign  Op'
    ]);
    list.querySelector('button')?.click();
    await page.settle();
    expect(page.view.store.selected).toBe('W/zeros');
    expect(page.text('.jp-glnb-graph-card-title')).toBe('W/zeros');
  });
});

describe('colours at first', () => {
  it('tell softly which scopes are alike, and stay when one is opened', async () => {
    page.greet();
    const scope = (name: string, from: number) => [op(`${name}/a`, [from]), op(`${name}/b`, [from])];
    const nodes = [op('x'), ...scope('p', 0), op('m', [1]), ...scope('q', 3), op('n', [4])];
    await page.load(nodes);
    const { store, canvas } = page.view;
    const fill = (id: string) => canvas.fills.fills[store.picture?.index(id) ?? -1];
    const before = fill('p/');
    expect(before).toMatch(/^rgb/);
    expect(fill('q/')).toBe(before);
    expect(fill('x')).toBe('');
    store.toggle('q/');
    await page.settle();
    expect([fill('p/'), fill('q/')]).toEqual([before, '']);
    expect(page.text('.jp-glnb-graph-legend')).toContain('p and 1 more like it');
  });
});
