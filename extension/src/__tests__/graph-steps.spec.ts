import { finished } from '../graph/pieces';
import { buildScene, sceneSteps } from '../graph/scene';
import { needing } from '../graph/trace';
import { INode, ISceneOptions } from '../graph/types';

const OPTIONS: ISceneOptions = {
  open: [],
  foldSeries: true,
  setAside: true,
  aside: [],
  back: [],
  hiddenTypes: [],
  only: null
};
const measure = (text: string, size: number) => text.length * size * 0.6;

function op(name: string, inputs: number[] = [], type = 'Op'): INode {
  const outputs = [{ dtype: 'float32', shape: [4, 4] }];
  return { name, type, inputs: inputs.flatMap(k => [k, 0]), control: [], outputs, device: '', role: '' };
}

function large(size: number): INode[] {
  return Array.from({ length: size }, (_, i) =>
    op(`block${Math.floor(i / 1000)}x/layer_${Math.floor((i % 1000) / 50)}/op${i % 50}`, i > 3 ? [i - 1, i - 3] : [])
  );
}

describe('a scene in pieces', () => {
  it('is the same as one made at once', () => {
    const nodes = large(6000);
    const options = { ...OPTIONS, foldSeries: false, open: ['block2x/', 'block2x/layer_3/'] };
    const [a, b] = [buildScene(nodes, options, measure), finished(sceneSteps(nodes, options, measure))];
    expect([...a.boxes.values()]).toEqual([...b.boxes.values()]);
    expect(a.edges('block2x/')).toEqual(b.edges('block2x/'));
    expect(a.boxes.get('block2x/layer_3/op7')).toBeDefined();
  });

  it('has many pieces where the graph is large, and may be given up and begun anew', () => {
    const nodes = large(20000);
    const given = sceneSteps(nodes, OPTIONS, measure);
    for (let k = 0; k < 5; k++) {
      expect(given.next().done).toBe(false);
    }
    let pieces = 0;
    const work = sceneSteps(nodes, OPTIONS, measure);
    let step = work.next();
    for (; !step.done; step = work.next()) {
      pieces++;
    }
    expect(pieces).toBeGreaterThan(25);
    expect(step.value?.boxes.size).toBe(buildScene(nodes, OPTIONS, measure).boxes.size);
  });
});

describe('the operation that could not be made', () => {
  const nodes = [op('x'), op('s/a', [0]), op('t/u/b', [0]), op('y', [1, 2]), op('s/v/Bad', [1, 2], 'MatMul')];
  const failed = 4;

  it('stands behind its inputs, in scopes and out of closed ones', () => {
    const scene = buildScene(nodes, { ...OPTIONS, failed, open: ['s/', 's/v/'] }, measure);
    expect(scene.boxes.get('s/v/Bad')).toMatchObject({ kind: 'failed', ops: [4], main: 4, label: 'Bad' });
    expect(scene.boxOf(failed)).toBe('s/v/Bad');
    const edges = (scope: string) => scene.edges(scope).map(({ from, to }) => `${from}>${to}`);
    expect(edges('')).toContain('t/>s/');
    expect(edges('s/')).toEqual(expect.arrayContaining(['s/a>s/v/', '>s/v/']));
    expect(edges('s/v/')).toEqual(['>s/v/Bad']);
  });

  it('is found by the closed scope around it', () => {
    const scene = buildScene(nodes, { ...OPTIONS, failed }, measure);
    expect(scene.boxOf(failed)).toBe('s/');
    expect([...scene.boxes.values()].some(({ kind }) => kind === 'failed')).toBe(false);
  });

  it('is shown whatever else is hidden, and never folded', () => {
    const list = [
      ...['a', 'b', 'c', 'd', 'e', 'f'].map((_, k) => op(`M_${k}`, [], 'MatMul')),
      op('M_6', [0], 'MatMul')
    ];
    const all = { ...OPTIONS, failed: 6, hiddenTypes: ['MatMul'], aside: ['M_6'], earlier: new Uint8Array(7).fill(1) };
    const hidden = buildScene(list, all, measure);
    expect([...hidden.boxes.keys()]).toEqual(['M_6']);
    expect(hidden.aside).toEqual([]);
    const folded = buildScene(list, { ...OPTIONS, failed: 6, setAside: false }, measure);
    expect(folded.boxOf(6)).toBe('M_6');
    expect(folded.boxOf(1)).not.toBe('M_1');
    expect(buildScene(list, { ...OPTIONS, failed: 6, only: [0] }, measure).boxOf(6)).toBeNull();
    expect(buildScene(list, { ...OPTIONS, failed: -1 }, measure).boxes.size).toBeGreaterThan(0);
  });
});

describe('tracing several at once', () => {
  it('finds what needs any of them', () => {
    const nodes = [op('a'), op('b', [0]), op('c'), op('d', [2]), op('e', [1, 3])];
    expect([...needing(nodes, [0, 2])].sort()).toEqual([1, 3, 4]);
    expect([...needing(nodes, [0, 1])].sort()).toEqual([1, 4]);
    expect(needing(nodes, [-1, 99]).size).toBe(0);
  });
});
