import { buildScene } from '../graph/scene';
import { findSeries } from '../graph/series';
import { INode, IScene, ISceneOptions } from '../graph/types';
import deep from './fixtures/deep.json';

const measure = (text: string, size: number) => 0.5 * size * text.length;

const OPTIONS: ISceneOptions = {
  open: [],
  foldSeries: true,
  setAside: true,
  aside: [],
  back: [],
  hiddenTypes: [],
  only: null
};

function scene(nodes: readonly INode[], options: Partial<ISceneOptions> = {}): IScene {
  return buildScene(nodes, { ...OPTIONS, ...options }, measure);
}

/** A graph from lines "name Type input ^control", with shapes of one kind; inputs by name, "name:1" the second output. */
function graph(...lines: string[]): INode[] {
  const places = new Map<string, number>();
  return lines.map((line, i) => {
    const [name, type, ...rest] = line.split(' ');
    places.set(name, i);
    const inputs = rest.filter(input => !input.startsWith('^'));
    return {
      name,
      type,
      inputs: inputs.flatMap(input => [places.get(input.split(':')[0]) ?? -7, Number(input.split(':')[1] ?? 0)]),
      control: rest.filter(input => input.startsWith('^')).map(input => places.get(input.slice(1)) ?? 99),
      outputs: [
        { dtype: /^(Variable|Assign|Apply)/.test(type) ? 'float32_ref' : 'float32', shape: [100, 784] },
        { dtype: 'int32', shape: [-1, 10] }
      ],
      device: '',
      role: type === 'Variable' ? 'variable' : type === 'Const' ? 'constant' : type === 'Assign' ? 'initializer' : ''
    };
  });
}

function edges(of: IScene, scope = ''): string[] {
  return of.edges(scope).map(({ from, to, kind, count }) => `${from}>${to} ${kind} ${count}`);
}

describe('scopes', () => {
  it('shows nothing of nothing', () => {
    const empty = scene([]);
    expect([empty.boxes.size, empty.contents(''), empty.edges(''), empty.boxOf(0), empty.aside]).toEqual([
      0,
      [],
      [],
      null,
      []
    ]);
  });

  const nodes = graph(
    'x Placeholder',
    'layer Relu x',
    'layer/a Add layer',
    'layer/in/b Mul layer/a x',
    'y Neg layer/in/b'
  );

  it('keeps scopes closed, with the operation of the same name beside', () => {
    const top = scene(nodes);
    expect(top.contents('')).toEqual(['x', 'layer', 'layer/', 'y']);
    expect(top.boxes.get('layer/')).toMatchObject({
      kind: 'scope',
      label: 'layer',
      caption: '2',
      ops: [2, 3],
      open: false
    });
    expect(top.boxOf(3)).toBe('layer/');
    expect(edges(top)).toEqual(['x>layer data 1', 'x>layer/ data 1', 'layer>layer/ data 1', 'layer/>y data 1']);
  });

  it('opens them, with edges to the border', () => {
    const open = scene(nodes, { open: ['layer/', 'nowhere/'] });
    expect(open.contents('layer/')).toEqual(['layer/a', 'layer/in/']);
    expect(open.boxes.get('layer/in/')).toMatchObject({ parent: 'layer/', label: 'in' });
    expect(open.boxOf(3)).toBe('layer/in/');
    expect(edges(open, 'layer/')).toEqual([
      '>layer/in/ data 1',
      '>layer/a data 1',
      'layer/a>layer/in/ data 1',
      'layer/in/> data 1'
    ]);
    expect(edges(open)).toEqual(edges(scene(nodes)));
  });

  it('shows what is open in a closed scope only when that is opened', () => {
    expect(scene(nodes, { open: ['layer/in/'] }).boxes.has('layer/in/b')).toBe(false);
    expect(scene(nodes, { open: ['layer/', 'layer/in/'] }).boxOf(3)).toBe('layer/in/b');
  });

  it('bears names of all kinds, and hundreds of scopes in each other', () => {
    const odd = graph('<b>"x"</b> Add', 'a//b Add', '🙂/[x] Add', 'constructor/__proto__ Add', '/ Add', 'a/ Add');
    const all = scene(odd, { open: ['a/', 'a//', '🙂/', 'constructor/'] });
    odd.forEach((node, i) => expect(all.boxes.get(all.boxOf(i)!)!.ops).toEqual([i]));
    const path = Array.from({ length: 600 }, (_, i) => `s${i}/`);
    const open = path.map((_, i) => path.slice(0, i + 1).join(''));
    const tall = scene(graph('x Add', `${path.join('')}op Add x`), { open });
    expect(tall.boxes.size).toBe(602);
    expect(tall.edges(open[599])).toHaveLength(1);
    expect(scene(graph(`${path.join('')}op Add`)).boxes.size).toBe(1);
  });

  it('gives boxes the size of their texts', () => {
    const long = scene(graph('a Add', `${'n'.repeat(20)} Add`, `${'m'.repeat(500)} Add`, 's/a Add'));
    const widths = long.contents('').map(id => long.boxes.get(id)!.width);
    expect(widths).toEqual([60, 20 * 6 + 16, 260, 60]);
    expect(long.boxes.get('a')!.height).toBeGreaterThanOrEqual(28);
    const broken = buildScene(graph('a Add'), OPTIONS, () => NaN);
    expect(broken.boxes.get('a')).toMatchObject({ width: 60 });
  });
});

