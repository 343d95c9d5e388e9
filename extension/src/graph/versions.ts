import { PIECE, Work } from './pieces';
import { INode } from './types';

/** Operations that an execution of a cell made: from `first` on, before `last`. */
export interface IExecution {
  first: number;
  last: number;
  /** Id of the cell, or null of what no cell made; `count` is the number of the execution. */
  cell: string | null;
  count: number | null;
}

/** What of a graph was made by cells that were executed again since. */
export interface IEarlier {
  /** By operation, not 0 where it is of an earlier version. */
  ops: Uint8Array;
  /** How many executions' operations these are. */
  executions: number;
}

/**
 * Finds earlier versions: what was made by executions of cells that were executed again, but for what the rest of the graph
 * still needs. Null where there is nothing of the kind.
 *
 * What merely gathers all that there is, as the operation that initializes all variables, needs nothing in this sense: else
 * each copy of a model would be kept by the next initialization.
 */
export function* earlierSteps(nodes: readonly INode[], executions: readonly IExecution[]): Work<IEarlier | null> {
  const old = replaced(executions);
  if (old.length === 0 || nodes.length === 0) {
    return null;
  }
  const ops = new Uint8Array(nodes.length);
  for (const { first, last } of old) {
    ops.fill(1, Math.max(0, first), Math.max(0, last));
  }
  const gathers = gathering(nodes);
  const rest: number[] = [];
  const keep = (op: number) => {
    if (ops[op] === 1) {
      ops[op] = 0;
      rest.push(op);
    }
  };
  const keepNeeds = (op: number) => {
    for (let next: number | undefined = op; next !== undefined; next = rest.pop()) {
      const { inputs, control } = nodes[next];
      if (!gathers[next]) {
        for (let k = 0; k < inputs.length; k += 2) {
          keep(inputs[k]);
        }
        control.forEach(keep);
      }
    }
  };
  yield;
  for (let i = 0; i < nodes.length; i++) {
    if (i % PIECE === PIECE - 1) {
      yield;
    }
    if (ops[i] === 0) {
      keepNeeds(i);
    }
  }
  yield;
  // A variable that is still used keeps what sets and reads it, though nothing else reads that any more.
  for (let i = 0; i < nodes.length; i++) {
    const { inputs, role, name } = nodes[i];
    const owner = inputs.length > 0 ? nodes[inputs[0]] : undefined;
    if (ops[i] === 1 && owner && ops[inputs[0]] === 0 && (owner.role === 'variable' || owner.role === 'slot')) {
      if (role === 'initializer' || role === 'saver' || name.startsWith(`${owner.name}/`)) {
        ops[i] = 0;
        keepNeeds(i);
      }
    }
  }
  const count = new Set(old.filter(({ first, last }) => ops.subarray(first, last).includes(1)).map(keyOf)).size;
  return count > 0 ? { ops, executions: count } : null;
}

/** The executions of cells that were executed again. */
function replaced(executions: readonly IExecution[]): IExecution[] {
  const latest = new Map<string, number>();
  for (const { cell, count } of executions) {
    if (cell !== null && count !== null) {
      latest.set(cell, Math.max(count, latest.get(cell) ?? count));
    }
  }
  return executions.filter(({ cell, count }) => cell !== null && count !== null && count < latest.get(cell)!);
}

/** One execution may have made operations in several turns. */
function keyOf({ cell, count }: IExecution): string {
  return `${count} ${cell}`;
}

/** Operations that take all there is of a kind: what initializes, saves or writes the summaries of everything. */
function gathering(nodes: readonly INode[]): Uint8Array {
  const found = new Uint8Array(nodes.length);
  nodes.forEach(({ role, type, inputs, control }, i) => {
    const all = inputs.length === 0 && control.every(op => nodes[op]?.role === 'initializer' || found[op] === 1);
    found[i] = role === 'saver' || /^Merge(V2)?Summary$/.test(type) || (all && control.length > 0) ? 1 : 0;
  });
  return found;
}
