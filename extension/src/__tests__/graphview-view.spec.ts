import { MessageLoop } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import { FILES, op, Page, SMALL } from './graphview-page';

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

describe('the graph view', () => {
  it('says what to do where there is no graph', () => {
    expect(page.text('.jp-glnb-graph-note')).toContain('imports graphlab_nb');
  });

  it('shows a graph as it comes, and grows with it', async () => {
    page.greet({ size: 50000 });
    expect(page.text('.jp-glnb-graph-note')).toBe(`Building a graph of ${(50000).toLocaleString()} operations …`);
    await page.load(SMALL.slice(0, 2));
    expect(page.ids).toEqual(['x', 's/']);
    expect(page.find('.jp-glnb-graph-note').hidden).toBe(true);
    await page.load();
    expect(page.ids).toEqual(['x', 's/', 'y']);
  });

  it('brings what is gone to into sight, also where the view changes its size meanwhile', async () => {
    const inner = Array.from({ length: 60 }, (_, k) => op(`s/${'abcdef'[k % 6]}${k}x`, k > 0 ? [k] : [0]));
    page.greet({ size: 61 });
    page.view.store.set({ fold: false });
    await page.load([op('x'), ...inner]);
    page.view.store.reveal(60);
    MessageLoop.sendMessage(page.view.canvas, new Widget.ResizeMessage(600, 400));
    await page.settle();
    await jest.advanceTimersByTimeAsync(1000);
    const { y } = page.place(inner[59].name);
    expect(y).toBeGreaterThan(0);
    expect(y).toBeLessThan(400);
  });

  it('fits again whenever its size changes, and keeps the centre and zoom of what was moved', async () => {
    const inner = Array.from({ length: 60 }, (_, k) => op(`${'abcdef'[k % 6]}${k}x`, k > 0 ? [k] : [0]));
    page.greet({ size: 61 });
    page.view.store.set({ fold: false });
    await page.load([op('x'), ...inner]);
    const { canvas, store } = page.view;
    const resize = async (height: number) => {
      MessageLoop.sendMessage(canvas, new Widget.ResizeMessage(600, height));
      await page.settle();
    };
    canvas.fit();
    await page.settle();
    const fitted = canvas.camera;
    expect(fitted.scale).toBeLessThan(0.5);
    const { x, y } = page.place(inner[3].name);
    page.mouse('pointerdown', x + 2, y + 1);
    page.mouse('pointerup', x + 2, y + 1);
    expect(store.selected).toBe(inner[3].name);
    await resize(790);
    expect(canvas.camera.scale).toBeCloseTo(fitted.scale * (790 / 800), 2);
    expect(canvas.camera.scale).toBeLessThan(fitted.scale);
    await resize(800);
    expect(canvas.camera).toEqual(fitted);
    canvas.zoom(3);
    await page.settle();
    const middle = (height: number) => canvas.camera.y + height / 2 / canvas.camera.scale;
    const { scale } = canvas.camera;
    const at = middle(800);
    store.select('');
    await resize(500);
    expect([canvas.camera.scale, middle(500)]).toEqual([scale, expect.closeTo(at, 6)]);
    await resize(800);
    expect([canvas.camera.scale, middle(800)]).toEqual([scale, expect.closeTo(at, 6)]);
  });

  it('builds at most ten pictures a second while a graph grows', async () => {
    page.greet();
    await page.load([op('a')]);
    let pictures = 0;
    page.view.store.changed.connect((_, change) => (pictures += change === 'picture' ? 1 : 0));
    for (let k = 1; k <= 50; k++) {
      page.model.takeChunk({
        graph: 'g',
        first: k,
        size: 99,
        nodes: [op(`a${k}`, [k - 1])],
        files: FILES,
        executions: []
      });
      await jest.advanceTimersByTimeAsync(10);
    }
    await page.settle();
    expect(pictures).toBeGreaterThan(1);
    expect(pictures).toBeLessThanOrEqual(8);
    expect(page.view.store.nodes).toHaveLength(51);
  });

  it('computes nothing while it is hidden', async () => {
    page.view.hide();
    page.greet();
    await page.load();
    expect(page.view.store.scene).toBeNull();
    page.view.show();
    await page.settle();
    expect(page.ids).toHaveLength(3);
  });

  it('leaves nothing behind', async () => {
    page.greet();
    await page.load();
    page.view.store.select('y');
    expect(page.model.interest.pictures).toHaveLength(1);
    page.view.dispose();
    expect(page.model.interest.pictures).toEqual([]);
    page.model.clear();
    page.moved.emit({ cell: 'c1', line: 1 });
    await page.settle();
  });

  it('forgets all when the kernel was restarted', async () => {
    page.greet();
    await page.load();
    page.model.clear();
    await page.settle();
    expect(page.ids).toEqual([]);
    expect(page.text('.jp-glnb-graph-note')).toContain('Run a cell');
  });

  it('lets choose among graphs, and finds the chosen one again', async () => {
    page.greet({}, { id: 'h', size: 1, labels: ['mine'], default: false });
    await page.load();
    const select = page.find<HTMLSelectElement>('.jp-glnb-graph-graphs');
    expect([select.hidden, select.value, select.options.length]).toEqual([false, 'g', 2]);
    select.value = 'h';
    select.dispatchEvent(new Event('change'));
    await page.load([op('only')], 'h');
    expect(page.ids).toEqual(['only']);
    const kept = page.state.toJSON();
    page.view.dispose();
    page = new Page(kept);
    page.greet({}, { id: 'h2', size: 1, labels: ['mine'], default: false });
    expect(page.view.store.id).toBe('h2');
  });

  it('shows what could not be made behind its inputs, with the reason', async () => {
    const failed = {
      type: 'MatMul',
      name: 's/bad',
      inputs: ['s/a:0'],
      message: '<b>no</b> & "no"',
      file: 'cell',
      line: 3,
      index: 4
    };
    page.greet({ failed });
    await page.load();
    expect(page.text('.jp-mod-failed')).toContain('s/bad could not be made: <b>no</b> & "no"');
    expect(page.view.canvas.look.failed.size).toBe(1);
    page.find('.jp-mod-failed button').click();
    await page.settle();
    expect(page.ids).toContain('s/bad');
    expect(page.text('.jp-glnb-graph-error')).toBe('<b>no</b> & "no"');
    page.find('.jp-mod-failed button:last-child').click();
    await page.settle();
    expect(page.ids).not.toContain('s/bad');
    expect(page.find('.jp-mod-failed').hidden).toBe(true);
    expect(page.view.node.querySelector('.jp-glnb-graph-error')).toBeNull();
    // It fails once more, after the cell has made again what comes before it.
    page.greet({ failed: { ...failed, index: 9 } });
    await page.settle();
    expect(page.ids).toContain('s/bad');
    page.greet();
    await page.settle();
    expect(page.ids).not.toContain('s/bad');
  });
});

