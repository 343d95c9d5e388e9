import { Work } from '../graph/pieces';
import { buildScene } from '../graph/scene';
import { IGraph } from '../model';
import { IGraphNode } from '../protocol';
import { Builder, IBuilt } from '../views/graph/building';
import { asideOf, failedNode, readersOf } from '../views/graph/facts';
import { towards } from '../views/graph/seek';
import { DEFAULTS } from '../views/graph/settings';
import { Slices } from '../views/graph/slices';

// The package's only other form is a module, which jest cannot load.
jest.mock('flatbush', () => jest.requireActual('../../node_modules/flatbush/flatbush.js'));
jest.useFakeTimers();

let now = 0;
beforeEach(() => {
  now = 0;
  jest.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => jest.restoreAllMocks());

function op(name: string, inputs: number[] = [], part: Partial<IGraphNode> = {}): IGraphNode {
  const rest = { control: [], outputs: [], device: '', role: '' as const, file: 0, line: 1, ...part };
  return { name, type: 'Op', inputs: inputs.flatMap(k => [k, 0]), ...rest };
}

function graphOf(nodes: IGraphNode[], part: Partial<IGraph> = {}): IGraph {
  return {
    info: { id: 'g', size: nodes.length, labels: [], default: true },
    nodes,
    files: [],
    executions: [],
    byName: new Map(nodes.map(({ name }, k) => [name, k])),
    times: null,
    ...part
  };
}

/** Work of pieces that take 5 ms each. */
function* slow(pieces: number): Work<number> {
  for (let k = 0; k < pieces; k++) {
    now += 5;
    yield;
  }
  return pieces;
}

describe('slices', () => {
  it('do small work at once', () => {
    const [slices, done] = [new Slices(), jest.fn()];
    slices.run(slow(3), done);
    expect(done).toHaveBeenCalledWith(3);
    expect([slices.working, slices.took]).toEqual([false, 15]);
  });

  it('cut large work, none of which takes long', () => {
    const [slices, done] = [new Slices(), jest.fn()];
    let [longest, began] = [0, now];
    slices.run(slow(40), done);
    for (let k = 0; k < 100 && slices.working; k++) {
      longest = Math.max(longest, now - began);
      began = now;
      jest.advanceTimersToNextTimer();
    }
    expect(done).toHaveBeenCalledTimes(1);
    expect(done).toHaveBeenCalledWith(40);
    expect(longest).toBeGreaterThan(0);
    expect(longest).toBeLessThan(30);
    expect(slices.took).toBe(200);
  });

  it('give up what is replaced or cancelled', () => {
    const [slices, old, newer] = [new Slices(), jest.fn(), jest.fn()];
    slices.run(slow(40), old);
    slices.run(slow(2), newer);
    jest.runAllTimers();
    expect(newer).toHaveBeenCalledWith(2);
    slices.run(slow(40), old);
    slices.cancel();
    jest.runAllTimers();
    expect(old).not.toHaveBeenCalled();
    expect(slices.working).toBe(false);
  });
});

describe('building', () => {
  const built = (builder: Builder, graph: IGraph, part = {}, only = -1) => {
    let found: IBuilt | null = null;
    builder.build(graph, { ...DEFAULTS, ...part }, only, given => (found = given));
    return found as unknown as IBuilt;
  };

  it('hides earlier versions, but not what a fetch needs, nor when told to show them', () => {
    const nodes = [op('a'), op('b', [0]), op('a_1'), op('b_1', [2])];
    const executions = [
      { first: 0, last: 2, cell: 'A', count: 1 },
      { first: 2, last: 4, cell: 'A', count: 2 }
    ];
    const [builder, graph] = [new Builder(() => 10), graphOf(nodes, { executions })];
    const first = built(builder, graph);
    expect([...(first.scene?.boxes.keys() ?? [])]).toEqual(['a_1', 'b_1']);
    expect(first.earlier?.executions).toBe(1);
    expect(built(builder, graph).earlier).toBe(first.earlier);
    expect([...(built(builder, graph, { earlier: true }).scene?.boxes.keys() ?? [])]).toHaveLength(4);
    expect([...(built(builder, graph, {}, 1).scene?.boxes.keys() ?? [])]).toEqual(['a', 'b']);
    expect(built(builder, graphOf(nodes)).earlier).toBeNull();
  });

  it('keeps the failed operation and its inputs, whichever version they are of', () => {
    const nodes = [op('a'), op('b', [0]), op('a_1')];
    const executions = [
      { first: 0, last: 2, cell: 'A', count: 1 },
      { first: 2, last: 3, cell: 'A', count: 2 }
    ];
    const failed = { type: 'a', name: '', inputs: ['a:0'], message: 'no', file: '', line: 1, index: 1 };
    const info = { id: 'g', size: 3, labels: [], default: true, failed };
    const [builder, graph] = [new Builder(() => 10), graphOf(nodes, { executions, info })];
    const found = built(builder, graph);
    expect([...(found.scene?.boxes.keys() ?? [])]).toEqual(['a', 'a_1', 'a_2']);
    expect(found.nodes[found.failed].name).toBe('a_2');
    expect(built(builder, graph).nodes[3]).toBe(found.nodes[3]);
  });

  it('gives a failed operation a name of its own', () => {
    const graph = graphOf([op('<b>"x"</b> 😀'), op('<b>"x"</b> 😀_1')]);
    const failed = { type: 'T', name: '<b>"x"</b> 😀', inputs: [], message: '', file: '', line: 0, index: 1 };
    expect(failedNode(failed, graph).name).toBe('<b>"x"</b> 😀_2');
    expect(failedNode({ ...failed, name: 'free' }, graph).name).toBe('free');
  });
});

describe('the way to an operation', () => {
  const nodes = [op('x'), op('s/t/a', [0]), op('s/b', [1])];
  const options = { open: [] as string[], foldSeries: true, setAside: true, aside: [], back: [], hiddenTypes: [] };
  const from = (open: string[], earlier?: Uint8Array) =>
    buildScene(nodes, { ...options, open, only: null, earlier }, () => 10);

  it('opens what is around it, and ends where it is seen', () => {
    const settings = { ...DEFAULTS, open: [] };
    const step = towards(1, { scene: from([]), settings, earlier: null, name: 's/t/a' });
    expect(step).toEqual({ open: ['s/', 's/t/'] });
    const opened = { ...settings, ...step };
    expect(towards(1, { scene: from(opened.open), settings: opened, earlier: null, name: 's/t/a' })).toBeNull();
  });

  it('shows earlier versions where it is one, and ends where nothing helps', () => {
    const ops = Uint8Array.from([0, 1, 0]);
    const [earlier, scene] = [{ ops, executions: 1 }, from([], ops)];
    expect(towards(1, { scene, settings: DEFAULTS, earlier, name: 's/t/a' })).toEqual({ earlier: true });
    expect(towards(1, { scene, settings: { ...DEFAULTS, earlier: true }, earlier, name: 's/t/a' })).toBeNull();
    expect(towards(99, { scene, settings: DEFAULTS, earlier: null, name: '' })).toBeNull();
  });
});

describe('what was set aside of an operation', () => {
  const nodes = [
    op('W', [], { role: 'variable' }),
    op('W/zeros', [], { role: 'constant' }),
    op('W/Assign', [0, 1], { role: 'initializer' }),
    op('y/c', [], { role: 'constant' }),
    op('y', [0, 3]),
    op('save/names', [], { role: 'saver' }),
    op('save/all', [5, 0], { role: 'saver' }),
    op('z', [4])
  ];
  const readers = readersOf(nodes);
  const aside = [1, 2, 3, 5, 6];

  it('is what it reads, what reads it, and what these need', () => {
    expect(asideOf(nodes, readers, aside, [0])).toEqual([1, 2, 6]);
    expect(asideOf(nodes, readers, aside, [4])).toEqual([3]);
    expect(asideOf(nodes, readers, aside, [7])).toEqual([]);
    expect(asideOf(nodes, readers, [], [0])).toEqual([]);
  });

  it('is of a box what is in it as well', () => {
    expect(asideOf(nodes, readers, aside, [0, 1, 2])).toEqual([1, 2, 6]);
    expect(asideOf(nodes, readers, aside, [])).toEqual([]);
    expect(asideOf(nodes, readers, aside, [99])).toEqual([]);
  });
});
