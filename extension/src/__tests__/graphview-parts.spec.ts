import { readFileSync } from 'fs';
import { resolve } from 'path';
import { IGraphNode } from '../protocol';
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

const deep = JSON.parse(readFileSync(resolve(__dirname, 'fixtures/deep.json'), 'utf8')) as
  IGraphNode[] | { nodes: IGraphNode[] };
const DEEP = Array.isArray(deep) ? deep : deep.nodes;

let page: Page;

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['queueMicrotask', 'nextTick'] });
  page = new Page();
});

afterEach(() => {
  page.view.dispose();
  jest.useRealTimers();
});

describe('the card', () => {
  beforeEach(async () => {
    page.greet();
    await page.load();
  });

  it('tells of an operation and leads to its neighbours and its line', async () => {
    page.view.store.select('y');
    await page.settle();
    expect(page.text('.jp-glnb-graph-card-title')).toBe('y');
    expect(page.text('.jp-glnb-graph-code')).toBe('<i>3</i>');
    const links = [...page.view.node.querySelectorAll<HTMLButtonElement>('.jp-glnb-graph-link')];
    links.find(({ textContent }) => textContent === 'In [5], line 7')?.click();
    expect(page.revealed).toEqual([{ cell: 'c1', line: 7 }]);
    links.find(({ textContent }) => textContent?.startsWith('s/b'))?.click();
    await page.settle();
    expect(page.view.store.selected).toBe('s/b');
    expect(page.ids).toContain('s/b');
  });

  it('tells of a function that made an operation the cell that called it, whose line marks it', async () => {
    const nodes = [...SMALL, op('z', [], { file: 1, line: 2, callers: [0, 9, 0, 12] })];
    await page.load(nodes);
    page.view.store.select('z');
    await page.settle();
    expect(page.text('.jp-glnb-graph-facts')).toContain('layers.py, line 2');
    const called = [...page.view.node.querySelectorAll<HTMLButtonElement>('.jp-glnb-graph-callers button')];
    expect(called.map(({ textContent }) => textContent)).toEqual(['In [5], line 9', 'In [5], line 12']);
    called[1].click();
    expect(page.revealed).toEqual([{ cell: 'c1', line: 12 }]);
    for (const [line, marks] of [
      [9, [4]],
      [12, [4]],
      [2, []],
      [7, [3]]
    ] as const) {
      page.moved.emit({ cell: 'c1', line });
      expect(page.view.store.marks).toEqual(marks);
    }
    page.moved.emit(null);
  });

  it('tells which execution of a cell made an operation', async () => {
    const nodes = [...SMALL, op('z', [], { file: 0, line: 7 })];
    const executions = [
      { first: 0, last: SMALL.length, cell: 'c1', count: 2 },
      { first: SMALL.length, last: nodes.length, cell: 'c1', count: 4 }
    ];
    await page.load(nodes, 'g', nodes.length, executions);
    for (const [name, text] of Object.entries({ y: 'In [2], line 7', z: 'In [4], line 7' })) {
      page.view.store.select(name);
      await page.settle();
      expect(page.text('.jp-glnb-graph-facts')).toContain(text);
    }
  });

  it('shows the live value while it is open', async () => {
    page.view.store.select('x');
    const [request] = page.model.interest.pictures;
    expect(request).toMatchObject({ key: 'card', session: 's', tensor: 'x:0', axes: [0, 1] });
    const picture = {
      ...request,
      step: 3,
      dtype: 'float32',
      shape: [4, 4],
      block: [1, 1],
      problem: 'x was not fed <b>'
    };
    page.model.takePicture(picture, []);
    await page.settle();
    expect(page.text('.jp-glnb-graph-value-text')).toBe('x was not fed <b>');
    const values = new Float32Array(16).fill(NaN);
    const ref = { buffer: 0, dtype: 'float32' as const, shape: [4, 4] };
    page.model.takePicture({ ...picture, problem: undefined, values: ref }, [values]);
    await page.settle();
    expect(page.text('.jp-glnb-graph-value-text')).toBe('from 0 to 0 at step 3');
    page.find('.jp-glnb-graph-card [aria-label=Close]').click();
    expect(page.model.interest.pictures).toEqual([]);
  });

  it('shows the value in the session that trains, or in the one that was chosen, and says which', async () => {
    const session = (id: string, graph = 'g') => ({ id, graph, labels: [`the ${id}`], devices: [], runs: 1 });
    const run = { ...page.model.run, state: 'running' as const, session: 's' };
    const tell = (...sessions: ReturnType<typeof session>[]) =>
      page.model.tick({ v: 1, type: 'tick', seq: 1, time: 0, run, sessions }, []);
    const shown = () => [page.model.interest.pictures[0]?.session, page.text('.jp-glnb-graph-facts')];
    const of = (id: string) => [id, expect.stringContaining(`Value of sessionthe ${id}`)];
    page.view.store.select('x');
    await page.settle();
    expect(shown()).toEqual(['s', expect.not.stringContaining('Value of session')]);
    tell(session('s'), session('idle'), session('far', 'h'));
    await page.settle();
    expect(shown()).toEqual(of('s'));
    page.state.set('values.session', 'idle');
    tell(session('s'), session('idle'), session('far', 'h'));
    await page.settle();
    expect(shown()).toEqual(of('idle'));
    page.state.set('values.session', '');
    page.model.tick({ v: 1, type: 'tick', seq: 2, time: 0, run: { ...run, session: 'idle' } }, []);
    page.model.tick({ v: 1, type: 'tick', seq: 3, time: 0, run }, []);
    const later = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 5000);
    page.model.tick({ v: 1, type: 'tick', seq: 4, time: 0, run: { ...run, steps: 9 } }, []);
    later.mockRestore();
    await page.settle();
    expect(shown()).toEqual(of('s'));
    tell(session('idle'));
    await page.settle();
    expect(shown()).toEqual(['idle', expect.not.stringContaining('Value of session')]);
  });

  it('keeps the last known value where there is no newer one, and says why', async () => {
    const notes = () => [...page.find('.jp-glnb-graph-value').children].filter(e => !(e as HTMLElement).hidden);
    const texts = () => notes().flatMap(({ textContent }) => textContent || []);
    page.view.store.select('x');
    const [request] = page.model.interest.pictures;
    const picture = { ...request, step: 1234, dtype: 'float32', shape: [], block: [1, 1] };
    const values = { buffer: 0, dtype: 'float32' as const, shape: [1, 1] };
    page.model.takePicture({ ...picture, values }, [new Float32Array([0.5])]);
    await page.settle();
    expect(texts()).toEqual(['0.5 at step 1,234']);
    page.model.takePicture({ ...picture, step: 2000, problem: 'nothing feeds <b>' }, []);
    await page.settle();
    const why = 'The last known value; there is no newer one: ';
    expect(texts()).toEqual(['0.5 at step 1,234', why + 'nothing feeds <b>']);
    expect(page.find('.jp-glnb-graph-value').querySelector('b')).toBeNull();
    // Hidden and shown again at once, it does not wait for an answer that nothing asks for.
    page.view.card.hide();
    page.view.card.show();
    await page.settle();
    expect(texts()).toEqual(['0.5 at step 1,234', why + 'nothing feeds <b>']);
    // It is known again after another node was looked at, but is none of another session.
    page.view.store.select('y');
    page.view.store.select('x');
    page.model.takePicture({ ...picture, problem: 'nothing feeds <b>' }, []);
    await page.settle();
    expect(texts()).toEqual(['0.5 at step 1,234', why + 'nothing feeds <b>']);
    page.model.takePicture({ ...picture, session: 's2', problem: 'no value yet' }, []);
    await page.settle();
    expect(texts()).toEqual(['no value yet']);
    // A newer value takes its place.
    page.model.takePicture({ ...picture, step: 2001, values }, [new Float32Array([0.25])]);
    await page.settle();
    expect(texts()).toEqual(['0.25 at step 2,001']);
    // The session is closed, and then the kernel is gone.
    const none = { v: 1, type: 'tick' as const, seq: 1, time: 0, run: page.model.run, sessions: [] };
    page.model.tick(none, []);
    await page.settle();
    expect(texts()[0]).toBe('0.25 at step 2,001');
    expect(texts()[1]).toMatch(/^The last known value; there is no newer one: No session of this graph is open/);
    page.model.clear();
    page.greet();
    await page.load();
    page.model.tick(none, []);
    page.view.store.select('y');
    page.view.store.select('x');
    await page.settle();
    expect(texts()).toEqual(['No session of this graph is open. Its value is shown once one is.']);
  });

  it('tells of a scope', async () => {
    page.view.store.select('s/');
    await page.settle();
    expect(page.text('.jp-glnb-graph-card-body')).toContain('2 operations');
    expect(page.text('.jp-glnb-graph-card-body')).toContain('Op ×2');
    expect(page.model.interest.pictures).toEqual([]);
  });

  it('marks what the line of the cursor made', () => {
    page.moved.emit({ cell: 'c1', line: 7 });
    expect(page.view.store.marks).toEqual([3]);
    page.moved.emit({ cell: 'other', line: 7 });
    expect(page.view.store.marks).toEqual([]);
    page.moved.emit(null);
  });
});

