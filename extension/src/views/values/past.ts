import { arrayOf } from '../../arrays';
import { Model } from '../../model';
import { STATISTICS } from '../../protocol';
import { IHistogram } from './histories';
import { Statistic } from './rows';

/** What one value was in the last ticks. */
export interface IPast {
  steps: ArrayLike<number>;
  /** The numbers of a column of the table, one for each step. */
  of(statistic: Statistic): Float64Array;
  histograms: IHistogram[];
}

/** Asks for what a session's values were in the last ticks, which the kernel remembers while the page is reloaded; by name. */
export async function fetchPast(model: Model, session: string): Promise<Map<string, IPast>> {
  const { reply, buffers } = await model.send({ op: 'trends', session });
  const found = new Map<string, IPast>();
  for (const trend of reply.trends ?? []) {
    const rows = arrayOf(trend.statistics, buffers);
    const steps = arrayOf(trend.steps, buffers);
    const histograms: IHistogram[] = [];
    if (trend.histogram_steps && trend.histogram_ends && trend.histogram_counts) {
      const ends = arrayOf(trend.histogram_ends, buffers);
      const counts = arrayOf(trend.histogram_counts, buffers);
      const bins = trend.histogram_counts.shape[1];
      arrayOf(trend.histogram_steps, buffers).forEach((step: number, i: number) =>
        histograms.push({
          step,
          low: ends[2 * i],
          high: ends[2 * i + 1],
          counts: counts.subarray(i * bins, (i + 1) * bins)
        })
      );
    }
    const of = (statistic: Statistic) =>
      Float64Array.from(steps, (_, i) => rows[i * STATISTICS.length + STATISTICS.indexOf(statistic)]);
    found.set(trend.name, { steps, of, histograms });
  }
  return found;
}
