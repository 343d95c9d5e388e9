import { TranslationBundle } from '@jupyterlab/translation';
import { Best, bestBy } from './best';
import { Direction, directionOf } from './direction';
import { formatStep, formatValue } from './numbers';
import { IPoints } from './smooth';

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
  /** What was said of its last half. */
  said?: ISaid;
}

/** Where a curve went when it had so many points, and which end of it was the best by that. */
export interface ISaid {
  count: number;
  direction: Direction;
  best: Best;
}

const SAMPLES = 4096;
const finite = (value: number) => value - value === 0;

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

/** Up to 4096 numbers of a curve in their order, evenly from one index to another. */
export function sampleOf({ values }: IPoints, begin: number, last: number): number[] {
  const stride = Math.max(1, Math.ceil((last - begin + 1) / SAMPLES));
  const sample: number[] = [];
  for (let i = last; i >= begin; i -= stride) {
    if (finite(values[i])) {
      sample.push(values[i]);
    }
  }
  return sample.reverse();
}

/**
 * Says where the first `count` points go, from one on that depends on the last. It is looked at as the curve grows, at lengths
 * that do not depend on when points came: it is the same where all come at once as where it goes on from what was said.
 */
export function follow(points: IPoints, count: number, begin: (last: number) => number, said?: ISaid): ISaid {
  let now: ISaid = said && said.count <= count ? said : { count: 0, direction: 'short', best: 'min' };
  for (let next = after(now.count); next <= count; next = after(next)) {
    const direction = directionOf(sampleOf(points, begin(next - 1), next - 1), now.direction);
    now = { count: next, direction, best: bestBy(direction, now.best) };
  }
  return now;
}

function after(count: number): number {
  return count < 20 ? count + 1 : Math.floor(count * 1.1);
}

/** Describes the last half of a curve, or all of it where it is short. Null where there is no number. */
export function trendOf(points: IPoints, best: Best, known = extremesOf(points)): ITrend | null {
  const { length, values } = points;
  const { last } = known;
  if (last < 0) {
    return null;
  }
  const half = (end: number) => (end < 8 ? 0 : Math.floor(end / 2));
  known.said = follow(points, last + 1, half, known.said);
  return {
    last,
    direction: known.said.direction,
    before: typical(half(last), last, values),
    best: best === 'min' ? known.lowest : known.highest,
    oddFrom: last < length - 1 ? last + 1 : -1,
    odd: known.odd.length
  };
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

/** What a curve is from a point on where it is no number any more: "NaN", or "no number (first ∞, now NaN)". */
function oddText({ length, values }: IPoints, from: number, trans: TranslationBundle): string {
  const [first, now] = [formatValue(values[from]), formatValue(values[length - 1])];
  for (let i = from; i < length; i++) {
    if (!Object.is(values[i], values[from])) {
      return trans.__('no number (first %1, now %2)', first, now);
    }
  }
  return first;
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
    const args = [...ends, oddText(points, trend.oddFrom, trans), step(trend.oddFrom)];
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
    ? `${text} ${trans.__('Since step %1 it is %2.', formatStep(steps[last + 1]), oddText(points, last + 1, trans))}`
    : text;
}