describe('the toolbar', () => {
  beforeEach(async () => {
    page.greet();
    await page.load();
  });

  const press = (label: string) => page.find(`[aria-label="${label}"]`).click();

  it('asks for a measured run where colours need one', async () => {
    page.view.store.set({ coloring: 'time' });
    const button = page.find('.jp-glnb-graph-legend button');
    expect(button.textContent).toBe('Measure the next run');
    button.click();
    await page.settle();
    expect(page.asked).toContainEqual({ op: 'measure', session: 's' });
    expect(page.text('.jp-glnb-graph-legend')).toBe('The next run will be measured.');
    const times = {
      graph: 'g',
      session: 's',
      step: 9,
      nodes: [0],
      micros: [5],
      bytes: [6],
      shapes: [[[4]]],
      devices: ['']
    };
    page.model.tick({ v: 1, type: 'tick', seq: 1, time: 0, run: page.model.run, times }, []);
    expect(page.text('.jp-glnb-graph-legend')).toContain('Measured in step 9');
  });

  it('hides types and shows them again', async () => {
    press('Hide operations by type');
    const check = page.find<HTMLInputElement>('.jp-glnb-graph-check input');
    check.click();
    await page.settle();
    expect(page.ids).toEqual([]);
    expect(page.text('.jp-glnb-graph-note')).toContain('hidden');
    expect(page.text('.jp-glnb-graph-strip')).toContain('Operations of the type');
    check.click();
    await page.settle();
    expect(page.ids).toHaveLength(3);
    expect(page.text('.jp-glnb-graph-strip')).not.toContain('Operations of');
    check.click();
    await page.settle();
    page.find('.jp-glnb-graph-chip:not([hidden]) button').click();
    await page.settle();
    expect(page.ids).toHaveLength(3);
    page.key('Escape', check);
    expect(page.view.node.querySelector('.jp-glnb-graph-popup')).toBeNull();
  });

  it('shows only what something needs', async () => {
    page.view.store.select('s/a');
    const field = page.find<HTMLInputElement>('input[type=search]');
    field.value = 'a';
    field.dispatchEvent(new Event('input'));
    await page.settle();
    expect(page.view.canvas.look.lit).not.toBeNull();
    press('Show only what the selected operation needs');
    await page.settle();
    expect(page.ids).not.toContain('y');
    // What was found before lets nothing of it fade.
    expect([field.value, page.view.canvas.look.lit]).toEqual(['', null]);
    page.find('.jp-glnb-graph-chip:not([hidden]) button').click();
    await page.settle();
    expect(page.ids).toContain('y');
  });

  it('opens and closes all, and keeps what is open', async () => {
    press('More');
    const entries = () => [...page.view.node.querySelectorAll<HTMLButtonElement>('[role=menuitem]')];
    entries()
      .find(({ textContent }) => textContent === 'Open all scopes')
      ?.click();
    await page.settle();
    expect(page.ids).toContain('s/b');
    const kept = page.state.toJSON();
    page.view.dispose();
    page = new Page(kept);
    page.greet();
    await page.load();
    expect(page.ids).toContain('s/b');
  });

  it('saves files', async () => {
    for (const kind of ['SVG', 'JSON']) {
      press('More');
      const entries = [...page.view.node.querySelectorAll<HTMLButtonElement>('[role=menuitem]')];
      entries.find(({ textContent }) => textContent === `Save as ${kind}`)?.click();
    }
    expect(page.saved.map(([name]) => name)).toEqual(['my-net-graph.svg', 'my-net-graph.json']);
  });

  it('traces what is selected', () => {
    press('Trace inputs and outputs of what is selected');
    page.view.store.select('s/');
    expect(page.view.canvas.look.lit?.size).toBe(3);
    page.view.store.select('');
    expect(page.view.canvas.look.lit).toBeNull();
  });
});

