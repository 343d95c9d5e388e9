import type { TranslationBundle } from '@jupyterlab/translation';

const filled = (text: string, args: unknown[]) =>
  text.replace(/%(\d+)/g, (_, n: string) => String(args[Number(n) - 1]));

/** English as it is written in the program. */
export const trans = {
  __: (text: string, ...args: unknown[]) => filled(text, args),
  _n: (one: string, many: string, n: number, ...args: unknown[]) => filled(n === 1 ? one : many, [n, ...args])
} as unknown as TranslationBundle;
