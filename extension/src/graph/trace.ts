import { forReaders, isOp, linksOf } from './links';
import { INode } from './types';

/** Operations that `op` needs, directly or not, without itself. */
export function upstream(nodes: readonly INode[], op: number): Set<number> {
  const found = needed(nodes, [op]);
  found.delete(op);
  return found;
}

/** Operations that need `op`, directly or not, without itself. */
export function downstream(nodes: readonly INode[], op: number): Set<number> {
  const found = needing(nodes, [op]);
  found.delete(op); // it is there where a loop leads back to it
  return found;
}

/** Operations that need one of `ops`, directly or not; of these themselves only those that need others of them. */
export function needing(nodes: readonly INode[], ops: readonly number[]): Set<number> {
  const found = new Set<number>();
  const links = linksOf(nodes);
  const rest = ops.filter(op => isOp(nodes, op));
  while (rest.length > 0) {
    forReaders(links, rest.pop()!, reader => {
      if (!found.has(reader)) {
        found.add(reader);
        rest.push(reader);
      }
    });
  }
  return found;
}

/** Operations that must run for `ops` to run, these included. */
export function needed(nodes: readonly INode[], ops: Iterable<number>): Set<number> {
  const found = new Set<number>();
  const rest: number[] = [];
  const reach = (op: number) => {
    if (isOp(nodes, op) && !found.has(op)) {
      found.add(op);
      rest.push(op);
    }
  };
  for (const op of ops) {
    reach(op);
  }
  while (rest.length > 0) {
    const node = nodes[rest.pop()!];
    for (let k = 0; k < node.inputs.length; k += 2) {
      reach(node.inputs[k]);
    }
    node.control.forEach(reach);
  }
  return found;
}
