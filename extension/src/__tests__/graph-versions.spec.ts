import { finished } from '../graph/pieces';
import { buildScene } from '../graph/scene';
import { INode } from '../graph/types';
import { earlierSteps, IExecution } from '../graph/versions';

/** Operations from lines "name role input ^control"; "-" is no role, and a type stands before a colon. */
function graph(...lines: string[]): INode[] {
  const places = new Map<string, number>();
  return lines.map((line, i) => {
    const [name, role, ...rest] = line.split(' ');
    places.set(name, i);
    const at = (input: string) => places.get(input) ?? -5;
    return {
      name,
      type: /^merge/.test(name) ? 'MergeSummary' : 'Op',
      role: role === '-' ? '' : role,
      inputs: rest.filter(input => !input.startsWith('^')).flatMap(input => [at(input), 0]),
      control: rest.filter(input => input.startsWith('^')).map(input => at(input.slice(1))),
      outputs: [{ dtype: 'float32', shape: [2] }],
      device: ''
    };
  });
}

function run(cell: string | null, count: number | null, first: number, last: number): IExecution {
  return { first, last, cell, count };
}

/** Names of what is of earlier versions, and how many executions these are. */
function earlier(nodes: readonly INode[], executions: readonly IExecution[]): [string[], number] {
  const found = finished(earlierSteps(nodes, executions));
  return [nodes.filter((_, i) => found?.ops[i] === 1).map(({ name }) => name), found?.executions ?? 0];
}

/** A model that a cell makes: a variable with its helpers, and what reads it. */
function model(end: string): string[] {
  const own = [`W${end} variable`, `W${end}/zeros constant`, `W${end}/Assign initializer W${end} W${end}/zeros`];
  return [...own, `W${end}/read - W${end}`, `y${end} - W${end}/read`];
}

