import { TranslationBundle } from '@jupyterlab/translation';

// What jsdom lacks; imported before anything that imports Lumino's widgets.
if (typeof DragEvent === 'undefined') {
  Object.assign(globalThis, { DragEvent: class extends MouseEvent {} });
}

/** Translates nothing, and fills in the placeholders. */
export const trans = {
  __: (text: string, ...parts: unknown[]) => text.replace(/%(\d)/g, (_, i) => String(parts[Number(i) - 1]))
} as unknown as TranslationBundle;
