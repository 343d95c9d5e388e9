import { trans } from './page';
import { IGraph } from '../model';
import { ISessionInfo, IValueRow } from '../protocol';
import { sessionLabels } from '../views/sessions';
import { hasTensor, suggestions, tensorName } from '../views/values/names';
import { arrange, filterOf, health, ISort, joinRows, keepOrder } from '../views/values/rows';
import { nextSort } from '../views/values/table';
import { cellText, healthText, rowProblem, rowSummary } from '../views/values/tablemodel';
import { emptyText, pictureText, statusText } from '../views/values/texts';

function row(name: string, more: Partial<IValueRow> = {}): IValueRow {
  return {
    name,
    node: 0,
    dtype: 'float32_ref',
    shape: [10],
    initialized: true,
    trainable: true,
    pinned: false,
    ...more
  };
}

/** Statistics with a mean and counts; the rest is zero. */
function statistics(...rows: { mean?: number; zeros?: number; negative?: number; nan?: number; inf?: number }[]) {
  return Float64Array.from(
    rows.flatMap(r => [r.mean ?? 0, 0, 0, 0, 0, r.zeros ?? 0, r.negative ?? 0, r.nan ?? 0, r.inf ?? 0])
  );
}

const none: ISort = { key: 'kernel', down: false };

describe('rows', () => {
  it('have no numbers where the variable has none', () => {
    const rows = joinRows(
      [row('a'), row('b', { initialized: false }), row('c', { problem: 'gone' }), row('d', { shape: [0] }), row('e')],
      statistics({ mean: 1 }, {}, {}, {})
    );
    expect(rows.map(r => r.statistics?.[0] ?? null)).toEqual([1, null, null, null, null]);
    expect(rows.map(r => rowProblem(r, trans))).toEqual(['', 'not initialized', 'gone', 'empty', '']);
    expect(cellText(rows[1], 'mean', trans)).toBe('–');
    expect(rowSummary(rows[1], trans)).toBe('b, 10, not initialized');
  });

  it('are found by words, expressions, shape and type', () => {
    const matches = (one: IValueRow, text: string) => {
      const found = filterOf(text);
      return typeof found === 'function' ? found(one) : found.problem;
    };
    const it = row('layer1/Weights<b>[0]"\u{1F389}', { shape: [784, 10] });
    for (const yes of [
      '',
      '  ',
      'layer1',
      'WEIGHTS layer',
      'shape:784',
      'shape:784x10',
      'shape:784×10',
      '<b>[0]"',
      '/^Layer\\d\/w/'
    ]) {
      expect([yes, matches(it, yes)]).toEqual([yes, true]);
    }
    for (const no of ['layer2', 'shape:78', 'shape:10x784', 'dtype:int', 'layer1 bias', '\\', '.*', '/^w/']) {
      expect([no, matches(it, no)]).toEqual([no, false]);
    }
    expect(matches(it, 'dtype:float layer1')).toBe(true);
    expect(matches(row('s', { shape: [] }), 'shape:scalar')).toBe(true);
    expect(matches(it, 'layer1 /(/')).toContain('(');
  });

  it('are sorted with NaN and what has no numbers below, whichever way', () => {
    const rows = joinRows(
      [row('b10'), row('b2'), row('nan'), row('empty', { initialized: false }), row('inf')],
      statistics({ mean: 3 }, { mean: -1 }, { mean: NaN }, {}, { mean: Infinity })
    );
    const names = (sort: ISort) => arrange(rows, '', false, sort).map(r => r.name);
    expect(names({ key: 'mean', down: true })).toEqual(['inf', 'b10', 'b2', 'nan', 'empty']);
    expect(names({ key: 'mean', down: false })).toEqual(['b2', 'b10', 'inf', 'nan', 'empty']);
    expect(names({ key: 'name', down: false }).slice(0, 2)).toEqual(['b2', 'b10']);
    expect(names(none)).toEqual(['b10', 'b2', 'nan', 'empty', 'inf']);
    expect(names({ key: 'kernel', down: true })[0]).toBe('inf');
  });

  it('keep pins above, and hide what is not trained except for pins', () => {
    const rows = joinRows(
      [row('step', { trainable: false }), row('W'), row('y:0', { pinned: true, trainable: false })],
      statistics({}, {}, {})
    );
    expect(arrange(rows, '', true, none).map(r => r.name)).toEqual(['y:0', 'W']);
    expect(arrange([], 'x', true, none)).toEqual([]);
  });

  it('stay where they are while only numbers change', () => {
    const before = joinRows([row('a'), row('b')], statistics({ mean: 1 }, { mean: 2 }));
    const after = joinRows([row('b'), row('a')], statistics({ mean: 0 }, { mean: 5 }));
    expect(keepOrder(before, after)!.map(r => [r.name, r.statistics![0]])).toEqual([
      ['a', 5],
      ['b', 0]
    ]);
    expect(keepOrder(before, joinRows([row('a'), row('c')], statistics({}, {})))).toBeNull();
    expect(keepOrder(before, after.slice(1))).toBeNull();
  });

  it('tell their health as shares that are together one', () => {
    const [a, b, c] = joinRows(
      [row('a'), row('b'), row('c', { initialized: false })],
      statistics({ zeros: 2, negative: 3, nan: 1 }, { nan: 10, negative: 10, zeros: 10 }, {})
    );
    expect(health(a)).toEqual({ negative: 0.3, zero: 0.2, positive: expect.closeTo(0.4), odd: 0.1 });
    expect(health(b)).toEqual({ negative: 0, zero: 0, positive: 0, odd: 1 });
    expect(health(c)).toEqual({ negative: 0, zero: 0, positive: 0, odd: 0 });
    expect(rowSummary(a, trans)).toContain(', all that of finite numbers; 1 numbers are NaN or infinite');
    expect(rowSummary(b, trans)).not.toContain('finite numbers;');
  });

  it('say in words what the bar of health shows', () => {
    const rows = joinRows(
      [row('a'), row('b', { shape: [5000] }), row('c'), row('d', { initialized: false }), row('e')],
      statistics({ nan: 10 }, { nan: 1200, inf: 2 }, { negative: 4 }, {})
    );
    expect(rows.map(r => healthText(r, trans))).toEqual([
      '10 of 10 are NaN',
      '1,200 of 5,000 are NaN, 2 of 5,000 are infinite',
      'no problem',
      'not initialized',
      '–'
    ]);
  });

  it('are sorted by clicks: one way, the other, and as before', () => {
    let sort = none;
    const seen = [1, 2, 3].map(() => (sort = nextSort(sort, 'mean')));
    expect(seen).toEqual([{ key: 'mean', down: true }, { key: 'mean', down: false }, none]);
    expect(nextSort(none, 'name')).toEqual({ key: 'name', down: false });
  });
});