describe('edges', () => {
  it('joins them by kind, with shape and bytes where they are one tensor', () => {
    const nodes = graph('a Add', 's/b Mul a a', 's/c Mul a:1 ^a', 's/d Mul a');
    const [data, control] = scene(nodes).edges('');
    expect(data).toMatchObject({ kind: 'data', count: 4, label: '', bytes: 313600 });
    expect(control).toMatchObject({ kind: 'control', count: 1, label: '', bytes: 0 });
    const inner = scene(nodes, { open: ['s/'] }).edges('s/');
    expect(inner.map(edge => [edge.to, edge.label])).toEqual([
      ['s/b', '100x784'],
      ['s/d', '100x784'],
      ['s/c', '?x10'],
      ['s/c', '']
    ]);
    expect(new Set(inner.map(edge => edge.id)).size).toBe(4);
  });

  it('tells writing to a variable from reading it', () => {
    const nodes = graph('W Variable', 'W/read Identity W', 'use ApplyX W', 'y Neg W');
    expect(edges(scene(nodes))).toEqual(['W/>use reference 1', 'W/>y data 1']);
  });

  it('bears inputs that are not there', () => {
    const nodes = graph('a Add nobody ^nobody', 'b Add a:77');
    nodes[0].inputs.push(NaN, 0, 1.5, 0, 1);
    expect(edges(scene(nodes))).toEqual(['a>b data 1']);
  });
});

describe('variables', () => {
  const nodes = graph(
    'W/initial_value Const',
    'W Variable',
    'W/Assign Assign W W/initial_value',
    'W/read Identity W',
    'y Neg W/read'
  );

  it('are one box with their helpers', () => {
    const closed = scene(nodes);
    expect(closed.contents('')).toEqual(['W/', 'y']);
    expect(closed.boxes.get('W/')).toMatchObject({
      label: 'W',
      main: 1,
      ops: [0, 1, 2, 3],
      caption: 'Variable 100x784'
    });
    expect(edges(closed)).toEqual(['W/>y data 1']);
  });

  it('show what is not set aside when they are opened', () => {
    expect(scene(nodes, { open: ['W/'] }).contents('W/')).toEqual(['W', 'W/read']);
    expect(scene(nodes, { open: ['W/'], setAside: false }).contents('W/')).toEqual([
      'W/initial_value',
      'W',
      'W/Assign',
      'W/read'
    ]);
  });
});

