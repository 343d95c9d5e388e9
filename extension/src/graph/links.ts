import { finished, Work } from './pieces';
import { INode } from './types';

/**
 * Who reads what, as flat arrays, so that a graph of many operations is walked without an object for each edge.
 *
 * Tensors have numbers: those of operation `i` are from `firstTensor[i]` to below `firstTensor[i + 1]`.
 */
export interface ILinks {
  readonly firstTensor: Int32Array;
  /**
   * Readers of tensor `t` are `readers[readerStart[t]]` to below `readers[readerStart[t + 1]]`, in the order of
   * building.
   */
  readonly readerStart: Int32Array;
  readonly readers: Int32Array;
  /** Operations that only wait for operation `i`, likewise. */
  readonly waiterStart: Int32Array;
  readonly waiters: Int32Array;
}

/** Turns the wire's inputs around; inputs that point nowhere are left out. */
export function linksOf(nodes: readonly INode[]): ILinks {
  return finished(linkSteps(nodes));
}

/** The same, a piece at a time. */
export function* linkSteps(nodes: readonly INode[]): Work<ILinks> {
  const size = nodes.length;
  const firstTensor = new Int32Array(size + 1);
  for (let i = 0; i < size; i++) {
    firstTensor[i + 1] = firstTensor[i] + Math.max(1, nodes[i].outputs.length);
  }
  const readerStart = new Int32Array(firstTensor[size] + 1);
  const waiterStart = new Int32Array(size + 1);
  forInputs(nodes, firstTensor, t => readerStart[t + 1]++);
  forControl(nodes, c => waiterStart[c + 1]++);
  yield;
  sumUp(readerStart);
  sumUp(waiterStart);
  const readers = new Int32Array(readerStart[readerStart.length - 1]);
  const waiters = new Int32Array(waiterStart[size]);
  const nextReader = readerStart.slice();
  const nextWaiter = waiterStart.slice();
  forInputs(nodes, firstTensor, (t, reader) => (readers[nextReader[t]++] = reader));
  forControl(nodes, (c, waiter) => (waiters[nextWaiter[c]++] = waiter));
  return { firstTensor, readerStart, readers, waiterStart, waiters };
}

/** Calls `visit` with each operation that reads an output of `op` (once per edge) or waits for it. */
export function forReaders(links: ILinks, op: number, visit: (reader: number, control: boolean) => void): void {
  const from = links.readerStart[links.firstTensor[op]];
  const to = links.readerStart[links.firstTensor[op + 1]];
  for (let k = from; k < to; k++) {
    visit(links.readers[k], false);
  }
  for (let k = links.waiterStart[op]; k < links.waiterStart[op + 1]; k++) {
    visit(links.waiters[k], true);
  }
}

/** Whether an index is one of an operation of the graph. */
export function isOp(nodes: readonly INode[], op: number): boolean {
  return Number.isInteger(op) && op >= 0 && op < nodes.length;
}

function forInputs(nodes: readonly INode[], firstTensor: Int32Array, visit: (t: number, reader: number) => void): void {
  for (let i = 0; i < nodes.length; i++) {
    const inputs = nodes[i].inputs;
    for (let k = 0; k + 1 < inputs.length; k += 2) {
      const op = inputs[k];
      if (isOp(nodes, op)) {
        const last = firstTensor[op + 1] - firstTensor[op] - 1;
        visit(firstTensor[op] + Math.min(Math.max(inputs[k + 1] | 0, 0), last), i);
      }
    }
  }
}

function forControl(nodes: readonly INode[], visit: (op: number, waiter: number) => void): void {
  for (let i = 0; i < nodes.length; i++) {
    for (const op of nodes[i].control) {
      if (isOp(nodes, op)) {
        visit(op, i);
      }
    }
  }
}

function sumUp(counts: Int32Array): void {
  for (let i = 1; i < counts.length; i++) {
    counts[i] += counts[i - 1];
  }
}
