import { TranslationBundle } from '@jupyterlab/translation';
import { IRunInfo } from '../../protocol';
import { Curve, IAxis, Range } from './curve';
import { ILook } from './look';
import { formatSeconds, formatStep, formatValue, ordinal } from './numbers';

/** A line of a chart: one name in one run. */
export interface ILine {
  curve: Curve;
  name: string;
  run: IRunInfo;
  look: ILook;
  /** What tells it from the chart's other lines. */
  label: string;
  /** The name, with its session where lines are of several. */
  title: string;
}

/** What a line has at a place along x. */
export interface IReading {
  line: ILine;
  index: number;
  step: number;
  time: number;
  value: number;
  /** Undefined where the line is not smoothed. */
  smooth: number | undefined;
}

/** What each line has at or next to a place along x; lines that are further than `reach` from it are left out. */
export function readAt(lines: readonly ILine[], at: number, by: IAxis, reach: number, smoothed: boolean): IReading[] {
  const readings: (IReading & { distance: number })[] = [];
  for (const line of lines) {
    const { curve } = line;
    const index = curve.nearest(at, by);
    if (index < 0) {
      continue;
    }
    const [from, to] = curve.range(by);
    if (at < from - reach || at > to + reach) {
      continue;
    }
    readings.push({ ...reading(line, index, smoothed), distance: Math.abs(curve.xAt(index, by) - at) });
  }
  return readings;
}

/** What a line has at a point of its own. */
export function reading(line: ILine, index: number, smoothed: boolean): IReading {
  const { steps, values, times } = line.curve.series;
  const smooth = line.curve.smoother;
  return {
    line,
    index,
    step: steps[index],
    time: times[index],
    value: values[index],
    smooth: smoothed && index < smooth.length && Number.isFinite(smooth.out[index]) ? smooth.out[index] : undefined
  };
}

/** "Step 512, 12.3 s". */
export function placeText(of: IReading, by: IAxis, trans: TranslationBundle): string {
  const time = formatSeconds(of.time, trans);
  return by.axis === 'epoch'
    ? trans.__('Epoch %1, step %2, %3', formatStep(of.step / by.epoch), formatStep(of.step), time)
    : trans.__('Step %1, %2', formatStep(of.step), time);
}

/** A sentence with the values of all lines, read aloud as the cursor moves. */
export function spoken(lead: IReading, all: readonly IReading[], by: IAxis, trans: TranslationBundle): string {
  const others = all.filter(one => one.line !== lead.line);
  const parts = [lead, ...others.slice(0, 4)].map(one =>
    one.smooth === undefined
      ? trans.__('%1 %2', one.line.label, formatValue(one.value))
      : trans.__('%1 %2, smoothed %3', one.line.label, formatValue(one.value), formatValue(one.smooth))
  );
  const more = others.length > 4 ? [trans.__('and %1 more', others.length - 4)] : [];
  return `${placeText(lead, by, trans)}: ${[...parts, ...more].join('; ')}`;
}

/** What is missing from a line's points, in a few words; '' where nothing is. */
export function keptText(line: ILine, trans: TranslationBundle): string {
  const { every, kept, count } = line.curve.series.info;
  const words: string[] = [];
  if (every > 1) {
    words.push(trans.__('about every %1 step', ordinal(every))); // on average
  }
  if (kept < count) {
    words.push(trans.__('thinned, extremes kept'));
  }
  return words.join(' · ');
}

/** What of the lines is not drawn as a number, in sentences. */
export function oddTexts(lines: readonly ILine[], log: boolean, trans: TranslationBundle): string[] {
  const texts: string[] = [];
  for (const { curve, label } of lines) {
    const count = curve.odd.length;
    if (count > 0) {
      const { steps, values } = curve.series;
      const first = formatValue(values[curve.odd[0]]);
      const at = formatStep(steps[curve.odd[0]]);
      texts.push(
        count === 1
          ? trans.__('%1: %2 at step %3.', label, first, at)
          : trans._n(
              '%2: %3 at step %4, and %1 more that is NaN or infinite.',
              '%2: %3 at step %4, and %1 more that are NaN or infinite.',
              count - 1,
              label,
              first,
              at
            )
      );
    }
  }
  const left = log ? lines.reduce((sum, { curve }) => sum + curve.nonPositive, 0) : 0;
  if (left > 0) {
    texts.push(
      trans._n(
        '%2 value at or below 0 is left out: a logarithmic axis has no place for it.',
        '%2 values at or below 0 are left out: a logarithmic axis has no place for them.',
        left,
        formatStep(left)
      )
    );
  }
  return texts.length > 4 ? [...texts.slice(0, 4), trans.__('and %1 more', texts.length - 4)] : texts;
}

/** The range of x that shows all of the lines; from 0 to 1 where they have no points. */
export function fullRange(lines: readonly ILine[], by: IAxis): Range {
  let [from, to] = [Infinity, -Infinity];
  for (const { curve } of lines) {
    const range = curve.range(by);
    from = Math.min(from, range[0]);
    to = Math.max(to, range[1]);
  }
  if (from > to) {
    return [0, 1];
  }
  const pad = from === to ? Math.max(0.5, Math.abs(from) * 1e-3) : 0;
  return [from - pad, to + pad];
}

/**
 * The range of y for values from `low` to `high`, with some air; whatever they are, it is a range that can be drawn.
 */
export function yRange(low: number, high: number, log: boolean): Range {
  if (!(low <= high)) {
    return log ? [0.1, 1] : [0, 1];
  }
  if (log) {
    // What is smaller than this has too few digits left for a scale.
    [low, high] = [Math.max(low, 1e-300), Math.max(high, 1e-300)];
    const pad = 10 ** Math.max(0.02, Math.min(10, 0.05 * Math.log10(high / low)));
    return [low / pad, Math.min(high * pad, 1.7e308)];
  }
  const size = high - low;
  // Numbers so near that an axis could not tell them apart are as good as one.
  const pad = size > Math.abs(high) * 1e-12 ? 0.06 * size : Math.abs(high) * 0.1 || 1;
  const [from, to] = [Math.max(low - pad, -Number.MAX_VALUE), Math.min(high + pad, Number.MAX_VALUE)];
  return Number.isFinite(to - from) ? [from, to] : [-8e307, 8e307];
}

/** A range that is `by` times as wide about a point that stays where it is. */
export function scaled([from, to]: Range, about: number, by: number): Range {
  return [about - (about - from) * by, about + (to - about) * by];
}
