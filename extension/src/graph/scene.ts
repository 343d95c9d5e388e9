import { asideSteps, isMain } from './aside';
import { Boxes, IParts } from './boxes';
import { joinSteps } from './joined';
import { linkSteps } from './links';
import { finished, Work } from './pieces';
import { Measure } from './sizes';
import { printSteps, structureNumbers } from './structure';
import { treeSteps } from './tree';
import { INode, IScene, ISceneBox, ISceneEdge, ISceneOptions } from './types';

/**
 * Makes a picture of a graph: boxes in boxes, as far as they are open, and the edges between them.
 *
 * Every step walks flat arrays over operations or scopes once, so it stays fast for graphs of some ten thousand
 * operations. Ids depend on names only: with more nodes, what was there keeps its ids.
 */
export function buildScene(nodes: readonly INode[], options: ISceneOptions, measure: Measure): IScene {
  return finished(sceneSteps(nodes, options, measure));
}

/** The same, a piece at a time, so that a large graph keeps nobody waiting. */
export function* sceneSteps(nodes: readonly INode[], options: ISceneOptions, measure: Measure): Work<IScene> {
  const { aside, ...parts } = yield* prepared(nodes, options);
  yield;
  const boxes = new Boxes({ ...parts, nodes, options });
  yield* boxes.make(measure);
  yield;
  const edges = yield* joinSteps(nodes, parts.links, boxes.drawn, boxes);
  return new Scene(boxes, edges, aside);
}

interface IPrepared extends Omit<IParts, 'nodes' | 'options'> {
  aside: number[];
}

/** By a graph's last node: what was prepared last, and what for. Nodes do not change, graphs only grow. */
const known = new WeakMap<INode, { key: string; earlier: Uint8Array | null; first: INode; found: IPrepared }>();

/** What does not depend on which scopes are open; kept, since those change most often. */
function* prepared(nodes: readonly INode[], options: ISceneOptions): Work<IPrepared> {
  const { setAside, aside, back, hiddenTypes, only, failed, earlier = null } = options;
  const key = JSON.stringify([nodes.length, setAside, aside, back, hiddenTypes, only, failed]);
  const last = nodes[nodes.length - 1];
  const before = last && known.get(last);
  if (before && before.key === key && before.earlier === earlier && before.first === nodes[0]) {
    return before.found;
  }
  const found = yield* prepare(nodes, options);
  if (last) {
    known.set(last, { key, earlier, first: nodes[0], found });
  }
  return found;
}

function* prepare(nodes: readonly INode[], options: ISceneOptions): Work<IPrepared> {
  const links = yield* linkSteps(nodes);
  yield;
  const tree = yield* treeSteps(nodes);
  yield;
  const hidden = hiddenOps(nodes, options);
  const aside = yield* asideSteps(nodes, links, tree, options);
  if (options.failed !== undefined && options.failed >= 0) {
    aside[options.failed] = 0;
  }
  yield;
  const shown = new Uint8Array(nodes.length);
  for (let i = 0; i < nodes.length; i++) {
    shown[i] = hidden[i] || aside[i] ? 0 : 1;
  }
  const counts = countShown(tree.parents, tree.scopeOf, shown);
  const scopeOf = tree.scopeOf.slice();
  const mains = new Int32Array(tree.paths.length).fill(-1);
  for (let s = 1; s < tree.paths.length; s++) {
    const op = tree.namesakes[s];
    if (op >= 0 && shown[op] && counts[s] > 0 && isMain(nodes[op])) {
      mains[s] = op;
      scopeOf[op] = s;
      counts[s]++; // those around it count the operation already
    }
  }
  yield;
  const prints = yield* printSteps(nodes, links, tree.parents, tree.depths, scopeOf, shown, counts);
  const numbers = structureNumbers(prints, counts);
  return { links, tree, scopeOf, shown, hidden, counts, mains, prints, numbers, aside: indices(aside, hidden) };
}

class Scene implements IScene {
  constructor(boxes: Boxes, edges: Map<number, ISceneEdge[]>, aside: number[]) {
    this.boxes = boxes.byId;
    this.aside = aside;
    this._boxes = boxes;
    this._edges = edges;
  }

  readonly boxes: ReadonlyMap<string, ISceneBox>;
  readonly aside: readonly number[];

  contents(scope: string): readonly string[] {
    return this._boxes.contents.get(scope) ?? [];
  }

  edges(scope: string): readonly ISceneEdge[] {
    const box = scope === '' ? -1 : this._boxes.places.get(scope);
    return (box === undefined ? undefined : this._edges.get(box)) ?? [];
  }

  boxOf(op: number): string | null {
    const box = this._boxes.standsFor[op] ?? -1;
    return box < 0 ? null : this._boxes.ids[box];
  }

  structure(id: string): number {
    const box = this._boxes.places.get(id);
    return box === undefined ? -1 : this._boxes.structures[box];
  }

  private readonly _boxes: Boxes;
  private readonly _edges: Map<number, ISceneEdge[]>;
}

function hiddenOps(nodes: readonly INode[], options: ISceneOptions): Uint8Array {
  const hidden = new Uint8Array(nodes.length);
  if (options.only) {
    hidden.fill(1);
    for (const op of options.only) {
      hidden[op] = 0;
    }
  }
  const types = new Set(options.hiddenTypes);
  if (types.size > 0) {
    for (let i = 0; i < nodes.length; i++) {
      hidden[i] = hidden[i] || types.has(nodes[i].type) ? 1 : 0;
    }
  }
  const { earlier, failed = -1 } = options;
  if (earlier) {
    for (let i = 0; i < nodes.length; i++) {
      hidden[i] = hidden[i] || earlier[i] ? 1 : 0;
    }
  }
  if (failed >= 0 && failed < nodes.length && !options.only) {
    hidden[failed] = 0;
  }
  return hidden;
}

/** How many operations are shown in each scope and those within it. */
function countShown(parents: readonly number[], scopeOf: Int32Array, shown: Uint8Array): Int32Array {
  const counts = new Int32Array(parents.length);
  for (let i = 0; i < shown.length; i++) {
    counts[scopeOf[i]] += shown[i];
  }
  for (let s = parents.length - 1; s > 0; s--) {
    counts[parents[s]] += counts[s];
  }
  return counts;
}

function indices(aside: Uint8Array, hidden: Uint8Array): number[] {
  const found: number[] = [];
  for (let i = 0; i < aside.length; i++) {
    if (aside[i] && !hidden[i]) {
      found.push(i);
    }
  }
  return found;
}