describe('names', () => {
  const session = (id: string, labels: string[]): ISessionInfo => ({ id, graph: 'g', labels, devices: [], runs: 0 });
  const node = (name: string, outputs: number) => ({
    name,
    type: '',
    inputs: [],
    control: [],
    outputs: Array.from({ length: outputs }, () => ({ dtype: 'float32', shape: [] })),
    device: '',
    role: '' as const,
    file: 0,
    line: 0
  });
  const nodes = [node('Softmax', 1), node('x/Softmax', 2), node('init', 0)];
  const graph: IGraph = {
    info: { id: 'g', size: 3, labels: ['graph'], default: true },
    nodes,
    files: [],
    executions: [],
    byName: new Map(nodes.map((n, i) => [n.name, i])),
    times: null
  };

  it('of sessions are told apart, the newest first', () => {
    const labels = sessionLabels(
      [session('1', ['a']), session('2', ['b']), session('3', ['a'])],
      new Map([['g', graph]])
    );
    expect(labels.map(l => l.label)).toEqual(['a (graph, 3)', 'b', 'a (graph, 1)']);
    expect(sessionLabels([session('7', [])], new Map())).toEqual([{ id: '7', label: '7' }]);
    expect(sessionLabels([], new Map())).toEqual([]);
  });

  it('of tensors are taken as they are pasted', () => {
    const typed = ['Softmax', ' Softmax:1 ', '"Softmax:0"', "'a/b'", '', '  '];
    expect(typed.map(tensorName)).toEqual(['Softmax:0', 'Softmax:1', 'Softmax:0', 'a/b:0', '', '']);
    expect(tensorName('Softmax:00')).toBe('Softmax:0');
  });

  it('are known to be of the graph, or not, or it is not known', () => {
    expect(hasTensor(graph, 'Softmax:0')).toBe(true);
    expect(hasTensor(graph, 'Softmax:1')).toBe(false);
    expect(hasTensor(graph, 'init:0')).toBe(false);
    expect(hasTensor(graph, 'nothing:0')).toBe(false);
    expect(hasTensor({ ...graph, info: { ...graph.info, size: 9 } }, 'nothing:0')).toBeNull();
    expect(hasTensor(undefined, 'Softmax:0')).toBeNull();
  });

  it('are suggested, those that begin so first', () => {
    expect(suggestions(graph, 'soft')).toEqual(['Softmax:0', 'x/Softmax:0', 'x/Softmax:1']);
    expect(suggestions(graph, 'soft', 2)).toEqual(['Softmax:0', 'x/Softmax:0']);
    expect(suggestions(graph, 'Softmax:')).toContain('Softmax:0');
    expect([suggestions(graph, '(?'), suggestions(undefined, 'a')]).toEqual([[], []]);
  });
});

describe('texts', () => {
  it('say why there is nothing, and of when the numbers are', () => {
    expect(emptyText(trans, false, null, 0, '')).toContain('No session is open yet');
    expect(emptyText(trans, true, null, 0, '')).toContain('Waiting');
    expect(emptyText(trans, true, 0, 0, '')).toContain('no variables');
    expect(emptyText(trans, true, 5, 0, '')).toContain('filter');
    expect(emptyText(trans, true, 5, 1, '')).toBe('');
    expect(emptyText(trans, true, 5, 0, '/W(/')).toMatch(/^The filter cannot be read: .*W\(/);
    expect(statusText(trans, 1, 2, 7, 7)).toBe('1 of 2 shown, step 7');
    expect(statusText(trans, 1, 2, 7, 9)).toContain('training is at step 9');
    expect(statusText(trans, 0, 0, 7, 9)).toBe('');
  });
});

describe('a picture in words', () => {
  it('has shape, range, and the shares of what is negative and zero', () => {
    const said = (...odd: number[]) =>
      pictureText(trans, 'W:0', 'float32', [10, 20], [0.1, 1, -2, 2.5, 3, 20, 96, ...odd]);
    expect(said(0, 0)).toBe('W:0, float32 10×20, from -2 to 2.5, 48 % negative, 10 % zero');
    expect(said(2, 1)).toContain(', 3 numbers are NaN or infinite');
    expect(pictureText(trans, 'n:0', 'int32', [], [1, 0, 1, 1, 1, 0, 0, 0, 0])).toBe(
      'n:0, int32 scalar, from 1 to 1, 0 % negative, 0 % zero'
    );
  });
});
