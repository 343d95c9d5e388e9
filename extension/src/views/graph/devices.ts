import { Signal } from '@lumino/signaling';
import { DeviceOf } from '../../graph/query';
import { isPart, learnShapes } from '../../graph/shapes';
import { INode } from '../../graph/types';
import { Model } from '../../model';
import { INodeTimes, IPlaced } from '../../protocol';
import { Change } from './change';
import { GraphStore } from './store';

/** Short names by whole ones: there are few, and each is asked for by many operations. */
const shortNames = new Map<string, string>();

/**
 * A device's short name: "/cpu:0" where it is one of this process, "/job:worker/task:1 · gpu:0" on a cluster, where a task
 * without more is its first processor, and otherwise the whole name.
 */
export function shortDevice(device: string): string {
  let short = shortNames.get(device);
  if (short === undefined) {
    const parts = /^(?:\/job:localhost)?(?:\/replica:0)?(?:\/task:0)?\/?(?:device:)?([a-z]+):(\d+)$/i.exec(device);
    short = parts ? `/${parts[1].toLowerCase()}:${parts[2]}` : shortTask(device);
    shortNames.set(device, short);
  }
  return short;
}

function shortTask(device: string): string {
  const parts = /^\/job:([^/]+)(?:\/replica:0)?\/task:(\d+)(?:\/(?:device:)?([a-z]+:\d+))?$/i.exec(device);
  if (!parts) {
    return device;
  }
  const [, job, task, kind] = parts;
  const own = kind === undefined || /^cpu:0$/i.test(kind) ? '' : ` · ${kind.toLowerCase()}`;
  return `/job:${job}/task:${task}${own}`;
}

/** The device of an operation: where a run put it, else where it was asked to run; '' where neither is known. */
export function devicesOf(nodes: readonly INode[], placed: IPlaced | null, times: INodeTimes | null): DeviceOf {
  const measured = new Map<number, string>();
  times?.nodes.forEach((op, k) => measured.set(op, times.devices[k] ?? ''));
  return op => placed?.devices[placed.nodes[op] ?? -1] || measured.get(op) || nodes[op]?.device || '';
}

/** What a search for devices looks at: the device's whole name and the short one. */
export function searchedDevices({ nodes, placed, graph }: GraphStore): DeviceOf {
  const of = devicesOf(nodes, placed, graph?.times ?? null);
  return op => `${of(op)} ${shortDevice(of(op))}`;
}

/** Whether nothing is known of where operations were put, though the kernel was asked. */
export function unplaced({ placed, graph }: GraphStore): boolean {
  return placed?.devices.length === 0 && !graph?.times;
}

/** Asks the kernel where a graph's operations were put, as long as that is shown; again when the graph has grown or was run. */
export class DeviceWatch {
  constructor(
    private _store: GraphStore,
    private _model: Model
  ) {
    _store.changed.connect(this._onStore, this);
    _model.linkChanged.connect(this._look, this);
    _model.runChanged.connect(this._look, this);
    _model.listChanged.connect(this._look, this);
  }

  dispose(): void {
    this._disposed = true;
    Signal.clearData(this);
  }

  private _onStore(sender: GraphStore, change: Change): void {
    if (change === 'graph') {
      this._counted = -1;
      this._asked = ''; // after a restart another one may have its name
    }
    this._look();
  }

  private _look(): void {
    const { _store: store, _model: model } = this;
    const shown = store.settings.coloring === 'device' || store.seeksDevice || this._hasParts();
    const wanted = store.active && shown;
    if (!wanted || this._asking || this._disposed || !store.graph || model.link.state !== 'connected') {
      return;
    }
    // A training makes many runs, and few of them bring new operations: as their number doubles, or a cell begins or ends.
    const runs = model.sessions.filter(({ graph }) => graph === store.id).map(({ id, runs }) => [id, Math.clz32(runs)]);
    const { cell } = model.run;
    const key = JSON.stringify([store.id, store.graph.nodes.length, runs, cell, model.run.state === 'idle']);
    if (key !== this._asked) {
      this._asked = key;
      void this._ask(store.id);
    }
  }

  /** Whether runs may tell shapes that the graph does not know. */
  private _hasParts(): boolean {
    const { nodes, id } = this._store;
    const ran = this._model.sessions.some(({ graph, runs }) => graph === id && runs > 0);
    if (ran && this._counted !== nodes.length) {
      this._counted = nodes.length;
      this._parts = nodes.some(node => node.outputs.some(isPart));
    }
    return ran && this._parts;
  }

  private async _ask(graph: string): Promise<void> {
    this._asking = true;
    let placed: IPlaced | undefined;
    try {
      placed = (await this._model.send({ op: 'placed', graph })).reply.placed;
    } catch {
      // what is known stays; the next run asks again
    }
    this._asking = false;
    if (this._disposed) {
      return;
    }
    // A session that was closed takes nothing away of what is known.
    if (placed && this._store.id === graph && (placed.devices.length > 0 || !this._store.placed)) {
      const learned = learnShapes(this._store.nodes, placed);
      this._store.setPlaced(placed);
      if (learned) {
        this._store.update();
      }
    }
    this._look();
  }

  private _asked = '';
  private _counted = -1;
  private _parts = false;
  private _asking = false;
  private _disposed = false;
}
