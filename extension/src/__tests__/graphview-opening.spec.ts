import { op, Page } from './graphview-page';
import { MOST_BOXES } from '../views/graph/opening';

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
  page.greet();
});

afterEach(() => {
  page.view.dispose();
  jest.useRealTimers();
});

/** Scopes of a chain of three operations each. */
const chain = (name: string, count: number, first = 0) =>
  Array.from({ length: 3 * count }, (_, k) => {
    const at = first + k;
    return op(`${name}${Math.floor(k / 3)}/${'abc'[k % 3]}`, at > 0 ? [at - 1] : []);
  });
const open = async (text: string) => {
  page.find('[aria-label="More"]').click();
  const entries = [...page.view.node.querySelectorAll<HTMLButtonElement>('[role=menuitem]')];
  entries.find(({ textContent }) => textContent === text)?.click();
  await page.settle();
};
const chips = () =>
  [...page.view.node.querySelectorAll<HTMLElement>('.jp-glnb-graph-chip')].filter(({ hidden }) => !hidden);

describe('opening all scopes', () => {
  it('opens those in folded series', async () => {
    await page.load(chain('s', 50));
    expect(page.ids).toEqual(['s0[...]']);
    await open('Open scopes of the first level');
    expect(page.ids).toHaveLength(1 + 50 + 150);
    await open('Close all scopes');
    expect(page.ids).toEqual(['s0[...]']);
    await open('Open all scopes');
    expect(page.ids).toHaveLength(1 + 50 + 150);
    expect(chips()).toEqual([]);
  });

  it('opens series within series, and those of operations', async () => {
    const inner = Array.from({ length: 4 }, (_, k) => chain(`out${k}/in`, 3, 9 * k)).flat();
    const adds = Array.from({ length: 6 }, (_, k) => op(`add_${k}`, [0]));
    await page.load([...inner, ...adds]);
    expect(page.ids).toEqual(['out0[...]', 'add_0[...]']);
    await open('Open all scopes');
    expect(page.ids).toHaveLength(1 + 4 + 4 * (1 + 3 + 9) + 1 + 6);
    expect(page.ids).toEqual(expect.arrayContaining(['out3/in0[...]', 'out3/in2/c', 'add_5']));
    await open('Close all scopes');
    await open('Open scopes of the first level');
    expect(page.ids).toEqual(expect.arrayContaining(['out3/in0[...]', 'add_0[...]']));
    expect(page.ids).not.toContain('add_5');
    expect(page.ids).not.toContain('out3/in2/');
  });

  it('leaves what is too much folded and says so, until something is opened', async () => {
    const large = chain('blk', 3000);
    await page.load([...large, ...chain('t', 5, large.length)]);
    await open('Open all scopes');
    expect(page.ids).toEqual(expect.arrayContaining(['blk0[...]', 't4/c']));
    expect(page.ids.length).toBeLessThan(MOST_BOXES);
    expect(chips().map(({ textContent }) => textContent)).toEqual([
      '3,000 boxes stay folded: open them one by oneHide'
    ]);
    page.view.store.toggle('t0[...]');
    await page.settle();
    expect(chips()).toEqual([]);
    await open('Open all scopes');
    expect(chips()).toHaveLength(1);
    chips()[0].querySelector('button')?.click();
    expect(chips()).toEqual([]);
  });

  it('closes nothing that the user opened', async () => {
    await page.load(chain('s', 50));
    page.view.store.toggle('s0[...]');
    await page.settle();
    page.view.store.toggle('s7/');
    await page.settle();
    await open('Open all scopes');
    expect(page.ids).toEqual(expect.arrayContaining(['s0/', 's7/b', 's9/c']));
    await open('Open scopes of the first level');
    expect(page.ids).toEqual(expect.arrayContaining(['s0/', 's7/b', 's9/c']));
  });
});
