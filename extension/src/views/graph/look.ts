import { TranslationBundle } from '@jupyterlab/translation';
import { IProblem, search } from '../../graph/query';
import { needed, needing } from '../../graph/trace';
import { IColors } from '../../theme';
import { colorBoxes, IFills } from './coloring';
import { devicesOf, searchedDevices, unplaced } from './devices';
import { describe } from './facts';
import { ILook } from './painter';
import { GraphStore } from './store';

/** Colours of the store's picture by what the user chose. */
export function fillsOf(store: GraphStore, colors: IColors, trans: TranslationBundle): IFills {
  if (!store.picture) {
    return { fills: [], entries: [], scale: false, unmeasured: false };
  }
  const { coloring } = store.settings;
  const { picture, nodes, placed } = store;
  const times = store.graph?.times ?? null;
  const texts = {
    none: trans.__('not set'),
    several: trans.__('several'),
    others: trans.__('others'),
    same: (label: string, count: number) => trans.__('%1 and %2 more like it', label, count - 1)
  };
  const fills = colorBoxes(picture, nodes, times, coloring, colors, texts, devicesOf(nodes, placed, times));
  return coloring === 'device' && unplaced(store) ? { ...fills, unplaced: true } : fills;
}

/** What is told of a box that the mouse is over: its whole name, or why it could not be made, and what went wrong. */
export function titleOf(store: GraphStore, id: string): string {
  const op = id === '' ? -1 : store.opOf(id);
  if (op >= 0 && op === faultOf(store)) {
    return `${id}: ${store.graph?.info.fault?.message}`;
  }
  return op >= 0 && op === store.failed ? (store.graph?.info.failed?.message ?? id) : id;
}

/** The operation at which a run failed, or -1. */
export function faultOf({ graph, nodes, builder }: GraphStore): number {
  const fault = graph?.info.fault;
  return fault && fault.op < nodes.length && !builder.isDismissed(fault) ? fault.op : -1;
}

/** What is selected, in one breath. */
export function describeSelected(store: GraphStore, trans: TranslationBundle): string {
  const { op, scene, selected } = store;
  if (op >= 0) {
    return describe(store.nodes, store.readers, op, trans);
  }
  const box = scene?.boxes.get(selected);
  return box ? trans._n('%2, with %1 operation', '%2, with %1 operations', box.ops.length, box.label) : '';
}

/** Operations that are not shown since they are of earlier versions, by index, or null. */
export function hiddenVersions({ settings, only, earlier }: GraphStore): Uint8Array | null {
  return settings.earlier || only >= 0 ? null : (earlier?.ops ?? null);
}

/** Operations that are not shown since they are of earlier versions or of a hidden type, by index, or null. */
export function hiddenOps(store: GraphStore): Uint8Array | null {
  const { nodes } = store;
  const versions = hiddenVersions(store);
  const types = new Set(store.settings.hidden);
  if (types.size === 0) {
    return versions;
  }
  return Uint8Array.from(nodes, ({ type }, op) => Number(types.has(type) || Boolean(versions?.[op])));
}

/** Operations that are no hidden earlier versions, and of which something is shown where only what one needs is; undefined: all. */
export function shownVersions(store: GraphStore): number[] | undefined {
  const { graph, nodes, only } = store;
  if (only >= 0) {
    return [...needed(nodes, [only])];
  }
  const hidden = hiddenVersions(store);
  return hidden && graph ? graph.nodes.flatMap((_, op) => (hidden[op] ? [] : [op])) : undefined;
}

/** Operations that a text asks for; what is hidden as an earlier version is not looked at. */
export function searchIn(store: GraphStore, text: string): number[] | IProblem {
  const isShown = (op: number) => (store.scene?.boxOf(op) ?? null) !== null;
  const found = text.trim() === '' ? [] : search(store.nodes, text, searchedDevices(store), isShown);
  const hidden = hiddenVersions(store);
  return Array.isArray(found) && hidden ? found.filter(op => !hidden[op]) : found;
}

/** The indices of the boxes that show operations. */
export function boxesOf(store: GraphStore, ops: Iterable<number>): Set<number> {
  const found = new Set<number>();
  const { picture } = store;
  if (picture) {
    for (const op of ops) {
      const id = picture.scene.boxOf(op);
      const at = id === null ? -1 : picture.index(id);
      if (at >= 0) {
        found.add(at);
      }
    }
  }
  return found;
}

/** Boxes that stand out when the selected one is traced, or null. */
export function tracedBoxes(store: GraphStore): Set<number> | null {
  const { picture, nodes } = store;
  const at = store.boxIndex(store.selected);
  if (!picture || at < 0 || !store.settings.trace) {
    return null;
  }
  const op = store.op;
  const ops = op >= 0 ? [op] : picture.boxes[at].box.ops;
  const reached = needed(nodes, ops);
  needing(nodes, ops).forEach(other => reached.add(other));
  return boxesOf(store, reached).add(at);
}

/** How the store's picture looks now, but for what moves. */
export function lookOf(store: GraphStore, colors: IColors, fills: readonly string[], labels: ILook['labels']): ILook {
  const { picture, nodes } = store;
  const roles = (picture?.boxes ?? []).map(({ id, box }) => {
    const op = box.kind === 'series' ? -1 : store.mainOp(id);
    return nodes[op]?.role ?? '';
  });
  const failed = boxesOf(
    store,
    [store.failed, faultOf(store)].filter(op => op >= 0)
  );
  const hit = store.hit >= 0 ? [store.hits[store.hit]] : [];
  return {
    colors,
    fills,
    roles,
    selected: store.boxIndex(store.selected),
    hovered: -1,
    lit: tracedBoxes(store) ?? (store.hits.length > 0 ? boxesOf(store, [...store.hits, ...hit]) : null),
    found: store.hits.length > 0 ? boxesOf(store, store.hits) : new Set(),
    marked: boxesOf(store, store.marks),
    failed,
    labels,
    before: null,
    progress: 1,
    focused: false
  };
}
