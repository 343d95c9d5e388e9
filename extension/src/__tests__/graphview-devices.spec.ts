import { op, Page } from './graphview-page';
import { IPlaced, IReply } from '../protocol';
import { shortDevice } from '../views/graph/devices';

// The package's only other form is a module, which jest cannot load.
jest.mock('flatbush', () => jest.requireActual('../../node_modules/flatbush/flatbush.js'));
// jsdom has no drag and drop, which Lumino's package of it wants when it is loaded.
jest.mock('@lumino/dragdrop', () => ({ Drag: class {} }));
jest.mock('../graph/worker', () => ({
  makeWorker: () => {
    throw new Error('There are no workers here');
  }
}));

const CPU = '/job:localhost/replica:0/task:0/device:CPU:0';
const NODES = [op('x'), op('s/a', [0]), op('s/b', [1]), op('y', [2], { device: '/gpu:0' })];

/** The kernel's answer. */
const told = (devices: string[], nodes: number[]): IPlaced => ({ graph: 'g', devices, nodes, shaped: [], shapes: [] });

let page: Page;
let placed: IPlaced;

beforeEach(async () => {
  jest.useFakeTimers({ doNotFake: ['queueMicrotask', 'nextTick'] });
  page = new Page();
  placed = told([], [-1, -1, -1, -1]);
  page.model.send = command => {
    page.asked.push(command);
    const node = {
      graph: 'g',
      name: command.name ?? '',
      attributes: [],
      placed: null as string | null,
      description: ''
    };
    const at = placed.nodes[page.model.graphs.get('g')?.byName.get(node.name) ?? -1] ?? -1;
    const reply = command.op === 'node' ? { node: { ...node, placed: placed.devices[at] ?? null } } : { placed };
    return Promise.resolve({ reply: { v: 1, id: '', ...reply } as IReply, buffers: [] });
  };
  page.model.setLink({ state: 'connected', text: '' });
  page.greet();
  ran(0);
  await page.load(NODES);
});

afterEach(() => {
  page.view.dispose();
  jest.useRealTimers();
});

/** The kernel tells how often a session ran; -1: it is closed. */
function ran(runs: number): void {
  const sessions = runs < 0 ? [] : [{ id: 's', graph: 'g', labels: [], devices: [], runs }];
  page.model.tick({ v: 1, type: 'tick', seq: 1, time: 0, run: page.model.run, sessions }, []);
}

const questions = () => page.asked.filter(command => command.op === 'placed').length;
const legend = () => page.text('.jp-glnb-graph-legend');
const strip = () =>
  [...page.view.node.querySelectorAll<HTMLElement>('.jp-glnb-graph-chip')]
    .filter(({ hidden }) => !hidden)
    .map(({ textContent }) => textContent);
const titles = () =>
  [...page.view.node.querySelectorAll<HTMLElement>('.jp-glnb-graph-legend-entry')].map(({ title }) => title);

async function seek(text: string): Promise<void> {
  const field = page.find<HTMLInputElement>('input[type=search]');
  field.value = text;
  field.dispatchEvent(new Event('input'));
  await page.settle();
}

/** What the card says of devices. */
function facts(): string[] {
  const names = [...page.view.node.querySelectorAll('.jp-glnb-graph-facts dt')];
  return names
    .filter(({ textContent }) => textContent === 'Device')
    .map(({ nextElementSibling: value }) => `${value?.textContent} ${value?.firstElementChild?.getAttribute('title')}`);
}

