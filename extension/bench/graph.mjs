/**
 * How long scenes and layouts of graphs take. Run after `jlpm build:lib`: `node bench/graph.mjs`.
 *
 * Scenes are made in pieces, between which the page lives on; layouts run in a worker. "piece" is the longest one of a scene's:
 * nothing else of it keeps the page from answering. "open" is all that is done anew when a scope is opened.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileFunction } from 'node:vm';

const here = dirname(fileURLToPath(import.meta.url));
const { transpileModule, ModuleKind, ScriptTarget } = createRequire(import.meta.url)('typescript');
const loaded = new Map();

/** Loads a compiled module of src/graph: they name each other as bundlers like it, which node does not understand. */
function load(name) {
  if (!loaded.has(name)) {
    const exports = {};
    loaded.set(name, exports);
    const text = readFileSync(join(here, '../lib/graph', `${name}.js`), 'utf8');
    const compilerOptions = { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022 };
    const code = transpileModule(text, { compilerOptions }).outputText;
    compileFunction(code, ['exports', 'require'], { filename: `${name}.js` })(exports, other => load(other.slice(2)));
  }
  return loaded.get(name);
}

const { sceneSteps } = load('scene');
const { layout } = load('layout');

const OPTIONS = { open: [], foldSeries: true, setAside: true, aside: [], back: [], hiddenTypes: [], only: null };
const measure = (text, size) => text.length * size * 0.6;
const TYPES = ['MatMul', 'Relu', 'BiasAdd', 'Const'];

/** A graph of blocks of layers, each operation reading two before it; with `flat`, without any scope. */
function graphOf(size, flat = false) {
  return Array.from({ length: size }, (_, i) => {
    const [block, layer] = [Math.floor(i / 1000), Math.floor((i % 1000) / 50)];
    const letter = String.fromCharCode(97 + (block % 26));
    return {
      name: flat ? `op${i}x` : `block${letter}${block}/layer_${layer}/op${i % 50}`,
      type: TYPES[i % 4],
      inputs: i >= 3 ? [i - 1, 0, i - 3, 0] : [],
      control: [],
      outputs: [{ dtype: 'float32', shape: [10, 20] }],
      device: '',
      role: ''
    };
  });
}

function scene(nodes, options = {}) {
  const began = performance.now();
  let [longest, last] = [0, began];
  const work = sceneSteps(nodes, { ...OPTIONS, ...options }, measure);
  for (;;) {
    const step = work.next();
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (step.done) {
      return { scene: step.value, total: now - began, longest };
    }
  }
}

function layouts(made) {
  const began = performance.now();
  const scopes = ['', ...[...made.boxes.values()].filter(box => box.open).map(box => box.id)];
  for (const scope of scopes) {
    const boxes = made.contents(scope).map(id => made.boxes.get(id));
    layout({
      scope,
      boxes: boxes.map(({ id, width, height }) => ({ id, width, height })),
      edges: [...made.edges(scope)]
    });
  }
  return performance.now() - began;
}

/** The middle of several tries, each with operations of its own, since scenes of known ones are partly known. */
function middle(tries, run) {
  const found = Array.from({ length: tries }, run);
  return Object.keys(found[0]).map(key => found.map(one => one[key]).sort((a, b) => a - b)[tries >> 1]);
}

const deep = JSON.parse(readFileSync(join(here, '../src/__tests__/fixtures/deep.json'), 'utf8'));
const DEEP = Array.isArray(deep) ? deep : deep.nodes;
const graphs = [
  ['deep.json', () => structuredClone(DEEP), 'gradients/'],
  ...[1000, 10000, 50000].map(size => [String(size), () => graphOf(size), 'blocka0/']),
  ...[10000, 50000].map(size => [`${size} flat`, () => graphOf(size, true), ''])
];
const row = cells => console.log(cells.map((cell, k) => (k ? cell.padStart(10) : cell.padEnd(12))).join(''));
row(['graph', 'scene', 'piece', 'layout', 'open', 'piece', 'layout']);
for (const [name, make, scope] of graphs) {
  const times = middle(5, () => {
    const nodes = make();
    const first = scene(nodes);
    const flat = first.scene.contents('').length > 2000; // what is laid out so late is a grid instead
    const all = { total: first.total, longest: first.longest, lay: flat ? NaN : layouts(first.scene) };
    const second = scene(nodes, { open: [scope] });
    return { ...all, again: second.total, piece: second.longest, more: flat ? NaN : layouts(second.scene) };
  });
  row([name, ...times.map(time => (Number.isNaN(time) ? '–' : `${time.toFixed(1)} ms`))]);
}
