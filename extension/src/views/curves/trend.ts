import { TranslationBundle } from '@jupyterlab/translation';
import { formatStep, formatValue } from './numbers';
import { IPoints } from './smooth';

/** Which of a curve's values is the best. */
export type Best = 'min' | 'max';

/** Where a curve goes: "short" where there are too few points to say. */
export type Direction = 'falling' | 'rising' | 'level' | 'noisy' | 'short';

/** A curve in a few numbers; all are indices of its points but `direction` and `odd`. */
export interface ITrend {
  last: number;
  direction: Direction;
  /** A point half way back that is like its neighbours. */
  before: number;
  best: number;
  /** From here on there is no number any more; -1 where the last point is one. */
  oddFrom: number;
  /** How many points are no numbers. */
  odd: number;
}

/** Indices of a curve's lowest, highest and last number, -1 where there is none, and of all that is no number. */
export interface IExtremes {
  lowest: number;
  highest: number;
  last: number;
  odd: number[];
}

const SAMPLES = 256;
const finite = (value: number) => value - value === 0;

/** The better end of a curve by its name: highest for what measures success, lowest for everything else. */
export function bestOf(name: string): Best {
  const words = name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  const whole = /^(acc|auc|f1|top[0-9]+)$/;
  return words.some(word => whole.test(word) || /accura|precision|recall/.test(word)) ? 'max' : 'min';
}

/** Finds by looking at every point what a curve otherwise knows of itself. */
export function extremesOf({ length, values }: IPoints): IExtremes {
  const found: IExtremes = { lowest: -1, highest: -1, last: -1, odd: [] };
  for (let i = 0; i < length; i++) {
    if (!finite(values[i])) {
      found.odd.push(i);
      continue;
    }
    found.last = i;
    found.lowest = found.lowest < 0 || values[i] < values[found.lowest] ? i : found.lowest;
    found.highest = found.highest < 0 || values[i] > values[found.highest] ? i : found.highest;
  }
  return found;
}

/**
 * Describes the last half of a curve, or all of it where it is short: a straight line through up to 256 of its points
 * says whether it rises or falls, where it does so beyond what its own scatter could make, and by more than a hundredth
 * of its size. Null where there is no number.
 */
export function trendOf(points: IPoints, best: Best, known = extremesOf(points)): ITrend | null {
  const { length, steps, values } = points;
  const { last } = known;
  if (last < 0) {
    return null;
  }
  const begin = last < 8 ? 0 : Math.floor(last / 2);
  const stride = Math.max(1, Math.ceil((last - begin + 1) / SAMPLES));
  const sample: number[] = [];
  for (let i = last; i >= begin; i -= stride) {
    if (finite(values[i]) && finite(steps[i])) {
      sample.unshift(i);
    }
  }
  return {
    last,
    direction: directionOf(sample, steps, values),
    before: typical(begin, last, values),
    best: best === 'min' ? known.lowest : known.highest,
    oddFrom: last < length - 1 ? last + 1 : -1,
    odd: known.odd.length
  };
}

function directionOf(sample: readonly number[], steps: Float64Array, values: Float64Array): Direction {
  const n = sample.length;
  if (n < 3) {
    return 'short';
  }
  // In parts of the largest, so that no square overflows.
  const size = sample.reduce((most, i) => Math.max(most, Math.abs(values[i])), 0);
  if (size === 0) {
    return 'level';
  }
  const mean = (of: (i: number) => number) => sample.reduce((sum, i) => sum + of(i) / n, 0);
  const mx = mean(i => steps[i]);
  const my = mean(i => values[i] / size);
  const sxx = mean(i => (steps[i] - mx) ** 2);
  const slope = sxx > 0 ? mean(i => (steps[i] - mx) * (values[i] / size - my)) / sxx : 0;
  const noise = Math.sqrt(mean(i => (values[i] / size - my - slope * (steps[i] - mx)) ** 2));
  const change = slope * (steps[sample[n - 1]] - steps[sample[0]]);
  const spread = sample.reduce((most, i) => Math.max(most, Math.abs(values[i] / size - my)), 0);
  const scale = Math.max(Math.abs(my), 2 * spread);
  if (Math.abs(change) >= 0.01 * scale && Math.abs(change) * Math.sqrt(n / 12) > 4 * noise) {
    return change < 0 ? 'falling' : 'rising';
  }
  return noise > 0.05 * scale ? 'noisy' : 'level';
}

/** Index of the middle by value of the up to nine numbers from `begin` on. */
function typical(begin: number, last: number, values: Float64Array): number {
  const near: number[] = [];
  const most = Math.max(1, Math.min(9, Math.floor((last - begin) / 4)));
  for (let i = begin; i <= last && near.length < most; i++) {
    if (finite(values[i])) {
      near.push(i);
    }
  }
  near.sort((a, b) => values[a] - values[b]);
  return near[near.length >> 1];
}