describe('earlier versions', () => {
  it('are what a cell made before it was executed again', () => {
    const nodes = graph(...model(''), ...model('_1'), ...model('_2'));
    const [names, count] = earlier(nodes, [run('A', 1, 0, 5), run('A', 2, 5, 10), run('A', 3, 10, 15)]);
    expect(names).toEqual(nodes.slice(0, 10).map(({ name }) => name));
    expect(count).toBe(2);
  });

  it('are nothing where cells were executed once, or are not known', () => {
    const nodes = graph(...model(''), ...model('_1'));
    expect(earlier(nodes, [])).toEqual([[], 0]);
    expect(earlier(nodes, [run('A', 1, 0, 5), run('B', 2, 5, 10)])).toEqual([[], 0]);
    expect(earlier(nodes, [run(null, 1, 0, 5), run(null, 2, 5, 10)])).toEqual([[], 0]);
    expect(earlier(nodes, [run('A', null, 0, 5), run('A', 2, 5, 10)])).toEqual([[], 0]);
    expect(earlier([], [run('A', 1, 0, 5), run('A', 2, 5, 10)])).toEqual([[], 0]);
  });

  it('bear ranges that reach beyond what was sent', () => {
    const nodes = graph('a -', 'b -');
    expect(earlier(nodes, [run('A', 1, 0, 1), run('A', 2, 1, 900), run('A', 3, 900, 901)])).toEqual([['a', 'b'], 2]);
  });

  it('are not what a cell made in several turns of one execution', () => {
    const nodes = graph('a -', 'b -', 'c -');
    expect(earlier(nodes, [run('A', 2, 0, 1), run('B', 1, 1, 2), run('A', 2, 2, 3)])).toEqual([[], 0]);
  });

  it('are told by cells, not by what these begin with', () => {
    // Two cells that begin alike: each is followed by a changed version of the first, the last of which still runs.
    const nodes = graph(...model(''), ...model('_1'), 'loss - y_1', ...model('_2'), 'z - y_2', ...model('_3'));
    const runs = [run('A', 1, 0, 5), run('B', 2, 5, 11), run('A', 3, 11, 17), run('A', 4, 17, 22)];
    const [names, count] = earlier(nodes, runs);
    expect(names).toEqual([...nodes.slice(0, 5), ...nodes.slice(11, 17)].map(({ name }) => name));
    expect(count).toBe(2);
  });

  it('are not what another cell still reads, nor what that needs', () => {
    const nodes = graph(...model(''), 'loss - y', ...model('_1'));
    const [names, count] = earlier(nodes, [run('A', 1, 0, 5), run('B', 2, 5, 6), run('A', 3, 6, 11)]);
    expect([names, count]).toEqual([[], 0]); // the variable keeps its first value as well
    const part = graph('a -', 'b -', 'c - b', 'a_1 -');
    expect(earlier(part, [run('A', 1, 0, 2), run('B', 2, 2, 3), run('A', 3, 3, 4)])).toEqual([['a'], 1]);
  });

  it('are what only an earlier version of another cell reads', () => {
    const nodes = graph(...model(''), 'loss - y', ...model('_1'), 'loss_1 - y_1');
    const runs = [run('A', 1, 0, 5), run('B', 2, 5, 6), run('A', 3, 6, 11), run('B', 4, 11, 12)];
    expect(earlier(nodes, runs)).toEqual([nodes.slice(0, 6).map(({ name }) => name), 2]);
  });

  it('are not kept by what gathers all there is', () => {
    const first = [...model(''), 'init - ^W/Assign', 'save/all saver W', 'summary summary y', 'merge summary summary'];
    const gathers = [
      'init_1 - ^W/Assign ^W_1/Assign',
      'group - ^init_1',
      'save_1/all saver W W_1',
      'merge_1 summary summary'
    ];
    const nodes = graph(...first, ...model('_1'), ...gathers);
    const [names] = earlier(nodes, [run('A', 1, 0, 9), run('A', 2, 9, 14), run('B', 3, 14, 18)]);
    expect(names).toEqual(nodes.slice(0, 9).map(({ name }) => name));
  });

  it('keep what a cell built on what it had made before', () => {
    const nodes = graph('x -', 'add - x', 'add_1 - add', 'add_2 - add_1');
    expect(earlier(nodes, [run('A', 1, 0, 1), run('B', 2, 1, 2), run('B', 3, 2, 3), run('B', 4, 3, 4)])).toEqual([
      [],
      0
    ]);
  });

  it('are found in long chains and large graphs without recursion', () => {
    const nodes = graph(...Array.from({ length: 30000 }, (_, i) => (i === 0 ? 'n0 -' : `n${i} - n${i - 1}`)));
    const runs = [run('A', 1, 0, 29999), run('B', 2, 29999, 30000), run('A', 3, 30000, 30000)];
    expect(earlier(nodes, runs)).toEqual([[], 0]);
    expect(earlier(nodes, runs.slice(0, 1).concat(run('A', 2, 29999, 30000)))).toEqual([[], 0]);
    let pieces = 0;
    for (const work = earlierSteps(nodes, runs); !work.next().done;) {
      pieces++;
    }
    expect(pieces).toBeGreaterThan(7);
  });

  it('are hidden by a scene, and come back', () => {
    const nodes = graph(...model(''), ...model('_1'));
    const found = finished(earlierSteps(nodes, [run('A', 1, 0, 5), run('A', 2, 5, 10)]));
    const options = { open: [], foldSeries: true, setAside: true, aside: [], back: [], hiddenTypes: [], only: null };
    const ids = (part: object) => [...buildScene(nodes, { ...options, ...part }, () => 30).boxes.keys()];
    expect(ids({ earlier: found?.ops })).toEqual(['W_1/', 'y_1']);
    expect(ids({ earlier: null })).toEqual(['W/', 'y', 'W_1/', 'y_1']);
    expect(ids({ earlier: found?.ops })).toEqual(['W_1/', 'y_1']); // what is known of the other is not taken for it
  });
});
