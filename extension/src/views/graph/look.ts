import { TranslationBundle } from '@jupyterlab/translation';
import { downstream, upstream } from '../../graph/trace';
import { IColors } from '../../theme';
import { colorBoxes, IFills } from './coloring';
import { ILook } from './painter';
import { GraphStore } from './store';

/** A scope's operations are traced one by one; beyond this many the rest is let be. */
const TRACED = 64;

/** Colours of the store's picture by what the user chose. */
export function fillsOf(store: GraphStore, colors: IColors, trans: TranslationBundle): IFills {
  if (!store.picture) {
    return { fills: [], entries: [], scale: false, unmeasured: false };
  }
  return colorBoxes(store.picture, store.nodes, store.graph?.times ?? null, store.settings.coloring, colors, {
    none: trans.__('not set'),
    several: trans.__('several'),
    others: trans.__('others'),
    same: (label, count) => trans.__('%1 and %2 more like it', label, count - 1)
  });
}

/** What is told of a box that the mouse is over: its whole name, or why it could not be made. */
export function titleOf(store: GraphStore, id: string): string {
  const op = id === '' ? -1 : store.opOf(id);
  return op >= 0 && op === store.failed ? (store.graph?.info.failed?.message ?? id) : id;
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
  const ops = op >= 0 ? [op] : picture.boxes[at].box.ops.slice(0, TRACED);
  const reached = new Set<number>(ops);
  for (const from of ops) {
    upstream(nodes, from).forEach(other => reached.add(other));
    downstream(nodes, from).forEach(other => reached.add(other));
  }
  return boxesOf(store, reached).add(at);
}

/** How the store's picture looks now, but for what moves. */
export function lookOf(store: GraphStore, colors: IColors, fills: readonly string[], focused: boolean): ILook {
  const { picture, nodes } = store;
  const roles = (picture?.boxes ?? []).map(({ id, box }) => {
    const op = box.kind === 'series' ? -1 : store.mainOp(id);
    return nodes[op]?.role ?? '';
  });
  const failed = store.failed >= 0 ? boxesOf(store, [store.failed]) : new Set<number>();
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
    before: null,
    progress: 1,
    focused
  };
}