describe('the list', () => {
  const items = () => [...page.view.node.querySelectorAll<HTMLElement>('[role=treeitem]')];
  const show = () => page.find('[aria-label="Show as a list"]').click();

  it('is a tree that shares the selection', async () => {
    page.greet();
    await page.load();
    show();
    await page.settle();
    expect(items().map(item => item.querySelector('.jp-glnb-graph-grow')?.textContent)).toEqual(['x', 's', 'y']);
    page.key('ArrowDown', document.activeElement as HTMLElement);
    expect(page.view.store.selected).toBe('s/');
    page.key('ArrowRight', document.activeElement as HTMLElement);
    expect(items()).toHaveLength(5);
    expect(items()[1].getAttribute('aria-expanded')).toBe('true');
    page.key('ArrowRight', document.activeElement as HTMLElement);
    expect(page.view.store.selected).toBe('s/a');
    page.key('ArrowLeft', document.activeElement as HTMLElement);
    page.key('ArrowLeft', document.activeElement as HTMLElement);
    expect(items()).toHaveLength(3);
    expect(items().filter(({ tabIndex }) => tabIndex === 0)).toHaveLength(1);
    page.view.store.select('s/b');
    await page.settle();
    expect(items().map(item => item.getAttribute('aria-selected'))).toEqual([
      'false',
      'false',
      'false',
      'true',
      'false'
    ]);
    expect(page.state.get('graph.list', false)).toBe(true);
  });

  it('leaves out what is of a hidden type, and the scopes that have nothing else', async () => {
    page.greet();
    await page.load([...SMALL, op('n/z', [3], { type: 'Odd' })]);
    show();
    await page.settle();
    const names = () => items().map(item => item.querySelector('.jp-glnb-graph-grow')?.textContent);
    expect(names()).toEqual(['x', 's', 'y', 'n']);
    page.view.store.set({ hidden: ['Odd'] });
    await page.settle();
    expect(names()).toEqual(['x', 's', 'y']);
    page.view.store.set({ hidden: ['Op'] });
    await page.settle();
    expect(names()).toEqual(['n']);
    page.view.store.set({ hidden: [] });
    await page.settle();
    expect(names()).toEqual(['x', 's', 'y', 'n']);
  });

  it('opens and closes with the picture', async () => {
    page.greet();
    await page.load();
    page.view.store.toggle('s/');
    await page.settle();
    show();
    await page.settle();
    expect(page.ids).toContain('s/a');
    expect([items().length, items()[1].getAttribute('aria-expanded')]).toEqual([5, 'true']);
    page.view.store.toggle('s/');
    await page.settle();
    expect([items().length, items()[1].getAttribute('aria-expanded')]).toEqual([3, 'false']);
    page.view.store.toggle('s/');
    await page.settle();
    expect(items()).toHaveLength(5);
  });

  it('has only what is in sight in the page', async () => {
    const many = Array.from({ length: 50000 }, (_, k) => op(`a${k}`, k > 0 ? [k - 1] : []));
    show();
    page.view.store.set({ fold: true });
    page.greet({ size: many.length });
    await page.load(many);
    page.key('End', items()[0]);
    expect(items().length).toBeLessThan(120);
    expect(page.view.store.selected).toBe('a49999');
  }, 30000);
});

describe('the deep tutorial', () => {
  it('is shown, opened to its last scope and closed again', async () => {
    page.greet({ size: DEEP.length });
    await page.load(DEEP);
    const closed = page.ids.length;
    page.view.store.openTo(Infinity);
    await page.settle();
    expect(page.ids.length).toBeGreaterThan(2 * closed);
    page.view.store.openTo(0);
    await page.settle();
    expect(page.ids).toHaveLength(closed);
  });
});
