import { contrast, mixed } from '../theme';
import { Painter } from '../views/graph/painter';
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

/** The theme of high contrast that JupyterLab has. */
const STRONG = {
  '--jp-layout-color1': '#111',
  '--jp-layout-color2': '#424242',
  '--jp-ui-font-color1': '#fff',
  '--jp-ui-font-color2': '#fff',
  '--jp-border-color0': 'white',
  '--jp-border-color2': '#e0e0e0'
};

let page: Page;

beforeEach(async () => {
  jest.useFakeTimers({ doNotFake: ['queueMicrotask', 'nextTick'] });
  Object.entries(STRONG).forEach(([name, value]) => document.body.style.setProperty(name, value));
  page = new Page();
  const scope = (name: string, from: number) => [op(`${name}/a`, [from]), op(`${name}/b`, [from])];
  const made = Array.from({ length: 10 }, (_, k) => op(`d${'abcdefghij'[k]}`, [0], { device: `/cpu:${k}` }));
  const nodes = [op('x'), ...scope('p', 0), op('m', [1]), ...scope('q', 3), ...made];
  page.greet({ size: nodes.length });
  await page.load(nodes);
});

afterEach(() => {
  page.view.dispose();
  document.body.removeAttribute('style');
  jest.useRealTimers();
});

describe('high contrast', () => {
  it('leaves words that do not stand out easy to read', () => {
    const { store, canvas } = page.view;
    store.find([0]);
    const context = document.createElement('canvas').getContext('2d') as jest.Mocked<CanvasRenderingContext2D>;
    const alphas: number[] = [];
    context.fillText = jest.fn(() => alphas.push(context.globalAlpha)) as never;
    new Painter().paint(context, store.picture!, { x: 0, y: 0, scale: 1 }, 4000, 4000, 1, canvas.look);
    const { ink, background, strong } = canvas.look.colors;
    expect(strong).toBe(true);
    expect(new Set(alphas).size).toBeGreaterThan(1);
    alphas.forEach(alpha => expect(contrast(mixed(ink, background, alpha), background)).toBeGreaterThan(7));
  });

  it('has words easy to read on all colours, which differ from what has none', () => {
    const { store, canvas } = page.view;
    const { ink, background } = canvas.look.colors;
    for (const [coloring, least] of [
      ['structure', 1],
      ['device', 10]
    ] as const) {
      store.set({ coloring });
      const fills = [...new Set(canvas.fills.fills)].filter(fill => fill !== '');
      expect(fills.length).toBeGreaterThanOrEqual(least);
      fills.forEach(fill => expect(contrast(ink, fill)).toBeGreaterThan(4.5));
      fills.forEach(fill => expect(contrast(fill, background)).toBeGreaterThan(1.7));
    }
  });
});
