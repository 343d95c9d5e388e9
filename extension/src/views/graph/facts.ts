import { TranslationBundle } from '@jupyterlab/translation';
import { finished, PIECE, Work } from '../../graph/pieces';
import { shapeText as textOf } from '../../graph/shapes';
import { INode } from '../../graph/types';
import { IGraph } from '../../model';
import { IFailedNode, IGraphNode } from '../../protocol';

/** Who reads each operation's outputs, and who waits for it, by index; known from then on. */
export function readersOf(nodes: readonly INode[]): number[][] {
  return finished(readerSteps(nodes));
}

const readersKnown = new WeakMap<readonly INode[], number[][]>();

/** The same, a piece at a time. */
export function* readerSteps(nodes: readonly INode[]): Work<number[][]> {
  const before = readersKnown.get(nodes);
  if (before) {
    return before;
  }
  const readers: number[][] = nodes.map(() => []);
  const add = (input: number, at: number) => {
    const known = readers[input];
    if (known && known[known.length - 1] !== at) {
      known.push(at);
    }
  };
  for (const [at, { inputs, control }] of nodes.entries()) {
    if (at % PIECE === PIECE - 1) {
      yield;
    }
    for (let k = 0; k < inputs.length; k += 2) {
      add(inputs[k], at);
    }
    control.forEach(input => add(input, at));
  }
  readersKnown.set(nodes, readers);
  return readers;
}

/** A shape as it is shown: "784x10", "?x10" where a dimension is unknown, "" of a number, "?" where nothing is known. */
export function shapeText(shape: readonly number[] | null | undefined): string {
  return shape ? textOf(shape) : '?';
}

/** The operation that could not be made, as a node that stands behind those it would have read. */
export function failedNode(failed: IFailedNode, graph: IGraph): IGraphNode {
  const inputs = failed.inputs.flatMap(name => {
    const colon = name.lastIndexOf(':');
    const output = colon > 0 ? Number(name.slice(colon + 1)) : 0;
    const at = graph.byName.get(name) ?? graph.byName.get(colon > 0 ? name.slice(0, colon) : name);
    return at === undefined ? [] : [at, Number.isInteger(output) ? output : 0];
  });
  const numberOf = (file: string) => graph.files.findIndex(known => known.file === file);
  const { type, line } = failed;
  let name = failed.name || type;
  // Its name may be taken: it was not made, so nobody made it unique.
  for (let k = 1; graph.byName.has(name); k++) {
    name = `${failed.name || type}_${k}`;
  }
  const callers = (failed.callers ?? [])
    .map(caller => [numberOf(caller.file), caller.line])
    .filter(([file]) => graph.files[file]?.cell)
    .flat();
  const place = { file: numberOf(failed.file), line, ...(callers.length > 0 ? { callers } : {}) };
  return { name, type, inputs, control: [], outputs: [], device: '', role: '', ...place };
}

/** "W, Variable, 784x10, read by MatMul and 3 more": an operation in one breath. */
export function describe(
  nodes: readonly INode[],
  readers: readonly number[][],
  at: number,
  trans: TranslationBundle
): string {
  const node = nodes[at];
  const parts = [node.name, node.type];
  if (node.outputs.length > 0) {
    const { shape, dtype } = node.outputs[0];
    parts.push(shape && shape.length === 0 ? trans.__('a scalar') : shape ? shapeText(shape) : dtype);
  }
  const read = readers[at] ?? [];
  const first = read.length > 0 ? nodes[read[0]].name : '';
  if (read.length === 1) {
    parts.push(trans.__('read by %1', first));
  } else if (read.length > 1) {
    parts.push(trans.__('read by %1 and %2 more', first, read.length - 1));
  }
  return parts.join(', ');
}

/**
 * What was set aside of an operation, or of all that a box stands for: what it reads, what reads it, and what these need in turn,
 * as the value in an initializer; in the order of building.
 */
export function asideOf(
  nodes: readonly INode[],
  readers: readonly number[][],
  aside: readonly number[],
  ops: readonly number[]
): number[] {
  const known = new Set(aside);
  const own = new Set(ops);
  const found = new Set(ops.length > 1 ? ops.filter(op => known.has(op)) : []);
  const rest: number[] = [];
  const add = (op: number) => {
    if (known.has(op) && !found.has(op) && !own.has(op)) {
      found.add(op);
      rest.push(op);
    }
  };
  const inputsOf = (op: number) => nodes[op]?.inputs.forEach((input, k) => k % 2 === 0 && add(input));
  for (const op of ops) {
    inputsOf(op);
    (readers[op] ?? []).forEach(add);
  }
  for (let op = rest.pop(); op !== undefined; op = rest.pop()) {
    if (nodes[op].role !== 'saver') {
      inputsOf(op); // a saver reads everything
    }
  }
  return [...found].sort((a, b) => a - b);
}

/** How many operations of each type there are, the most frequent first. */
export function countTypes(nodes: readonly INode[], ops?: readonly number[]): [type: string, count: number][] {
  const counts = new Map<string, number>();
  const count = (node: INode | undefined) => node && counts.set(node.type, (counts.get(node.type) ?? 0) + 1);
  if (ops) {
    ops.forEach(op => count(nodes[op]));
  } else {
    nodes.forEach(count);
  }
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}

/** What comes into a group of operations from others, and which of them others read; each once, in the order of building. */
export function borderOf(
  nodes: readonly INode[],
  readers: readonly number[][],
  ops: readonly number[]
): { inputs: number[]; outputs: number[] } {
  const inside = new Set(ops);
  const inputs = new Set<number>();
  const outputs = new Set<number>();
  for (const op of ops) {
    const node = nodes[op];
    for (let k = 0; node && k < node.inputs.length; k += 2) {
      if (!inside.has(node.inputs[k])) {
        inputs.add(node.inputs[k]);
      }
    }
    if ((readers[op] ?? []).some(reader => !inside.has(reader))) {
      outputs.add(op);
    }
  }
  const sorted = (set: Set<number>) => [...set].sort((a, b) => a - b);
  return { inputs: sorted(inputs), outputs: sorted(outputs) };
}

/** The scopes around a name, the outermost first: "a/", "a/b/" of "a/b/c". */
export function scopesOf(name: string): string[] {
  const scopes: string[] = [];
  for (let at = name.indexOf('/'); at >= 0; at = name.indexOf('/', at + 1)) {
    scopes.push(name.slice(0, at + 1));
  }
  return scopes;
}

/** All scopes down to a depth, each once. */
export function scopesDownTo(nodes: readonly INode[], depth: number): string[] {
  const scopes = new Set<string>();
  nodes.forEach(({ name }) =>
    scopesOf(name)
      .slice(0, depth)
      .forEach(scope => scopes.add(scope))
  );
  return [...scopes];
}

/** "3.1 ms" of microseconds. */
export function timeText(micros: number): string {
  if (!isFinite(micros)) {
    return '–';
  }
  const [value, unit] = micros < 1000 ? [micros, 'µs'] : micros < 1e6 ? [micros / 1000, 'ms'] : [micros / 1e6, 's'];
  return `${short(value)} ${unit}`;
}

/** "3.1 MB" of bytes. */
export function bytesText(bytes: number): string {
  if (!isFinite(bytes)) {
    return '–';
  }
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let at = 0;
  while (bytes >= 1000 && at < units.length - 1) {
    bytes /= 1000;
    at++;
  }
  return `${short(bytes)} ${units[at]}`;
}

/** Three digits, no more. */
export function short(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toPrecision(3).replace(/\.?0+$/, '');
}
