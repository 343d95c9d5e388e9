import { TranslationBundle } from '@jupyterlab/translation';
import { INode } from '../graph/types';
import { IGraph } from '../model';
import { chosenGraph, labelOf } from '../views/graph/chosen';
import { mixed, rgbOf } from '../views/graph/coloring';
import {
  borderOf,
  bytesText,
  countTypes,
  describe as told,
  failedNode,
  readersOf,
  scopesDownTo,
  scopesOf,
  shapeText,
  timeText
} from '../views/graph/facts';
import { heat, span } from '../views/graph/heat';
import { colorOf, groundOf, INF_COLOR, NAN_COLOR, scaleOf } from '../views/values/scale';
import { matrixOf, requestOf } from '../views/graph/live';
import { cutText } from '../views/graph/cut';
import { asideWith, backWith, DEFAULTS, readSettings, writeSettings } from '../views/graph/settings';
import { arrow, curve, edgeWidth, outline, PathPen, Shape, shapeOf } from '../views/graph/shapes';
import { rowsOf, treeOf } from '../views/graph/treerows';
import { Theme } from '../theme';
import { ViewState } from '../viewstate';

// The package's only other form is a module, which jest cannot load.
jest.mock('flatbush', () => jest.requireActual('../../node_modules/flatbush/flatbush.js'));

const trans = {
  __: (text: string, ...values: unknown[]) => text.replace(/%(\d)/g, (_, n) => String(values[n - 1]))
} as TranslationBundle;

function node(name: string, type = 'Op', inputs: number[] = [], shape: number[] | null = [784, 10]): INode {
  return { name, type, inputs, control: [], outputs: [{ dtype: 'float32', shape }], device: '', role: '' };
}

function graph(id: string, size: number, labels: string[] = [], isDefault = false): IGraph {
  const info = { id, size, labels, default: isDefault };
  return { info, nodes: [], files: [], executions: [], byName: new Map(), times: null };
}

describe('facts', () => {
  const nodes = [node('W', 'Variable'), node('x', 'Placeholder', [], [-1, 784]), node('y', 'MatMul', [1, 0, 0, 0])];
  nodes.push(node('z', 'MatMul', [0, 0, 0, 0]), { ...node('init', 'NoOp'), control: [0], outputs: [] });

  it('finds each reader once', () => {
    expect(readersOf(nodes)).toEqual([[2, 3, 4], [2], [], [], []]);
  });

  it('survives inputs that are not there', () => {
    expect(readersOf([node('a', 'Op', [7, 0])])).toEqual([[]]);
  });

  it('says an operation in one breath', () => {
    const readers = readersOf(nodes);
    expect(told(nodes, readers, 0, trans)).toBe('W, Variable, 784x10, read by y and 2 more');
    expect(told(nodes, readers, 1, trans)).toBe('x, Placeholder, ?x784, read by y');
    expect(told(nodes, readers, 4, trans)).toBe('init, NoOp');
    expect(told([node('a', 'Const', [], [])], [[]], 0, trans)).toBe('a, Const, a scalar');
    expect(told([node('a', 'Const', [], null)], [[]], 0, trans)).toBe('a, Const, float32');
  });

  it('writes shapes, times and bytes', () => {
    expect([shapeText([-1, 10]), shapeText([]), shapeText(null)]).toEqual(['?x10', '', '?']);
    expect([timeText(12), timeText(3140), timeText(2e6), timeText(NaN)]).toEqual(['12 µs', '3.14 ms', '2 s', '–']);
    expect([bytesText(0), bytesText(999), bytesText(1500), bytesText(4e15)]).toEqual([
      '0 B',
      '999 B',
      '1.5 kB',
      '4000 TB'
    ]);
    expect(bytesText(Infinity)).toBe('–');
  });

  it('counts types and finds the border of a group', () => {
    expect(countTypes(nodes)[0]).toEqual(['MatMul', 2]);
    expect(countTypes(nodes, [0, 99])).toEqual([['Variable', 1]]);
    expect(borderOf(nodes, readersOf(nodes), [2, 0])).toEqual({ inputs: [1], outputs: [0] });
    expect(borderOf(nodes, readersOf(nodes), [])).toEqual({ inputs: [], outputs: [] });
  });

  it('cuts names into scopes', () => {
    expect(scopesOf('a/b/c')).toEqual(['a/', 'a/b/']);
    expect(scopesOf('a')).toEqual([]);
    expect(scopesDownTo([node('a/b/c'), node('a/d'), node('e/f')], 1)).toEqual(['a/', 'e/']);
    expect(scopesDownTo([node('a/b/c')], 0)).toEqual([]);
    expect(scopesDownTo([node('a/b/c')], Infinity)).toEqual(['a/', 'a/b/']);
  });

  it('puts what could not be made behind its inputs', () => {
    const known = graph('g', 2);
    known.byName.set('x', 0).set('y:odd', 1);
    known.files = [{ file: 'c', cell: 'c1', count: 1 }];
    const failed = {
      type: 'MatMul',
      name: 'MatMul',
      inputs: ['x:1', 'y:odd', 'gone:0'],
      message: '',
      file: 'c',
      line: 4,
      index: 2,
      callers: [
        { file: 'c', line: 9 },
        { file: 'threading.py', line: 1 }
      ]
    };
    const made = failedNode(failed, known);
    expect(made.callers).toEqual([0, 9]);
    expect(made.inputs).toEqual([0, 1, 1, 0]);
    expect(made.file).toBe(0);
    expect(failedNode({ ...failed, name: '' }, known).name).toBe('MatMul');
  });
});

