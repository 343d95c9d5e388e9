import { isVariable } from './aside';
import { forReaders, ILinks } from './links';
import { PIECE, Work } from './pieces';
import { IMember, seriesSteps } from './series';
import { shapeText } from './shapes';
import { boxSize, Measure } from './sizes';
import { Fingerprint, hashText } from './structure';
import { ITree, lastPart } from './tree';
import { BoxKind, INode, ISceneBox, ISceneOptions } from './types';

/** So many operations, or so many scopes, that are alike become one box. */
const LEAST_OPS = 5;
const LEAST_SCOPES = 3;

/** So many contents of a scope are made between two yields. */
const MEMBERS = 512;

/** So many boxes' texts are measured between two yields: browsers take long for those they have not seen yet. */
const TEXTS = 64;

/** What is known of a graph when its boxes are made. */
export interface IParts {
  nodes: readonly INode[];
  links: ILinks;
  tree: ITree;
  /** As the tree's, but a scope's main operation lies within it. */
  scopeOf: Int32Array;
  shown: Uint8Array;
  hidden: Uint8Array;
  /** How many operations are shown in each scope and those within it. */
  counts: Int32Array;
  /** The operation that a scope's box is about, or -1. */
  mains: Int32Array;
  prints: readonly Fingerprint[];
  numbers: Int32Array;
  options: ISceneOptions;
}

/** One content of a scope: an operation, or a scope within it; the other is -1. */
interface IContent {
  op: number;
  scope: number;
  /** First operation, which gives the place among the others. */
  first: number;
}

/** The visible boxes of a graph, from the top down; a box's number is above that of the box around it. */
export class Boxes {
  constructor(parts: IParts) {
    this._parts = parts;
    this._open = new Set(parts.options.open);
    const size = parts.nodes.length;
    this.standsFor = new Int32Array(size).fill(-1);
    this.drawn = new Int32Array(size).fill(-1);
    this._budget = 4 * size + 1000;
  }

  /** Makes all boxes, with captions and sizes. */
  *make(measure: Measure): Work<void> {
    this._sortIntoScopes();
    yield;
    yield* this._makeAll();
    yield;
    yield* this._finish(measure);
  }

  readonly ids: string[] = [];
  /** The box around each, -1 at the top, and how deep it lies. */
  readonly parents: number[] = [];
  readonly depths: number[] = [];
  readonly structures: number[] = [];
  readonly byId = new Map<string, ISceneBox>();
  readonly places = new Map<string, number>();
  readonly contents = new Map<string, string[]>();
  /** The innermost visible box of each operation, or -1: of what is set aside, a closed box around it. */
  readonly standsFor: Int32Array;
  /** Likewise, but -1 for all that is set aside, since its edges are not drawn. */
  readonly drawn: Int32Array;

  /** Fills in what boxes stand for, captions and sizes. */
  private *_finish(measure: Measure): Work<void> {
    const { nodes, hidden, scopeOf, tree } = this._parts;
    const boxes = [...this.byId.values()];
    // The innermost box around a scope's contents, open or not: what is set aside is counted there.
    const around = this._own.slice();
    for (let s = 1; s < around.length; s++) {
      around[s] = around[s] < 0 ? around[tree.parents[s]] : around[s];
    }
    for (let i = 0; i < nodes.length; i++) {
      if (i % PIECE === PIECE - 1) {
        yield;
      }
      if (!hidden[i]) {
        let box = this.standsFor[i] < 0 ? around[scopeOf[i]] : this.standsFor[i];
        for (; box >= 0; box = this.parents[box]) {
          boxes[box].ops.push(i);
        }
      }
    }
    yield;
    this._findBeside(boxes);
    yield;
    for (const [k, box] of boxes.entries()) {
      if (k % TEXTS === TEXTS - 1) {
        yield;
      }
      if (box.kind === 'scope') {
        box.caption = this._scopeCaption(box);
      }
      Object.assign(box, boxSize(box.label, box.caption, box.kind === 'scope' || box.kind === 'series', measure));
    }
  }

  private _scopeCaption(box: ISceneBox): string {
    if (box.main === undefined || !isVariable(this._parts.nodes[box.main])) {
      return String(box.ops.length);
    }
    const { type, outputs } = this._parts.nodes[box.main];
    return `${type} ${outputs.length > 0 ? shapeText(outputs[0].shape) : ''}`.trim();
  }

  /** Tells boxes of what they read that is not drawn. */
  private _findBeside(boxes: readonly ISceneBox[]): void {
    const { nodes, links, shown, hidden } = this._parts;
    for (let i = 0; i < nodes.length; i++) {
      if (shown[i] || hidden[i]) {
        continue;
      }
      forReaders(links, i, (reader, control) => {
        const box = boxes[this.drawn[reader]];
        if (box && !control && this.standsFor[i] !== this.drawn[reader]) {
          box.beside = box.beside ?? [];
          if (box.beside[box.beside.length - 1] !== i) {
            box.beside.push(i);
          }
        }
      });
    }
  }

