import { Work } from '../../graph/pieces';
import { sceneSteps } from '../../graph/scene';
import { Measure } from '../../graph/sizes';
import { needed } from '../../graph/trace';
import { INode, IScene } from '../../graph/types';
import { earlierSteps, IEarlier } from '../../graph/versions';
import { IGraph } from '../../model';
import { IFailedNode, IFault } from '../../protocol';
import { failedNode, readerSteps } from './facts';
import { ISettings, sceneOptions } from './settings';
import { Slices } from './slices';

/** A graph as it is shown. */
export interface IBuilt {
  /** The graph's operations, and behind them the one that could not be made. */
  nodes: readonly INode[];
  /** Index of the operation that could not be made, or -1. */
  failed: number;
  /** What was made by earlier executions of cells, or null. */
  earlier: IEarlier | null;
  scene: IScene | null;
}

export const NOTHING: IBuilt = { nodes: [], failed: -1, earlier: null, scene: null };

/** Whether there are operations that nothing can be told of yet: they are on their way, or wait for the scene. */
export function isBuilding({
  graph,
  nodes,
  busy
}: {
  graph: IGraph | null;
  nodes: readonly INode[];
  busy: number;
}): boolean {
  return busy > 0 || nodes.length < (graph?.info.size ?? 0);
}

/** Makes scenes of graphs: of large ones in slices. The newest wins. */
export class Builder {
  constructor(private _measure: Measure) {}

  /** Milliseconds that the last scene took. */
  get took(): number {
    return this._slices.took;
  }

  get working(): boolean {
    return this._slices.working;
  }

  /** Makes a graph's scene and gives it to `done`. */
  build(graph: IGraph, settings: ISettings, only: number, done: (built: IBuilt) => void): void {
    this._slices.run(this._work(graph, settings, only), done);
  }

  cancel(): void {
    this._slices.cancel();
  }

  /** Leaves an operation that could not be made out of what is built from now on, or the mark of one that failed in a run. */
  dismiss(what: IFailedNode | IFault): void {
    this._dismissed.add(JSON.stringify(what));
  }

  isDismissed(what: IFailedNode | IFault): boolean {
    return this._dismissed.has(JSON.stringify(what));
  }

  private *_work(graph: IGraph, settings: ISettings, only: number): Work<IBuilt> {
    const last = this._failedNode(graph);
    const nodes = last ? [...graph.nodes, last] : graph.nodes.slice();
    const failed = last ? graph.nodes.length : -1;
    const earlier = yield* this._earlier(graph, nodes);
    yield;
    const needs = only >= 0 && only < nodes.length ? [...needed(nodes, [only])] : null;
    const hidden = needs || settings.earlier ? null : (earlier?.ops ?? null);
    const scene = yield* sceneSteps(nodes, sceneOptions(settings, failed, needs, hidden), this._measure);
    yield* readerSteps(nodes); // what is selected is told with its readers, at once
    return { nodes, failed, earlier, scene };
  }

  /** The operation that could not be made; the same object as long as nothing changes, by which scenes know it again. */
  private _failedNode(graph: IGraph): INode | null {
    const { failed } = graph.info;
    if (!failed || this.isDismissed(failed)) {
      return null;
    }
    const key = JSON.stringify([graph.info.id, graph.nodes.length, graph.files.length, failed]);
    if (this._failed?.key !== key) {
      this._failed = { key, node: failedNode(failed, graph) };
    }
    return this._failed.node;
  }

  /** Earlier versions; likewise the same object. */
  private *_earlier({ executions }: IGraph, nodes: readonly INode[]): Work<IEarlier | null> {
    const key = [executions, nodes[nodes.length - 1], nodes.length];
    if (!this._versions || key.some((part, k) => part !== this._versions?.key[k])) {
      this._versions = { key, found: yield* earlierSteps(nodes, executions ?? []) };
    }
    return this._versions.found;
  }

  private _slices = new Slices();
  private _dismissed = new Set<string>();
  private _failed: { key: string; node: INode } | null = null;
  private _versions: { key: unknown[]; found: IEarlier | null } | null = null;
}