describe('which graph is shown', () => {
  const map = (...graphs: IGraph[]) => new Map(graphs.map(known => [known.info.id, known]));

  it('is the chosen one, else the default one, else the newest with operations', () => {
    const all = map(graph('1', 5, ['a']), graph('2', 5, [], true), graph('3', 5), graph('4', 0));
    expect(chosenGraph(all, 'a')).toBe('1');
    expect(chosenGraph(all, 'gone')).toBe('2');
    expect(chosenGraph(map(graph('1', 5), graph('3', 5), graph('4', 0, [], true)), '')).toBe('3');
    expect(chosenGraph(map(graph('4', 0)), '')).toBe('4');
    expect(chosenGraph(new Map(), 'a')).toBe('');
    expect([labelOf(graph('1', 0, ['a', 'b'])), labelOf(graph('1', 0, [], true)), labelOf(graph('1', 0))]).toEqual([
      'a',
      'default',
      '1'
    ]);
  });
});

describe('settings', () => {
  it('are found again', () => {
    const state = new ViewState();
    const settings = {
      ...DEFAULTS,
      open: ['a/'],
      coloring: 'time' as const,
      camera: { x: 1.5, y: 2, scale: 0.5 },
      seen: { id: 'a', x: 1, y: 2 }
    };
    writeSettings(state, 'g "<b>" 😀', settings);
    expect(readSettings(new ViewState(state.toJSON()), 'g "<b>" 😀')).toEqual(settings);
    expect(readSettings(state, 'other')).toEqual(DEFAULTS);
  });

  it('that make no sense are left out', () => {
    const odd = { open: [1, 'a/'], coloring: 'taste', fold: 'yes', camera: { x: 'far' }, seen: { id: 3 }, aside: null };
    const read = readSettings(new ViewState({ 'graph.of:g': odd } as never), 'g');
    expect(read).toEqual({ ...DEFAULTS, open: ['a/'] });
    expect(readSettings(new ViewState({ 'graph.of:g': null }), 'g')).toEqual(DEFAULTS);
  });

  it('set aside and bring back the same thing', () => {
    const aside = { ...DEFAULTS, ...asideWith({ ...DEFAULTS, back: ['a'] }, 'a') };
    expect([aside.aside, aside.back]).toEqual([['a'], []]);
    const back = { ...aside, ...backWith(aside, ['a', 'b']) };
    expect([back.aside, back.back]).toEqual([[], ['a', 'b']]);
  });
});

