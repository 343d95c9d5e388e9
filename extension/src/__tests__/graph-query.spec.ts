import { engineThere, search } from '../graph/query';
import { bytesOf, elements, shapeText } from '../graph/shapes';
import { downstream, needed, upstream } from '../graph/trace';
import { INode } from '../graph/types';

function node(name: string, type: string, more: Partial<INode> = {}): INode {
  return {
    name,
    type,
    inputs: [],
    control: [],
    outputs: [{ dtype: 'float32', shape: [-1, 784] }],
    device: '',
    role: '',
    ...more
  };
}

const NODES: INode[] = [
  node('x', 'Placeholder', { role: 'placeholder' }),
  node('Dense/W', 'Variable', { role: 'variable', outputs: [{ dtype: 'float32_ref', shape: [784, 10] }] }),
  node('Dense/MatMul', 'MatMul', { inputs: [0, 0, 1, 0], device: '/gpu:0' }),
  node('Dense/bias add', 'Add', { inputs: [2, 0], outputs: [{ dtype: 'int64', shape: [] }] }),
  node('train<b>', 'MatMulGrad', { control: [3], outputs: [{ dtype: 'string', shape: null }] }),
  node('apart', 'NoOp', { outputs: [] })
];

beforeAll(() => engineThere);

describe('search', () => {
  it.each([
    ['dense', [1, 2, 3]],
    ['DENSE mat', [2]],
    ['nothing', []],
    ['', []],
    ['   ', []],
    ['/^dense\\/w$/', [1]],
    ['/^.$/', [0]],
    ['/bias add/', [3]],
    ['/dense/i bias', [3]],
    ['"bias add"', [3]],
    ['/dense', []],
    ['Dense/', [1, 2, 3]],
    ['type:MatMul', [2]],
    ['type:matmul*', [2, 4]],
    ['type:M.tMul', []],
    ['type:*mul', [2]],
    ['type:m*ul*g*ad', [4]],
    ['type:*mat*mul*mul*', []],
    ['type:matmulmatmul*', []],
    ['type:**', [0, 1, 2, 3, 4, 5]],
    ['/(\\w+\\/)+mat/', [2]],
    ['/^(den|ap)+(se|art)+(\\/\\w)?/', [1, 2, 3, 5]],
    ['/d.*n.*e.*w$/', [1]],
    ['/[*+]+/', []],
    ['device:gpu', [2]],
    ['dtype:float32', [0, 1, 2]],
    ['dtype:float32_ref', [1]],
    ['dtype:Float', [0, 1, 2]],
    ['dtype:loat', []],
    ['shape:?x784', [0, 2]],
    ['shape:*x10', [1]],
    ['shape:[784,10]', [1]],
    ['shape:scalar', [3]],
    ['shape:784', []],
    ['role:variable', [1]],
    ['type:', [0, 1, 2, 3, 4, 5]],
    ['dense type:Add', [3]],
    ['<b>', [4]],
    ['colour:red', []],
    ['"', []],
    ['""', []],
    ['dense "', [1, 2, 3]],
    ['dense "bias', [3]]
  ])('finds by %s', (text, found) => {
    expect(search(NODES, text)).toEqual(found);
  });

  it('puts names first that are nearest to the words, and of these what is shown', () => {
    const names = ['a/layer/shape', 'layer/shape', 'player', 'layer/W', 'b/layer', 'layer', 'layers/x'];
    const nodes = names.map(name => node(name, 'Op'));
    const found = (text: string) =>
      (search(nodes, text, undefined, at => !names[at].endsWith('shape')) as number[]).map(at => names[at]);
    const begin = ['layer/W', 'layers/x', 'a/layer/shape', 'layer/shape'];
    expect(found('Layer')).toEqual(['layer', 'b/layer', ...begin, 'player']);
    expect(found('layer type:Op')).toEqual(found('layer'));
    expect(found('layer w')).toEqual(['layer/W']);
    expect(found('shape layer')).toEqual(['a/layer/shape', 'layer/shape']);
    expect(found('/layer/')).toEqual(names.filter(name => !name.endsWith('shape')).concat(names.slice(0, 2)));
  });

  it('finds vectors by their length, with brackets and without', () => {
    const vectors = [3, -1].map(n => node('b', 'Variable', { outputs: [{ dtype: 'float32', shape: [n] }] }));
    expect(['shape:3', 'shape:[3]', 'shape:?', 'shape:*'].map(text => search(vectors, text))).toEqual([
      [0],
      [0],
      [1],
      [0, 1]
    ]);
  });

  it('ends with expressions that go back and try again for ever', () => {
    const nodes = [node('a'.repeat(60), 'Const'), node('scope/'.repeat(20), 'Const')];
    for (const text of [
      '/^(a+)+x/',
      '/(a+)+$x/',
      '/(\\w+\\/?)+kernal/',
      '/a*a*a*a*a*a*a*a*b/',
      '/a{0,60}a{0,60}a{0,60}a{0,60}b/'
    ]) {
      expect(search(nodes, text)).toEqual([]);
    }
    expect(search(nodes, `type:${'*c'.repeat(30)}`)).toEqual([]);
    expect(search(nodes, '/(?=s)(a+)+b/')).toEqual({ problem: expect.stringContaining('(?=') });
  });

  it('says what is wrong with an expression', () => {
    expect(search(NODES, '/(/')).toEqual({ problem: expect.stringContaining('(') });
    expect(search(NODES, 'dense /[/')).toHaveProperty('problem');
  });
});