describe('an operation at which a run failed', () => {
  const fault = { number: 1, op: 2, message: '<b>no</b>' };

  it('is marked, with the reason, until it is hidden or mended', async () => {
    page.greet({ fault });
    await page.load();
    const { store, canvas } = page.view;
    const marked = () => [...canvas.look.failed].map(at => store.picture?.boxes[at].id);
    expect(page.text('.jp-mod-fault:not([hidden])')).toContain('A run failed at s/b: <b>no</b>');
    expect(marked()).toEqual(['s/']);
    page.find('.jp-mod-fault:not([hidden]) button').click();
    await page.settle();
    expect(marked()).toEqual(['s/b']);
    expect(page.text('.jp-glnb-graph-error')).toBe('<b>no</b>');
    expect(store.selected).toBe('s/b');
    page.find('.jp-mod-fault:not([hidden]) button:last-child').click();
    await page.settle();
    expect(marked()).toEqual([]);
    expect(page.view.node.querySelector('.jp-glnb-graph-error')).toBeNull();
    // It fails once more, in the same way.
    page.greet({ fault: { ...fault, number: 2 } });
    await page.settle();
    expect(marked()).toEqual(['s/b']);
    expect(page.text('.jp-glnb-graph-error')).toBe('<b>no</b>');
    page.greet();
    await page.settle();
    expect(marked()).toEqual([]);
    expect(page.view.node.querySelector('.jp-mod-fault:not([hidden])')).toBeNull();
  });

  it('is told in the list of graphs where it is in another one', async () => {
    page.greet({}, { id: 'h', size: 3, labels: ['mine'], default: false, fault });
    await page.load();
    const texts = [...page.find<HTMLSelectElement>('.jp-glnb-graph-graphs').options].map(({ text }) => text);
    expect(texts).toEqual(['Default graph (4)', 'mine (3), failed']);
    expect(page.view.canvas.look.failed.size).toBe(0);
  });

  it('is not marked before it is known', async () => {
    page.greet({ fault: { ...fault, op: 99 } });
    await page.load();
    expect(page.view.canvas.look.failed.size).toBe(0);
  });
});