describe('drawing by parts', () => {
  it('has shapes for kinds and roles', () => {
    expect([shapeOf('op', 'variable'), shapeOf('scope', 'variable'), shapeOf('series', 'variable')]).toEqual([
      'variable',
      'variable',
      'stack'
    ]);
    expect([shapeOf('op', ''), shapeOf('aside', ''), shapeOf('op', 'training')]).toEqual(['round', 'pill', 'cut']);
  });

  it('never writes what is no number into a path', () => {
    for (const shape of ['round', 'variable', 'slanted', 'pill', 'cut', 'scope', 'stack'] as Shape[]) {
      const pen = new PathPen();
      outline(pen, shape, 0, 0, 0, 0);
      expect(`${pen}`).not.toMatch(/NaN|Infinity/);
    }
    const pen = new PathPen();
    curve(pen, [0, 0, 0, 50, 30, 100]);
    arrow(pen, [0, 0, 0, 50], 6, true);
    expect(`${pen}`).toMatch(/^M0 0L0 50C/);
    expect(`${pen}`.match(/M/g)).toHaveLength(3); // the curve and two tips
    const nothing = new PathPen();
    curve(nothing, [1, 2]);
    expect(`${nothing}`).toBe('');
  });

  it('puts both tips of a reference on its line, however it bends', () => {
    const triangles = (points: number[]) => {
      const pen = new PathPen();
      arrow(pen, points, 10, true);
      const paths = `${pen}`.split('M').slice(1);
      return paths.map(path => path.split('L').map(place => place.trim().split(/[ ,]/).map(Number)));
    };
    const [straight] = triangles([0, 0, 0, 50]).slice(1);
    expect(straight).toEqual([
      [0, 39],
      [-5, 29],
      [5, 29]
    ]);
    for (const [wide, high] of [
      [60, 40],
      [-60, 40],
      [60, -40]
    ]) {
      const [first, second] = triangles([0, 0, wide, high]);
      expect(first[0]).toEqual([wide, high]);
      const [x, y] = second[0];
      expect(Math.abs(high - y)).toBeCloseTo(11, 1);
      // On the curve the height is h (1.5 t (1 - t) + t^3), and the way across w (3 t^2 - 2 t^3).
      const t = [...Array(10001).keys()].map(k => k / 10000).find(t => 1.5 * t * (1 - t) + t ** 3 >= y / high)!;
      expect(x).toBeCloseTo(wide * (3 * t * t - 2 * t ** 3), 0);
      expect(Math.abs(x - wide)).toBeGreaterThan(5);
      const [[ax, ay], [bx, by]] = second.slice(1);
      expect(Math.hypot(ax - bx, ay - by)).toBeCloseTo(10, 1);
    }
  });

  it('draws edges wider by the logarithm of their bytes', () => {
    expect([edgeWidth(0), edgeWidth(NaN), edgeWidth(10)]).toEqual([1, 1, 1]);
    expect(edgeWidth(1e6)).toBeGreaterThan(edgeWidth(1e4));
    expect(edgeWidth(1e30)).toBe(6);
  });

  it('cuts texts in the middle', () => {
    const measure = (text: string) => Array.from(text).length;
    expect(cutText('abcdefghij', 10, measure)).toBe('abcdefghij');
    expect(cutText('abcdefghij', 5, measure)).toBe('ab…ij');
    expect(cutText('😀😀😀😀😀', 3, measure)).toBe('😀…😀');
    expect(cutText('abc', 0, measure)).toBe('');
  });

  it('mixes colours', () => {
    expect(mixed('#ffffff', 'rgb(0, 0, 0)', 0.5)).toBe('rgb(128, 128, 128)');
    expect(mixed('white', '#000', 0.2)).toBe('rgb(204, 204, 204)');
    expect(mixed('no colour', '#000', 0.2)).toBe('no colour');
    expect(rgbOf('#fff')).toEqual([255, 255, 255]);
    expect(rgbOf('black')).toEqual([0, 0, 0]);
    expect(rgbOf('none such')).toBeNull();
    expect(rgbOf('rgb(1, x, 3)')).toBeNull();
  });

  it('paints numbers, and what is none, in other colours', () => {
    const { colors } = new Theme();
    const bytes = heat(new Float32Array([0, 1, -1, NaN, Infinity, 0.5]), -1, 1, colors);
    const at = (k: number) => [...bytes.slice(4 * k, 4 * k + 3)];
    expect(at(0)).toEqual(rgbOf(colors.background));
    const scale = scaleOf([-1, 1], false, 'signed', groundOf(colors));
    expect([at(1), at(2), at(5)]).toEqual([1, -1, 0.5].map(x => colorOf(x, scale)));
    expect(at(5)[2]).toBeGreaterThan(at(5)[0]); // blue above zero, as among the values
    expect([at(3), at(4)]).toEqual([NAN_COLOR, INF_COLOR]);
    expect([...heat(new Float32Array([0, 0]), 0, 0, colors).slice(0, 3)]).toEqual(rgbOf(colors.background));
    expect(span(new Float64Array([NaN, Infinity]))).toEqual([0, 0]);
    expect(span(new Float64Array([3, -Infinity, -2]))).toEqual([-2, 3]);
    expect([matrixOf([4, 3], 12), matrixOf([], 5), matrixOf([0], 5)]).toEqual([
      [4, 3],
      [1, 5],
      [1, 5]
    ]);
  });
});