describe('devices', () => {
  it('have short names, but for those elsewhere', () => {
    expect([CPU, '/gpu:1', '/device:GPU:1', 'CPU:0', ''].map(shortDevice)).toEqual([
      '/cpu:0',
      '/gpu:1',
      '/gpu:1',
      '/cpu:0',
      ''
    ]);
    const far = ['/job:ps/replica:0/task:0/device:CPU:0', '/job:ps/task:0', '/job:worker/task:1/gpu:0', '/job:worker'];
    expect(far.map(shortDevice)).toEqual([
      '/job:ps/task:0',
      '/job:ps/task:0',
      '/job:worker/task:1 · gpu:0',
      '/job:worker'
    ]);
  });

  it('are not asked for while nobody wants to know', async () => {
    ran(5);
    await page.settle();
    expect(questions()).toBe(0);
  });

  it('colour boxes after any run, and before it is said why not', async () => {
    page.view.store.set({ coloring: 'device' });
    await page.settle();
    expect(legend()).toBe('/gpu:0Nothing ran yet: devices are known after a run.');
    placed = told([CPU], [0, 0, -1, 0]);
    ran(1);
    await page.settle();
    // What ran nowhere makes no box one of several, and where it ran counts, not what was asked for.
    expect(legend()).toBe('/cpu:0');
    expect(titles()).toEqual([CPU]);
    const { fills } = page.view.canvas.fills;
    expect(fills.every(fill => fill !== '')).toBe(true);
    placed = told([CPU, CPU.replace('U:0', 'U:1')], [0, 0, 1, 0]);
    ran(2);
    await page.settle();
    expect(legend()).toBe('/cpu:0several');
  });

  it('are asked for again when the graph has grown and after runs, but not at each of them', async () => {
    page.view.store.set({ coloring: 'device' });
    await page.settle();
    expect(questions()).toBe(1);
    await page.load([...NODES, op('z', [3])]);
    expect(questions()).toBe(2);
    for (let runs = 1; runs <= 1000; runs++) {
      ran(runs);
      await jest.advanceTimersByTimeAsync(1);
    }
    expect(questions()).toBeGreaterThan(5);
    expect(questions()).toBeLessThan(15);
  });

  it('are kept when the session is closed, and nothing wrong is said where there is none', async () => {
    page.view.store.set({ coloring: 'device' });
    placed = told([CPU], [0, 0, 0, 0]);
    ran(1);
    await page.settle();
    placed = told([], [-1, -1, -1, -1]);
    ran(-1);
    await page.settle();
    expect(legend()).toBe('/cpu:0');
    page.model.clear();
    page.greet();
    ran(-1);
    await page.load(NODES);
    expect(legend()).toContain('No session is open: devices are known after a run.');
  });

  it('are searched for by short and by whole names', async () => {
    await seek('device:cpu');
    expect(page.view.store.hits).toEqual([]);
    expect(strip()).toEqual(['Nothing ran yet: devices are known after a run.']);
    placed = told([CPU], [0, 0, -1, 0]);
    ran(1);
    await page.settle();
    expect(page.view.store.hits).toEqual([0, 1, 3]);
    expect(strip()).toEqual([]);
    for (const text of ['device:/cpu:0', 'device:/device:CPU:0', 'device:localhost']) {
      await seek(text);
      expect(page.view.store.hits).toEqual([0, 1, 3]);
    }
    await seek('device:gpu');
    expect(page.view.store.hits).toEqual([3]);
    await seek('');
    expect(page.view.store.seeksDevice).toBe(false);
  });

  it('are told on the card, also that there is none yet', async () => {
    page.view.store.select('x');
    await page.settle();
    expect(facts()).toEqual(['none yet: it gets one when a session first runs it null']);
    placed = told([CPU], [0, -1, -1, -1]);
    ran(1);
    await page.settle();
    expect(facts()).toEqual([`/cpu:0 ${CPU}`]);
    page.view.store.select('y');
    await page.settle();
    expect(facts()).toEqual(['none: no run of an open session has computed it on a device null']);
  });

  it('and shapes that only runs tell stand at edges and on the card', async () => {
    const outputs = [{ dtype: 'float32', shape: [-1, 784] }];
    await page.load([...NODES, op('u', [], { outputs }), op('v', [4], { outputs })]);
    const labels = () => page.view.store.scene?.edges('').map(({ label }) => label);
    page.view.store.select('v');
    await page.settle();
    const card = () => page.text('.jp-glnb-graph-facts');
    expect(labels()).toContain('?x784');
    expect(card()).not.toContain('In runs');
    placed = { ...told([CPU], [0, 0, -1, 0, 0, 0]), shaped: [4, 5], shapes: [[[50, 784]], [[50, 784]]] };
    ran(1);
    await page.settle();
    expect(labels()).toContain('50x784');
    expect(card()).toContain('In runs50x784');
    await seek('shape:50x784');
    expect(page.view.store.hits).toEqual([4, 5]);
  });
});
