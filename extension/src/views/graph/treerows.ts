import { finished, PIECE, Work } from '../../graph/pieces';
import { INode } from '../../graph/types';

/** A scope or operation of the list; an operation whose name is also a scope's is one with it. */
export interface ITreeItem {
  /** An operation's name, or a scope's path with a slash at its end. */
  id: string;
  label: string;
  /** Index of the item around it, or -1. */
  parent: number;
  /** From 1 on. */
  level: number;
  /** Index of the operation, or -1 of a scope. */
  op: number;
  children: number[];
  /** Its place among its siblings, from 1 on. */
  place: number;
}

/** The tree of scopes and operations, in the order of building; `top` are the indices of what is in no scope. */
export interface ITree {
  items: ITreeItem[];
  top: number[];
  /** Items by name and by path: what is both is found by both. */
  byId: Map<string, number>;
}

/** Makes a graph's tree, but for what is hidden. A graph that grew has the same items at the same indices, and more. */
export function treeOf(nodes: readonly INode[], hidden: Uint8Array | null = null): ITree {
  return finished(treeSteps(nodes, hidden));
}

/** The same, a piece at a time. */
export function* treeSteps(nodes: readonly INode[], hidden: Uint8Array | null): Work<ITree> {
  const items: ITreeItem[] = [];
  const top: number[] = [];
  const byId = new Map<string, number>();
  const add = (id: string, label: string, parent: number, op: number) => {
    const siblings = parent < 0 ? top : items[parent].children;
    const level = parent < 0 ? 1 : items[parent].level + 1;
    siblings.push(items.length);
    byId.set(id, items.length);
    items.push({ id, label, parent, level, op, children: [], place: siblings.length });
    return items.length - 1;
  };
  const scopeItem = (path: string, label: string, parent: number) => {
    const op = byId.get(path.slice(0, -1));
    if (op === undefined) {
      return add(path, label, parent, -1);
    }
    byId.set(path, op);
    return op;
  };
  for (let op = 0; op < nodes.length; op++) {
    if (op % PIECE === PIECE - 1) {
      yield;
    }
    if (hidden?.[op]) {
      continue;
    }
    const { name } = nodes[op];
    const end = name.lastIndexOf('/') + 1;
    let parent = end > 0 ? (byId.get(name.slice(0, end)) ?? -1) : -1;
    if (parent < 0 && end > 0) {
      for (let from = 0, at = name.indexOf('/'); at >= 0; from = at + 1, at = name.indexOf('/', from)) {
        const path = name.slice(0, at + 1);
        parent = byId.get(path) ?? scopeItem(path, name.slice(from, at), parent);
      }
    }
    const scope = byId.get(`${name}/`);
    if (scope !== undefined && items[scope].op < 0) {
      items[scope].op = op;
      items[scope].id = name;
      byId.set(name, scope);
    } else {
      add(name, name.slice(end) || name, parent, op);
    }
  }
  return { items, top, byId };
}

/** Indices of the rows that are seen when some items, by index, are open, from top to bottom. */
export function rowsOf(tree: ITree, open: ReadonlySet<number>): number[] {
  const rows: number[] = [];
  const rest = [...tree.top].reverse();
  while (rest.length > 0) {
    const at = rest.pop() as number;
    rows.push(at);
    const item = tree.items[at];
    if (item.children.length > 0 && open.has(at)) {
      for (let k = item.children.length - 1; k >= 0; k--) {
        rest.push(item.children[k]);
      }
    }
  }
  return rows;
}
