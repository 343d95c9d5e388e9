/**
 * What the parts of the graph view say to each other. Nothing here may be imported from @jupyterlab or @lumino, since the
 * layout runs in a worker.
 */

/** What a box of the scene stands for. */
export type BoxKind = 'op' | 'scope' | 'series' | 'aside' | 'failed';

/**
 * A box of the scene. `id` is stable from update to update: a scope's path with a slash at its end, an operation's name, a
 * series' first name with "[...]", an operation set aside beside what it serves: "name@consumer".
 */
export interface ISceneBox {
  id: string;
  kind: BoxKind;
  label: string;
  /** Smaller, below the label: an operation's type, a scope's number of operations. */
  caption: string;
  /** The box around it, "" at the top. */
  parent: string;
  /** Indices of the operations that it stands for, in the order of building. */
  ops: number[];
  /** Whether it shows its contents: boxes whose `parent` it is. */
  open: boolean;
  width: number;
  height: number;
  /** The operation that it is about: itself, or the variable whose helpers it holds as well; of other boxes it is missing. */
  main?: number;
  /** Of a series, how many boxes it holds. */
  members?: number;
  /** Operations set aside that it reads, and so are not drawn: constants, and what many read. Missing where there are none. */
  beside?: number[];
}

export type EdgeKind = 'data' | 'control' | 'reference';

/**
 * Edges of the graph, joined to one between two direct contents of the same scope. What leads out of the scope or comes into it
 * ends at its border: `from` is "" where it comes in (at the upper border), `to` is "" where it leaves (at the lower one).
 * So a scope is laid out by itself, whatever is open around it.
 */
export interface ISceneEdge {
  id: string;
  from: string;
  to: string;
  kind: EdgeKind;
  /** How many edges of the graph it stands for. */
  count: number;
  /** Bytes that go along it where shapes are known, else 0. */
  bytes: number;
  /** The shape where it stands for one tensor: "100x784", "?x10"; else "". */
  label: string;
}

/** One scope's contents, to be laid out by themselves. Order matters: it is that of building, which stays as a graph grows. */
export interface ILayoutRequest {
  scope: string;
  boxes: { id: string; width: number; height: number }[];
  edges: { id: string; from: string; to: string }[];
  /** An earlier layout of the scope: what was there keeps its place as far as can be. */
  before?: ILayoutResult;
}

/** Places within a scope, from the top left corner of its contents on; edges are polylines [x0, y0, x1, y1, ...]. */
export interface ILayoutResult {
  scope: string;
  width: number;
  height: number;
  boxes: { [id: string]: { x: number; y: number; layer: number } };
  edges: { [id: string]: number[] };
}

/** The part of a node of the wire's graph that a scene needs. */
export interface INode {
  name: string;
  type: string;
  inputs: number[];
  control: number[];
  /** `ran` is the shape in runs, where the graph knows only a part of it. */
  outputs: { dtype: string; shape: number[] | null; ran?: number[] }[];
  device: string;
  role: string;
  /** "name=value", without spaces. */
  attributes?: string[];
}

/** What is shown of a graph, and how. */
export interface ISceneOptions {
  /** Paths of open scopes and ids of open series. */
  open: string[];
  /** Fold "layer1", "layer2", ... and "add", "add_1", ... into one box where they have the same structure and there are many. */
  foldSeries: boolean;
  /** Take initializers, savers, gradients' bookkeeping, slots and constants that many read out of the picture's flow. */
  setAside: boolean;
  /** Names of operations or scopes that the user set aside or brought back, whatever the rule says. */
  aside: string[];
  back: string[];
  /** Types of operations that are hidden. */
  hiddenTypes: string[];
  /** Only these operations are shown, where set: what a fetch needs. */
  only: number[] | null;
  /** By operation, not 0 where it is hidden as part of an earlier version of its cell. */
  earlier?: Uint8Array | null;
  /** The operation that could not be made: it is shown whatever else is hidden. */
  failed?: number;
}

/** A graph as a picture of boxes in boxes; made by `buildScene` in scene.ts. */
export interface IScene {
  boxes: ReadonlyMap<string, ISceneBox>;
  /** Ids of the boxes directly in a scope ("" for the top), in the order of building. */
  contents(scope: string): readonly string[];
  /** Edges between the direct contents of a scope that is open. */
  edges(scope: string): readonly ISceneEdge[];
  /** Id of the visible box that stands for an operation: itself, or the innermost closed box around it; null where hidden. */
  boxOf(op: number): string | null;
  /** Number of a structure that other boxes have as well (scopes with the same contents, open or not), or -1. */
  structure(id: string): number;
  /** Operations that were set aside, to be brought back from a list. */
  aside: readonly number[];
}