describe('the live value', () => {
  it('asks for the last two dimensions', () => {
    const request = requestOf('s', 'W:0', [5, 5, 32, 64]);
    expect([request.axes, request.index, request.rows, request.columns]).toEqual([
      [2, 3],
      [0, 0],
      [0, 32],
      [0, 64]
    ]);
    expect(requestOf('s', 'b:0', [10])).toMatchObject({ axes: [0], index: [], rows: [0, 1], columns: [0, 10] });
    expect(requestOf('s', 'c:0', [])).toMatchObject({ axes: [], index: [], rows: [0, 1], columns: [0, 1] });
    expect(requestOf('s', 'd:0', [-1, 10]).rows[1]).toBeGreaterThan(1000);
    expect(requestOf('s', 'd:0', null).axes).toEqual([0, 1]);
  });

  it('asks for an image of a batch of images', () => {
    const request = requestOf('s', 'conv1/Conv2D:0', [50, 28, 28, 32], 'Conv2D');
    expect(request).toMatchObject({ axes: [1, 2], index: [0, 0], rows: [0, 28], columns: [0, 28] });
    expect(requestOf('s', 'x:0', [-1, 28, 28, 1]).axes).toEqual([1, 2]);
    expect(requestOf('s', 'pool:0', [10, 7, 7, 64], 'MaxPool').axes).toEqual([1, 2]); // as small as a filter
    expect(requestOf('s', 'other:0', [50, 7, 7, 64], 'Mul').axes).toEqual([1, 2]);
  });
});

describe('the list', () => {
  const nodes = ['a/W/read', 'a/W', 'b', 'a/c/d', 'b/e'].map(name => node(name));
  const tree = treeOf(nodes);
  const at = (id: string) => tree.byId.get(id) as number;
  const shown = (...open: string[]) => rowsOf(tree, new Set(open.map(at))).map(row => tree.items[row].id);

  it('is one with scopes and operations of the same name', () => {
    expect(at('a/W')).toBe(at('a/W/'));
    expect(at('b')).toBe(at('b/'));
    expect(tree.items.filter(item => item.op >= 0)).toHaveLength(5);
    expect(tree.items[at('a/W')]).toMatchObject({ op: 1, level: 2, label: 'W', place: 1 });
  });

  it('shows what is open', () => {
    expect(shown()).toEqual(['a/', 'b']);
    expect(shown('a/')).toEqual(['a/', 'a/W', 'a/c/', 'b']);
    expect(shown('a/', 'a/W', 'b')).toEqual(['a/', 'a/W', 'a/W/read', 'a/c/', 'b', 'b/e']);
    expect(shown('a/c/')).toEqual(['a/', 'b']);
  });

  it('bears odd names and nothing at all', () => {
    expect(rowsOf(treeOf([]), new Set())).toEqual([]);
    const odd = ['', '/', '//', 'a//b', '<img src=x>', '"', "a'/[...]", '😀/😀'].map(name => node(name));
    const wild = treeOf(odd);
    expect(wild.items.filter(item => item.op >= 0)).toHaveLength(odd.length);
  });

  it('keeps the places of items while a graph grows', () => {
    const more = treeOf([...nodes, node('a/c/f'), node('g')]);
    tree.items.forEach((item, k) => expect(more.items[k].id).toBe(item.id));
  });

  it('is made of 50,000 names, some very deep, without recursion', () => {
    const many = Array.from({ length: 50000 }, (_, k) => node(`s${k % 100}/t${k % 7}/op${k}`));
    many.push(node('d/'.repeat(3000) + 'end'));
    const large = treeOf(many);
    expect(rowsOf(large, new Set(large.items.keys())).length).toBe(large.items.length);
  });
});
