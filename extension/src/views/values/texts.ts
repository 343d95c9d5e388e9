import { TranslationBundle } from '@jupyterlab/translation';
import { STATISTICS } from '../../protocol';
import { countOf, formatNumber, formatShape, formatShare } from './numbers';
import { filterOf } from './rows';

/** What is said in place of the table; `all` is how many lines there are, null where they have not come yet. */
export function emptyText(
  trans: TranslationBundle,
  session: boolean,
  all: number | null,
  shown: number,
  filter: string
): string {
  if (!session) {
    return trans.__(
      'No session is open yet: run a cell that makes one, like sess = tf.Session(), and its variables appear here.'
    );
  }
  if (all === null) {
    return trans.__('Waiting for the values…');
  }
  if (all === 0) {
    return trans.__('This session has no variables yet; a tensor can be pinned by its name.');
  }
  const found = filterOf(filter);
  if (typeof found !== 'function') {
    return trans.__('The filter cannot be read: %1', found.problem);
  }
  return shown === 0 ? trans.__('No variable matches the filter.') : '';
}

/** How much of the table is shown, and of which step it is where the training is further by now. */
export function statusText(trans: TranslationBundle, shown: number, all: number, step: number, now: number): string {
  if (all === 0) {
    return '';
  }
  const of = step.toLocaleString();
  return now > step
    ? trans.__('%1 of %2 shown, of step %3; the training is at step %4', shown, all, of, now.toLocaleString())
    : trans.__('%1 of %2 shown, step %3', shown, all, of);
}

/** Numbers that are younger need no age: they are as good as of now. In milliseconds. */
const YOUNG = 2000;

/**
 * How old numbers are, and what the next ones wait for, while the training runs; '' of young ones. `rate` is how often a second
 * the kernel looks, `moving` whether steps are made.
 */
export function waitText(trans: TranslationBundle, age: number, rate: number, moving: boolean): string {
  if (age < YOUNG) {
    return '';
  }
  const seconds = Math.floor(age / 1000);
  const ago = seconds < 120 ? trans.__('%1 s ago', seconds) : trans.__('%1 min ago', Math.floor(seconds / 60));
  if (!moving) {
    return trans.__(', %1; next when this step is done', ago);
  }
  const left = rate > 0 ? Math.ceil(1 / rate - age / 1000) : 0;
  return left > 0
    ? trans.__(', %1; next in about %2 s', ago, left)
    : trans.__(', %1; next when the training leaves time', ago);
}

/** "conv1/W:0, float32 5×5×1×32, from -0.2 to 0.2, 48 % negative, 0 % zero": a picture for those who do not see it. */
export function pictureText(
  trans: TranslationBundle,
  name: string,
  dtype: string,
  shape: readonly number[],
  statistics: ArrayLike<number>
): string {
  const of = (what: (typeof STATISTICS)[number]) => statistics[STATISTICS.indexOf(what)];
  const count = countOf(shape);
  const text = trans.__(
    '%1, %2 %3, from %4 to %5, %6 negative, %7 zero',
    name,
    dtype,
    formatShape(shape, trans.__('scalar')),
    formatNumber(of('min')),
    formatNumber(of('max')),
    formatShare(of('negative'), count),
    formatShare(of('zeros'), count)
  );
  const odd = of('nan') + of('inf');
  return odd > 0 ? trans.__('%1, %2 numbers are NaN or infinite', text, odd) : text;
}
