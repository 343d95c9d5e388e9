import { ILinks } from './links';
import { PIECE, Work } from './pieces';
import { bytesOf, shapeText } from './shapes';
import { EdgeKind, INode, ISceneEdge } from './types';

/** Boxes as `joinEdges` sees them: the box around each (-1 at the top), how deep it lies, and its id. */
export interface INesting {
  readonly parents: readonly number[];
  readonly depths: readonly number[];
  readonly ids: readonly string[];
}

const KINDS: readonly EdgeKind[] = ['data', 'control', 'reference'];
const DATA = 0;
const CONTROL = 1;
const REFERENCE = 2;

interface IJoined extends ISceneEdge {
  tensor: number;
}

/**
 * Joins the graph's edges to one for each pair of boxes, kind and scope that they cross; the answer is by the scope's
 * box, -1 for the top. `boxOf` is the innermost visible box of each operation, or -1 where its edges are not drawn.
 */
export function* joinSteps(
  nodes: readonly INode[],
  links: ILinks,
  boxOf: Int32Array,
  nesting: INesting
): Work<Map<number, ISceneEdge[]>> {
  const { parents, depths, ids } = nesting;
  const found = new Map<number, IJoined[]>();
  const known = new Map<number, IJoined>();
  const side = parents.length + 1;
  let latest = -1;
  let text = '';
  let bytes = 0;

  // -1 stands for the scope's own border.
  const add = (scope: number, from: number, to: number, kind: number, op: number, tensor: number): void => {
    const key = ((from + 1) * side + to + 1) * KINDS.length + kind;
    let edge = known.get(key);
    if (!edge) {
      const [source, target] = [from < 0 ? '' : ids[from], to < 0 ? '' : ids[to]];
      edge = {
        id: `${source}\n${target}\n${KINDS[kind]}`, // no name has a line's end
        from: source,
        to: target,
        kind: KINDS[kind],
        count: 0,
        bytes: 0,
        label: '',
        tensor: -2
      };
      known.set(key, edge);
      const edges = found.get(scope);
      if (edges) {
        edges.push(edge);
      } else {
        found.set(scope, [edge]);
      }
    }
    // Edges of one tensor come one after the other, so a look at the last one tells whether it is new here.
    if (kind !== CONTROL && edge.tensor !== tensor) {
      if (tensor !== latest) {
        const output = nodes[op].outputs[tensor - links.firstTensor[op]];
        latest = tensor;
        text = output ? shapeText(output.ran ?? output.shape) : '';
        bytes = bytesOf(output);
      }
      edge.label = edge.count === 0 ? text : '';
      edge.bytes += bytes;
      edge.tensor = tensor;
    }
    edge.count++;
  };

  const join = (op: number, reader: number, kind: number, tensor: number): void => {
    let from = boxOf[op];
    let to = boxOf[reader];
    if (from < 0 || to < 0 || from === to) {
      return;
    }
    while (parents[from] !== parents[to]) {
      if (depths[from] >= depths[to]) {
        add(parents[from], from, -1, kind, op, tensor);
        from = parents[from];
      } else {
        add(parents[to], -1, to, kind, op, tensor);
        to = parents[to];
      }
    }
    add(parents[from], from, to, kind, op, tensor);
  };

  for (let op = 0; op < nodes.length; op++) {
    if (op % PIECE === PIECE - 1) {
      yield;
    }
    if (boxOf[op] < 0) {
      continue;
    }
    for (let t = links.firstTensor[op]; t < links.firstTensor[op + 1]; t++) {
      const own = isReference(nodes[op].outputs[t - links.firstTensor[op]]);
      for (let k = links.readerStart[t]; k < links.readerStart[t + 1]; k++) {
        const reader = links.readers[k];
        join(op, reader, own && nodes[reader].outputs.some(isReference) ? REFERENCE : DATA, t);
      }
    }
    for (let k = links.waiterStart[op]; k < links.waiterStart[op + 1]; k++) {
      join(op, links.waiters[k], CONTROL, -1);
    }
  }
  return found;
}

/** Whether an output is a variable's own memory; what takes one and gives one writes to it. */
function isReference(output: INode['outputs'][number] | undefined): boolean {
  return output !== undefined && output.dtype.endsWith('_ref');
}