describe('search by attribute', () => {
  const nodes: INode[] = [
    node('a', 'MatMul', { attributes: ['transpose_a=False', 'transpose_b=True'] }),
    node('b', 'MatMul', { attributes: ['transpose_a=False', 'transpose_b=False'] }),
    node('noise', 'RandomStandardNormal', { attributes: ['mean=0.0', 'stddev=0.1', 'shared_name='] }),
    node('my_stddev', 'Const'),
    node('pool', 'MaxPool', { attributes: ['ksize=(1,2,2,1)', 'padding=SAME'] })
  ];
  it.each([
    ['attr:transpose_b', [0, 1]],
    ['attr:transpose_b=true', [0]],
    ['attr:Transpose_B=True', [0]],
    ['attr:transpose_b:false', [1]],
    ['transpose_b', [0, 1]],
    ['transpose_b:true', [0]],
    ['transpose_a=false', [0, 1]],
    ['transpose', []],
    ['stddev', [2, 3]],
    ['stddev:0.1', [2]],
    ['attr:stddev=0.10', [2]],
    ['attr:stddev=0.2', []],
    ['attr:mean=0', [2]],
    ['attr:padding=s*', [4]],
    ['attr:"ksize=(1, 2, 2, 1)"', [4]],
    ['attr:ksize="(1, 2, 2, 1)"', [4]],
    ['attr:shared_name', [2]],
    ['attr:shared_name=0', []],
    ['/transpose_b=t/', [0]],
    ['/^stddev/', [2]],
    ['attr:', [0, 1, 2, 3, 4]],
    ['attr:transpose_b type:MaxPool', []],
    ['type:MatMul transpose_b=true', [0]],
    ['=', []],
    [':', []]
  ])('finds by %s', (text, found) => {
    expect(search(nodes, text)).toEqual(found);
  });

  it('finds devices that were asked for and those that runs put operations on', () => {
    const devices = ['/cpu:0 /job:localhost/replica:0/task:0/device:CPU:0'];
    const found = (text: string) => search(NODES, text, at => devices[at] ?? '');
    expect(found('device:cpu')).toEqual([0]);
    expect(found('device:/CPU:0')).toEqual([0]);
    expect(found('device:localhost')).toEqual([0]);
    expect(found('device:gpu')).toEqual([2]);
    expect(found('device:tpu')).toEqual([]);
  });
});

describe('trace', () => {
  const sorted = (found: Set<number>) => [...found].sort((a, b) => a - b);

  it('follows inputs and control edges both ways', () => {
    expect(sorted(upstream(NODES, 4))).toEqual([0, 1, 2, 3]);
    expect(sorted(upstream(NODES, 0))).toEqual([]);
    expect(sorted(downstream(NODES, 1))).toEqual([2, 3, 4]);
    expect(sorted(downstream(NODES, 5))).toEqual([]);
    expect(sorted(needed(NODES, [2, 5]))).toEqual([0, 1, 2, 5]);
    expect(sorted(needed(NODES, []))).toEqual([]);
  });

  it('ends in a loop, and outside of the graph', () => {
    const loop = [node('a', 'Merge', { inputs: [1, 0, 42, 0] }), node('b', 'Next', { inputs: [0, 0] })];
    expect(sorted(upstream(loop, 0))).toEqual([1]);
    expect(sorted(downstream(loop, 0))).toEqual([1]);
    for (const op of [-1, 2, NaN]) {
      expect(sorted(upstream(loop, op))).toEqual([]);
      expect(sorted(downstream(loop, op))).toEqual([]);
    }
  });

  it('goes down a chain of a hundred thousand', () => {
    const chain = Array.from({ length: 100000 }, (_, i) => node(`n${i}`, 'Add', { inputs: i ? [i - 1, 0] : [] }));
    expect(upstream(chain, chain.length - 1).size).toBe(chain.length - 1);
    expect(downstream(chain, 0).size).toBe(chain.length - 1);
  });
});

describe('shapes', () => {
  it('writes and counts them', () => {
    expect([[100, -1], [3], [-1], [], null].map(shapeText)).toEqual(['100x?', '[3]', '[?]', '', '']);
    expect([elements([2, 3]), elements([]), elements([0]), elements([-1, 2]), elements(null)]).toEqual([
      6, 1, 0, -1, -1
    ]);
    expect(elements([NaN])).toBe(-1);
  });

  it('knows bytes of known types only', () => {
    expect(bytesOf({ dtype: 'float64_ref', shape: [10] })).toBe(80);
    expect(bytesOf({ dtype: 'string', shape: [10] })).toBe(0);
    expect(bytesOf({ dtype: 'float32', shape: [-1] })).toBe(0);
    expect(bytesOf(undefined)).toBe(0);
  });
});