  /** Sorts operations by the scope directly around them, so that a scope's own are found without a search. */
  private _sortIntoScopes(): void {
    const { tree, scopeOf, shown, counts } = this._parts;
    const scopes = tree.paths.length;
    this._firstOps = new Int32Array(scopes).fill(-1);
    const start = new Int32Array(scopes + 1);
    for (const scope of scopeOf) {
      start[scope + 1]++;
    }
    for (let s = 0; s < scopes; s++) {
      start[s + 1] += start[s];
    }
    this._start = start.slice();
    this._sorted = new Int32Array(scopeOf.length);
    scopeOf.forEach((scope, i) => {
      this._sorted[start[scope]++] = i;
      if (this._firstOps[scope] < 0) {
        this._firstOps[scope] = i;
      }
    });
    this._inner = Array.from({ length: scopes }, () => null);
    for (let s = scopes - 1; s > 0; s--) {
      const parent = tree.parents[s];
      const [own, other] = [this._firstOps[s], this._firstOps[parent]];
      this._firstOps[parent] = other < 0 ? own : Math.min(own, other);
    }
    for (let s = 1; s < scopes; s++) {
      if (counts[s] > 0 || shown[tree.namesakes[s]]) {
        (this._inner[tree.parents[s]] ??= []).push(s);
      }
    }
  }

  /** Goes through the scopes from the top down, and makes the contents of those that are open and seen. */
  private *_makeAll(): Work<void> {
    const { tree, scopeOf, shown } = this._parts;
    const count = tree.paths.length;
    // What stands for a scope's contents: a closed box, or -1 where it is open or nothing is shown of it.
    this._closed = new Int32Array(count).fill(-1);
    this._own = new Int32Array(count).fill(-1);
    for (let s = 0; s < count; s++) {
      if (s > 0 && this._own[s] < 0) {
        this._closed[s] = this._closed[tree.parents[s]];
      } else if (s === 0 || this._closed[s] < 0) {
        yield* this._makeContents(s, this._own[s]);
      }
    }
    for (let i = 0; i < scopeOf.length; i++) {
      if (this.standsFor[i] < 0) {
        this.standsFor[i] = this._parts.hidden[i] ? -1 : this._closed[scopeOf[i]];
      }
      if (shown[i]) {
        this.drawn[i] = this.standsFor[i];
      }
    }
  }

  private *_makeContents(scope: number, around: number): Work<void> {
    const { tree, shown, counts, options } = this._parts;
    const contents: IContent[] = [];
    for (let k = this._start[scope]; k < this._start[scope + 1]; k++) {
      const op = this._sorted[k];
      if (shown[op]) {
        contents.push({ op, scope: -1, first: op });
      }
    }
    for (const inner of this._inner[scope] ?? []) {
      if (counts[inner] > 0) {
        contents.push({ op: -1, scope: inner, first: this._firstOps[inner] });
      }
    }
    contents.sort((a, b) => a.first - b.first || a.op - b.op);
    const groups = options.foldSeries && contents.length >= LEAST_SCOPES ? yield* this._series(contents) : [];
    const groupOf: ((typeof groups)[number] | undefined)[] = new Array(contents.length);
    groups.forEach(group => group.members.forEach(member => (groupOf[member] = group)));
    for (const [i, content] of contents.entries()) {
      if (i % MEMBERS === MEMBERS - 1) {
        yield;
      }
      const group = groupOf[i];
      if (!group) {
        this._makeBox(content, around);
      } else if (group.members[0] === i) {
        yield* this._makeSeries(
          group.members.map(member => contents[member]),
          group.label,
          tree.paths[scope],
          around
        );
      }
    }
  }

  private _makeBox({ op, scope }: IContent, around: number): void {
    const { nodes, tree, mains, numbers, options } = this._parts;
    if (scope < 0) {
      const { name, type } = nodes[op];
      const box = this._add(op === options.failed ? 'failed' : 'op', name, lastPart(name), type, around, false);
      this.standsFor[op] = box;
      this.byId.get(this.ids[box])!.main = op;
      return;
    }
    const path = tree.paths[scope];
    const open = this._open.has(path);
    const box = this._add('scope', path, lastPart(path), '', around, open);
    this._own[scope] = box;
    this._closed[scope] = open ? -1 : box;
    this.structures[box] = numbers[scope];
    if (mains[scope] >= 0) {
      this.byId.get(this.ids[box])!.main = mains[scope];
    }
  }

  private *_makeSeries(members: readonly IContent[], label: string, path: string, around: number): Work<void> {
    const { nodes, tree, numbers } = this._parts;
    const { op, scope } = members[0];
    const first = scope < 0 ? lastPart(nodes[op].name) : lastPart(tree.paths[scope]);
    const id = `${path}${first}[...]`;
    const open = this._open.has(id);
    const box = this._add('series', id, label, `×${members.length}`, around, open);
    this.byId.get(this.ids[box])!.members = members.length;
    if (open) {
      for (const [k, member] of members.entries()) {
        if (k % MEMBERS === MEMBERS - 1) {
          yield;
        }
        this._makeBox(member, box);
      }
      return;
    }
    this.structures[box] = scope < 0 ? -1 : numbers[scope];
    for (const member of members) {
      if (member.scope < 0) {
        this.standsFor[member.op] = box;
      } else {
        this._own[member.scope] = box;
        this._closed[member.scope] = box;
      }
    }
  }