describe('series', () => {
  const layer = (i: number, input: string) => [`layer${i}/a MatMul ${input}`, `layer${i}/b Relu layer${i}/a`];
  const layers = graph(
    'x Placeholder',
    ...layer(1, 'x'),
    ...layer(2, 'layer1/b'),
    ...layer(3, 'layer2/b'),
    'y Neg layer3/b'
  );

  it('folds three scopes of the same structure', () => {
    const folded = scene(layers);
    expect(folded.contents('')).toEqual(['x', 'layer1[...]', 'y']);
    expect(folded.boxes.get('layer1[...]')).toMatchObject({
      kind: 'series',
      label: 'layer[1–3]',
      ops: [1, 2, 3, 4, 5, 6]
    });
    expect(edges(folded)).toEqual(['x>layer1[...] data 1', 'layer1[...]>y data 1']);
    expect(folded.boxOf(4)).toBe('layer1[...]');
  });

  it('opens them, and what is in them', () => {
    const open = scene(layers, { open: ['layer1[...]', 'layer2/'] });
    expect(open.contents('layer1[...]')).toEqual(['layer1/', 'layer2/', 'layer3/']);
    expect(open.boxes.get('layer2/a')!.parent).toBe('layer2/');
    expect(edges(open, 'layer1[...]')).toEqual([
      '>layer1/ data 1',
      'layer1/>layer2/ data 1',
      'layer2/>layer3/ data 1',
      'layer3/> data 1'
    ]);
  });

  it('gives boxes of one structure one number', () => {
    const flat = scene(layers, { foldSeries: false });
    const numbers = ['layer1/', 'layer2/', 'layer3/'].map(id => flat.structure(id));
    expect(new Set(numbers).size).toBe(1);
    expect(numbers[0]).toBeGreaterThanOrEqual(0);
    expect([flat.structure('x'), flat.structure('nobody')]).toEqual([-1, -1]);
    const other = scene(graph('a/x Add', 'a/y Mul a/x', 'b/x Add', 'b/y Mul b/x b/x', 'c/x Add', 'c/y Mul c/x'));
    expect(other.structure('b/')).toBe(-1);
    expect(other.structure('a/')).toBe(other.structure('c/'));
  });

  it('takes five operations, not four, and none of another type', () => {
    const add = (count: number) => Array.from({ length: count }, (_, i) => `add${i ? `_${i}` : ''} Add x`);
    expect(scene(graph('x Placeholder', ...add(5))).contents('')).toEqual(['x', 'add[...]']);
    expect(scene(graph('x Placeholder', ...add(4))).contents('')).toHaveLength(5);
    expect(scene(graph('x Placeholder', ...add(4), 'add_4 Mul x')).contents('')).toHaveLength(6);
    expect(scene(graph('x Placeholder', ...add(5)), { foldSeries: false }).contents('')).toHaveLength(6);
  });

  it('does not make a tangle of the layers of a net without scopes', () => {
    const lines = ['x Placeholder'];
    for (let i = 0; i < 6; i++) {
      lines.push(`MatMul_${i} MatMul ${i ? `Relu_${i - 1}` : 'x'}`, `Relu_${i} Relu MatMul_${i}`);
    }
    expect(scene(graph(...lines)).contents('')).toHaveLength(13);
  });

  it('finds the number that differs, at the end or within', () => {
    const named = (...names: string[]) => findSeries(names.map(name => ({ name, sign: '', least: 3 })));
    expect(named('conv2d', 'conv2d_1', 'conv2d_2')).toEqual([{ members: [0, 1, 2], label: 'conv2d[0–2]' }]);
    expect(named('add_grad', 'add_1_grad', 'add_2_grad')).toEqual([{ members: [0, 1, 2], label: 'add[0–2]_grad' }]);
    expect(named('blk0_1', 'blk1_1', 'blk2_1')).toEqual([{ members: [0, 1, 2], label: 'blk[0–2]_1' }]);
    expect(named('blk0_1', 'blk1_2', 'blk2_3')).toEqual([]);
    expect(named('a1', 'b2', 'c3')).toEqual([]);
    expect(named('1', '2', '10')[0].label).toBe('[1–10]');
    expect(named()).toEqual([]);
  });
});

describe('setting aside', () => {
  it('takes small nodes that serve one or are read by many', () => {
    const readers = Array.from({ length: 7 }, (_, i) => `r${'abcdefg'[i]} Add c`);
    const nodes = graph('c Const', 'one Const', 'Mean/axis Const', 'Mean Mean one Mean/axis', ...readers);
    const top = scene(nodes);
    expect(top.aside.map(i => nodes[i].name)).toEqual(['c', 'Mean/axis']);
    expect(top.boxes.get('Mean')!.beside).toEqual([2]);
    expect(top.boxOf(2)).toBeNull();
    expect(scene(nodes, { setAside: false }).aside).toEqual([]);
  });

  it('obeys the user, for operations and scopes', () => {
    const nodes = graph(
      'Mean/axis Const',
      'Mean Mean Mean/axis',
      's/a Add',
      's/b Add s/a',
      'W Variable',
      'W/read Identity W'
    );
    expect(scene(nodes, { back: ['Mean/axis'] }).contents('')).toContain('Mean/');
    expect(scene(nodes, { aside: ['s/', 'W'] }).contents('')).toEqual(['Mean']);
    expect(scene(nodes, { aside: ['s/', 'W/'], back: ['s/b'] }).boxes.get('s/')!.ops).toEqual([2, 3]);
    expect(scene(nodes, { aside: ['s/', 'W/', 'Mean', 'nobody'] }).contents('')).toEqual([]);
  });

  it('hides types, and all but what is needed', () => {
    const nodes = graph('a Add', 'b Mul a', 'c Add b');
    expect(scene(nodes, { hiddenTypes: ['Mul'] }).contents('')).toEqual(['a', 'c']);
    expect(scene(nodes, { only: [0, 1, 77] }).contents('')).toEqual(['a', 'b']);
    expect(scene(nodes, { only: [] }).boxes.size).toBe(0);
    expect(scene(nodes, { only: [0] }).aside).toEqual([]);
  });
});

