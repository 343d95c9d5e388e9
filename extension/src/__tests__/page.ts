import type { TranslationBundle } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import type { IHost, IPlace } from '../views/view';

// What Lumino and uPlot ask for as they are loaded, and jsdom has not: this file is imported before anything of theirs.
Object.assign(window, {
  matchMedia: () => ({ addEventListener: () => undefined, removeEventListener: () => undefined }),
  DragEvent: class extends MouseEvent {}
});

const filled = (text: string, args: unknown[]) =>
  text.replace(/%(\d+)/g, (_, n: string) => String(args[Number(n) - 1]));

/** English as it is written in the program. */
export const trans = {
  __: (text: string, ...args: unknown[]) => filled(text, args),
  _n: (one: string, many: string, n: number, ...args: unknown[]) => filled(n === 1 ? one : many, [n, ...args])
} as unknown as TranslationBundle;

/** The application around a view, and what the view did to it. */
export class StandIn implements IHost {
  readonly name = 'my net';
  readonly cursorMoved = new Signal<unknown, IPlace | null>(this);
  revealed: IPlace[] = [];
  saved: { name: string; data: Blob }[] = [];
  said: string[] = [];

  reveal(place: IPlace): void {
    this.revealed.push(place);
  }

  save(name: string, data: Blob): void {
    this.saved.push({ name, data });
  }

  announce(text: string): void {
    this.said.push(text);
  }
}

/** Waits until something holds: how many frames views take for it depends on how busy the machine is. */
export async function until(holds: () => unknown, patience = 4000): Promise<void> {
  const end = Date.now() + patience;
  while (!holds()) {
    if (Date.now() > end) {
      throw new Error(`It did not come to hold: ${holds}`);
    }
    await new Promise(done => setTimeout(done, 10));
  }
}