  private _add(kind: BoxKind, id: string, label: string, caption: string, around: number, open: boolean): number {
    while (this.byId.has(id)) {
      id += ' '; // names have no spaces: it cannot be another's
    }
    const parent = around < 0 ? '' : this.ids[around];
    const box = this.ids.push(id) - 1;
    this.parents.push(around);
    this.depths.push(around < 0 ? 0 : this.depths[around] + 1);
    this.structures.push(-1);
    this.places.set(id, box);
    this.byId.set(id, { id, kind, label, caption, parent, ops: [], open, width: 0, height: 0 });
    const siblings = this.contents.get(parent);
    if (siblings) {
      siblings.push(id);
    } else {
      this.contents.set(parent, [id]);
    }
    return box;
  }

  private *_series(contents: readonly IContent[]): Work<{ members: number[]; label: string }[]> {
    const { nodes, tree, mains, prints, options } = this._parts;
    const memberOf = ({ op, scope }: IContent): IMember => {
      if (scope < 0) {
        const sign = op === options.failed ? 'failed' : `op ${nodes[op].type} ${this._neighbours([op])}`;
        return { name: lastPart(nodes[op].name), sign, least: LEAST_OPS };
      }
      const name = lastPart(tree.paths[scope]);
      if (mains[scope] >= 0) {
        const sign = `main ${prints[scope]} ${this._neighbours(this._opsIn(scope))}`;
        return { name, sign, least: LEAST_OPS };
      }
      return { name, sign: `scope ${prints[scope]}`, least: LEAST_SCOPES };
    };
    const members: IMember[] = [];
    for (const content of contents) {
      members.push(memberOf(content));
      if (members.length % MEMBERS === 0) {
        yield;
      }
    }
    const leadsBack = (ops: readonly number[]) => this._leadsBack(ops);
    const opsOf = ({ op, scope }: IContent) => (scope < 0 ? [op] : this._opsUnder(scope));
    return yield* seriesSteps(members, function* (places) {
      return !(yield* leadsBack(places.flatMap(place => opsOf(contents[place]))));
    });
  }

  private _opsUnder(scope: number): number[] {
    const found: number[] = [];
    const rest = [scope];
    while (rest.length > 0) {
      const next = rest.pop()!;
      this._opsIn(next).forEach(op => found.push(op));
      rest.push(...(this._inner[next] ?? []));
    }
    return found;
  }

  private _opsIn(scope: number): number[] {
    return Array.from(this._sorted.subarray(this._start[scope], this._start[scope + 1]));
  }

  /**
   * Types of what operations read and of what reads them; what a gradient or a summary reads says nothing about its
   * part.
   */
  private _neighbours(ops: readonly number[]): number {
    const { nodes, links, shown } = this._parts;
    const found = new Set<string>();
    for (const op of ops) {
      const { inputs } = nodes[op];
      for (let k = 0; k < inputs.length; k += 2) {
        if (shown[inputs[k]] && !ops.includes(inputs[k])) {
          found.add(`<${nodes[inputs[k]].type}`);
        }
      }
      let seen = 0;
      forReaders(links, op, reader => {
        const { role, type } = nodes[reader];
        if (seen < 100 && shown[reader] && role !== 'gradient' && role !== 'training' && !ops.includes(reader)) {
          seen++;
          found.add(`>${type}`);
        }
      });
    }
    return hashText([...found].sort().join(' '));
  }

  /**
   * Whether a way leads from some of these operations through others back to them. Such ones are not folded: a flat
   * net's MatMul, Add and Relu of each layer would become a tangle of three boxes.
   */
  private *_leadsBack(ops: readonly number[]): Work<boolean> {
    const { links, shown } = this._parts;
    const members = new Set(ops);
    const last = ops.reduce((a, b) => Math.max(a, b), -1);
    const seen = new Set<number>();
    const rest = [...ops];
    let back = false;
    while (rest.length > 0 && !back) {
      const op = rest.pop()!;
      if (--this._budget < 0) {
        return true; // it was looked for long enough
      }
      if (this._budget % PIECE === 0) {
        yield;
      }
      forReaders(links, op, reader => {
        if (members.has(reader)) {
          back = back || !members.has(op);
        } else if (reader <= last && shown[reader] && !seen.has(reader)) {
          seen.add(reader);
          rest.push(reader);
        }
      });
    }
    return back;
  }

  private readonly _parts: IParts;
  private readonly _open: ReadonlySet<string>;
  private _firstOps = new Int32Array();
  private _start = new Int32Array();
  private _sorted = new Int32Array();
  private _inner: (number[] | null)[] = [];
  private _closed = new Int32Array();
  private _own = new Int32Array();
  private _budget: number;
}