describe('the deep tutorial with Adam', () => {
  const nodes = deep as INode[];
  const top = scene(nodes);

  it('is a picture of some forty boxes', () => {
    const ids = top.contents('');
    expect(ids.length).toBeLessThan(45);
    for (const id of [
      'x',
      'keep_prob',
      'Variable/',
      'Variable_7/',
      'Conv2D',
      'dropout/',
      'Mean',
      'gradients/',
      'Adam/'
    ]) {
      expect(ids).toContain(id);
    }
    expect(ids.filter(id => /^init|beta|truncated|\/shape/.test(id))).toEqual([]);
    expect(top.boxes.get('Adam/')!.main).toBe(nodes.findIndex(node => node.name === 'Adam'));
  });

  it('shows the flow, and nothing that goes against it', () => {
    const places = new Map(top.contents('').map((id, i) => [id, i]));
    for (const edge of top.edges('')) {
      expect(places.get(edge.from)!).toBeLessThan(places.get(edge.to)!);
    }
    expect(edges(top)).toContain('gradients/>Adam/ data 8');
    expect(edges(top)).toContain('Variable_4/>Adam/ reference 1');
  });

  it('keeps ids when it grows', () => {
    const open = ['dropout/', 'gradients/'];
    for (const size of [30, 64, 105, 190]) {
      const part = scene(nodes.slice(0, size), { open });
      const whole = scene(nodes, { open });
      expect(part.contents('').filter(id => !whole.boxes.has(id))).toEqual([]);
    }
  });

  it('names each edge and box once, between contents of its scope', () => {
    const open = [...new Set(nodes.map(({ name }) => name.replace(/[^/]*$/, '')))];
    const all = scene(nodes, { open, setAside: false, foldSeries: false });
    const ids = new Set<string>();
    for (const scope of open) {
      const inside = new Set(['', ...all.contents(scope)]);
      for (const edge of all.edges(scope)) {
        expect(inside.has(edge.from) && inside.has(edge.to) && edge.from !== edge.to).toBe(true);
        expect(ids.has(edge.id)).toBe(false);
        ids.add(edge.id);
      }
    }
    nodes.forEach((node, i) => expect(all.boxes.get(all.boxOf(i)!)).toMatchObject({ id: node.name, ops: [i] }));
  });
});

describe('what is kept between scenes', () => {
  it('is not that of another graph, size or set of options', () => {
    const nodes = graph('a Add', 's/Mean/axis Const', 's/Mean Mean a s/Mean/axis', 'b Add s/Mean');
    const seen = (options: Partial<ISceneOptions>, of = nodes) =>
      scene(of, { open: ['s/'], ...options }).contents('s/');
    expect(seen({})).toEqual(['s/Mean']);
    expect(seen({ setAside: false })).toEqual(['s/Mean/', 's/Mean']);
    expect(seen({ hiddenTypes: ['Mean'] })).toEqual([]);
    expect(seen({ only: [2] })).toEqual(['s/Mean']);
    expect(seen({ aside: ['s/Mean'] })).toEqual([]);
    expect(seen({ open: [] })).toEqual([]);
    expect(seen({}, nodes.slice(0, 2))).toEqual(['s/Mean/']);
    expect(seen({}, [...graph('c Add', 's/d Add', 'e Add'), nodes[3]])).toEqual(['s/d']);
    expect(seen({})).toEqual(['s/Mean']);
  });
});
