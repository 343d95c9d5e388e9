import { IScene } from '../../graph/types';
import { IEarlier } from '../../graph/versions';
import { scopesOf } from './facts';
import { opens } from './picture';
import { ISettings } from './settings';

/** What is known of a graph's picture when an operation in it is gone to. */
export interface ISearched {
  scene: IScene;
  settings: ISettings;
  earlier: IEarlier | null;
  /** The operation's name. */
  name: string;
}

/**
 * The next change of settings on the way to an operation that shall be seen, or null where it is seen, or cannot be. Folded
 * series have no scope's name: what is in them is known only when that around them is open.
 */
export function towards(op: number, { scene, settings, earlier, name }: ISearched): Partial<ISettings> | null {
  const box = scene.boxes.get(scene.boxOf(op) ?? '');
  if (!box) {
    return earlier?.ops[op] && !settings.earlier ? { earlier: true } : null;
  }
  if (box.open || !opens(box) || box.main === op) {
    return null;
  }
  const open = new Set([...settings.open, ...scopesOf(name), box.id]);
  return open.size > settings.open.length ? { open: [...open] } : null;
}
