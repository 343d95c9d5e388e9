import { Direction } from './navigate';

/** What a key on the canvas means. */
export type KeyAction = Direction | 'enter' | 'nearer' | 'farther' | 'fit' | 'search' | 'escape';

const ACTIONS: { [key: string]: KeyAction } = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowLeft: 'left',
  ArrowRight: 'right',
  Enter: 'enter',
  ' ': 'enter',
  '+': 'nearer',
  '=': 'nearer',
  '-': 'farther',
  '0': 'fit',
  '/': 'search',
  Escape: 'escape'
};

/** The action of a key, or null: keys with Ctrl, Alt or Meta are Jupyter's and the browser's. */
export function actionOf(event: KeyboardEvent): KeyAction | null {
  return event.altKey || event.ctrlKey || event.metaKey ? null : (ACTIONS[event.key] ?? null);
}
