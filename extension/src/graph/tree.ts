import { PIECE, Work } from './pieces';
import { INode } from './types';

/**
 * Name scopes as a tree in flat arrays: scope 0 is the top, and a scope's number is above that of the one around it.
 */
export interface ITree {
  /** "", "layer/", "layer/sub/". */
  readonly paths: readonly string[];
  readonly parents: readonly number[];
  readonly depths: readonly number[];
  /** Number of the scope of a path. */
  readonly scopes: ReadonlyMap<string, number>;
  /** The scope directly around each operation. */
  readonly scopeOf: Int32Array;
  /** The operation that has a scope's name ("layer/W" of "layer/W/"), or -1. */
  readonly namesakes: Int32Array;
  readonly byName: ReadonlyMap<string, number>;
}

/** Makes the tree of names; only the way up from new scopes is walked, so deep names cost little. */
export function* treeSteps(nodes: readonly INode[]): Work<ITree> {
  const paths = [''];
  const parents = [-1];
  const depths = [0];
  const scopes = new Map<string, number>([['', 0]]);
  const scopeOf = new Int32Array(nodes.length);
  const byName = new Map<string, number>();
  for (let i = 0; i < nodes.length; i++) {
    if (i % PIECE === PIECE - 1) {
      yield;
    }
    const name = nodes[i].name;
    byName.set(name, i);
    scopeOf[i] = scopeAt(name.slice(0, lastSlash(name) + 1));
  }
  yield;
  const namesakes = new Int32Array(paths.length).fill(-1);
  for (let s = 1; s < paths.length; s++) {
    namesakes[s] = byName.get(paths[s].slice(0, -1)) ?? -1;
  }
  return { paths, parents, depths, scopes, scopeOf, namesakes, byName };

  function scopeAt(path: string): number {
    const missing: string[] = [];
    let known = scopes.get(path);
    while (known === undefined) {
      missing.push(path);
      path = path.slice(0, lastSlash(path) + 1);
      known = scopes.get(path);
    }
    while (missing.length > 0) {
      const next = missing.pop()!;
      parents.push(known);
      depths.push(depths[known] + 1);
      known = paths.push(next) - 1;
      scopes.set(next, known);
    }
    return known;
  }
}

/** The last part of a name or path, to be shown within its scope. */
export function lastPart(name: string): string {
  const part = name.slice(lastSlash(name) + 1);
  return part.endsWith('/') && part.length > 1 ? part.slice(0, -1) : part;
}

/** Place of the last slash that has something after it. */
function lastSlash(name: string): number {
  return name.length < 2 ? -1 : name.lastIndexOf('/', name.length - 2);
}