/** A sentence or two on where a curve stands and goes, for those who hear rather than see it. */
export function trendText(
  name: string,
  points: IPoints,
  best: Best,
  trans: TranslationBundle,
  known?: IExtremes
): string {
  if (points.length === 0) {
    return trans.__('%1: no points yet.', name);
  }
  const trend = trendOf(points, best, known);
  const value = (i: number) => formatValue(points.values[i]);
  const step = (i: number) => formatStep(points.steps[i]);
  if (!trend) {
    return trans.__(
      '%1: no number among its points; the last is %2 at step %3.',
      ...[name, value(points.length - 1), step(points.length - 1)]
    );
  }
  const low = best === 'min';
  const { last, before, best: top } = trend;
  const ends = [name, value(last), step(last), value(top), step(top)];
  const all = [...ends, value(before), step(before)];
  let text: string;
  if (trend.oddFrom >= 0) {
    const args = [...ends, value(trend.oddFrom), step(trend.oddFrom)];
    text = low
      ? trans.__('%1: %6 since step %7; the last number was %2 at step %3; lowest %4 at step %5.', ...args)
      : trans.__('%1: %6 since step %7; the last number was %2 at step %3; highest %4 at step %5.', ...args);
  } else if (trend.direction === 'falling') {
    text = low
      ? trans.__('%1: %2 at step %3, falling: it was %6 at step %7; lowest %4 at step %5.', ...all)
      : trans.__('%1: %2 at step %3, falling: it was %6 at step %7; highest %4 at step %5.', ...all);
  } else if (trend.direction === 'rising') {
    text = low
      ? trans.__('%1: %2 at step %3, rising: it was %6 at step %7; lowest %4 at step %5.', ...all)
      : trans.__('%1: %2 at step %3, rising: it was %6 at step %7; highest %4 at step %5.', ...all);
  } else if (trend.direction === 'level') {
    text = low
      ? trans.__('%1: %2 at step %3, level since step %7; lowest %4 at step %5.', ...all)
      : trans.__('%1: %2 at step %3, level since step %7; highest %4 at step %5.', ...all);
  } else if (trend.direction === 'noisy') {
    text = low
      ? trans.__('%1: %2 at step %3, noisy without rising or falling since step %7; lowest %4 at step %5.', ...all)
      : trans.__('%1: %2 at step %3, noisy without rising or falling since step %7; highest %4 at step %5.', ...all);
  } else {
    text = low
      ? trans.__('%1: %2 at step %3; lowest %4 at step %5.', ...ends)
      : trans.__('%1: %2 at step %3; highest %4 at step %5.', ...ends);
  }
  return trend.odd > 0 && trend.oddFrom < 0
    ? `${text} ${trans._n('%1 value is NaN or infinite.', '%1 values are NaN or infinite.', trend.odd)}`
    : text;
}

/** "loss fell from 2.3 to 0.31 over 500 steps, lowest 0.29 at step 480.": a whole curve in a sentence, to be said aloud. */
export function courseText(
  name: string,
  points: IPoints,
  best: Best,
  trans: TranslationBundle,
  known = extremesOf(points)
): string {
  const { length, steps, values } = points;
  const { last } = known;
  const first = values.subarray(0, length).findIndex(finite);
  if (last < 0 || last === first) {
    return trendText(name, points, best, trans, known);
  }
  const top = best === 'min' ? known.lowest : known.highest;
  const [from, to] = [formatValue(values[first]), formatValue(values[last])];
  const args = [
    name,
    from,
    to,
    formatStep(steps[last] - steps[first]),
    formatValue(values[top]),
    formatStep(steps[top])
  ];
  let text: string;
  if (from === to) {
    text =
      best === 'min'
        ? trans.__('%1 is %3 as it was %4 steps before, lowest %5 at step %6.', ...args)
        : trans.__('%1 is %3 as it was %4 steps before, highest %5 at step %6.', ...args);
  } else if (values[last] < values[first]) {
    text =
      best === 'min'
        ? trans.__('%1 fell from %2 to %3 over %4 steps, lowest %5 at step %6.', ...args)
        : trans.__('%1 fell from %2 to %3 over %4 steps, highest %5 at step %6.', ...args);
  } else {
    text =
      best === 'min'
        ? trans.__('%1 rose from %2 to %3 over %4 steps, lowest %5 at step %6.', ...args)
        : trans.__('%1 rose from %2 to %3 over %4 steps, highest %5 at step %6.', ...args);
  }
  return last < length - 1
    ? `${text} ${trans.__('Since step %1 it is %2.', formatStep(steps[last + 1]), formatValue(values[length - 1]))}`
    : text;
}