describe('mouse and keyboard', () => {
  beforeEach(async () => {
    page.greet();
    await page.load();
  });

  it('select by a click, and open by a double click with the box in its place', async () => {
    const before = page.place('s/');
    page.click('s/');
    expect(page.view.store.selected).toBe('s/');
    page.mouse('dblclick', before.x + 30, before.y + 8);
    await page.settle();
    expect(page.ids).toContain('s/a');
    expect(page.place('s/').x).toBeCloseTo(before.x, 6);
    expect(page.place('s/').y).toBeCloseTo(before.y, 6);
    page.mouse('pointerdown', 1, 799);
    page.mouse('pointerup', 1, 799);
    expect(page.view.store.selected).toBe('');
  });

  it('open by the plus, without selecting', async () => {
    const { x, y } = page.place('s/');
    page.mouse('pointerdown', x + 5, y + 5);
    page.mouse('pointerup', x + 5, y + 5);
    await page.settle();
    expect([page.ids.includes('s/a'), page.view.store.selected]).toEqual([true, '']);
  });

  it('drag without selecting, and zoom about the pointer', () => {
    const before = page.view.canvas.camera;
    const { x, y } = page.place('x');
    page.mouse('pointerdown', x + 30, y + 8);
    page.mouse('pointermove', x + 80, y + 8);
    page.mouse('pointerup', x + 80, y + 8);
    expect(page.view.store.selected).toBe('');
    expect(page.view.canvas.camera.x).toBeCloseTo(before.x - 50 / before.scale, 6);
    const wheel = new WheelEvent('wheel', { deltaY: -100, clientX: 50, clientY: 60, cancelable: true });
    page.view.canvas.canvas.dispatchEvent(wheel);
    expect(wheel.defaultPrevented).toBe(true);
    expect(page.view.canvas.camera.scale).toBeGreaterThan(before.scale);
  });

  it('walk along edges, open, and tell what is selected', async () => {
    page.key('ArrowDown');
    expect(page.view.store.selected).toBe('x');
    expect(page.text('.jp-glnb-graph-said')).toBe('x, Op, 4x4, read by s/a');
    page.key('ArrowDown');
    expect(page.text('.jp-glnb-graph-said')).toBe('s, with 2 operations');
    page.key('Enter');
    await page.settle();
    page.key('ArrowDown');
    expect(page.view.store.selected).toBe('s/a');
    page.key('Escape');
    expect(page.view.store.selected).toBe('');
  });

  it('search from the canvas and back', async () => {
    page.key('/');
    const field = page.find<HTMLInputElement>('input[type=search]');
    expect(document.activeElement).toBe(field);
    field.value = 's/';
    field.dispatchEvent(new Event('input'));
    await page.settle();
    expect(page.text('.jp-glnb-graph-found')).toBe('2 found');
    page.key('Enter', field);
    await page.settle();
    expect([page.view.store.selected, page.text('.jp-glnb-graph-found')]).toEqual(['s/a', '1 of 2']);
    expect(page.ids).toContain('s/a');
    field.value = '/(/';
    field.dispatchEvent(new Event('input'));
    await page.settle();
    expect(field.getAttribute('aria-invalid')).toBe('true');
    page.key('Escape', field);
    expect([field.value, document.activeElement]).toEqual(['', page.view.canvas.canvas]);
  });
});
