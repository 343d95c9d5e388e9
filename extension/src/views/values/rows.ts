import { expressionOf, IProblem, words } from '../../graph/query';
import { IValueRow, STATISTICS } from '../../protocol';
import { countOf, formatShape } from './numbers';

export type Statistic = (typeof STATISTICS)[number];

// Made once: comparing strings without one is ten times slower, and there may be thousands of lines.
const COLLATOR = new Intl.Collator('en', { numeric: true });

/** A line of the table with its numbers. */
export interface IRow extends IValueRow {
  /** One number for each of STATISTICS; null where there are none. */
  statistics: Float64Array | null;
  /** How many numbers the tensor has. */
  count: number;
}

/** What the table can be sorted by; "kernel" is the order in which the kernel lists variables. */
export type SortKey = 'kernel' | 'name' | 'shape' | 'dtype' | Statistic;

export interface ISort {
  key: SortKey;
  down: boolean;
}

export function statisticOf(row: IRow, name: Statistic): number {
  return row.statistics ? row.statistics[STATISTICS.indexOf(name)] : NaN;
}

/** Joins the lines with their statistics, which travel as one array. */
export function joinRows(rows: readonly IValueRow[], statistics: Float64Array): IRow[] {
  const width = STATISTICS.length;
  return rows.map((row, i) => ({
    ...row,
    statistics:
      row.initialized && !row.problem && countOf(row.shape) > 0 && statistics.length >= (i + 1) * width
        ? statistics.subarray(i * width, (i + 1) * width)
        : null,
    count: countOf(row.shape)
  }));
}

type Filtered = Pick<IValueRow, 'name' | 'shape' | 'dtype'>;

/**
 * Which lines match what was typed, or what is wrong with it: every word must occur in the name, or match it where it is a regular
 * expression in slashes, "shape:784" in the shape (written with x or ×) and "dtype:float" in the element type. Upper and lower
 * case do not matter.
 */
export function filterOf(text: string): ((row: Filtered) => boolean) | IProblem {
  const tests: ((row: Filtered) => boolean)[] = [];
  for (const word of words(text)) {
    const test = testOf(word);
    if (typeof test !== 'function') {
      return test;
    }
    tests.push(test);
  }
  return row => tests.every(test => test(row));
}

function testOf(word: string): ((row: Filtered) => boolean) | IProblem {
  const fits = expressionOf(word);
  if (typeof fits === 'function') {
    return ({ name }) => fits(name);
  }
  if (fits) {
    return fits;
  }
  const plain = (text: string) => text.toLowerCase().replace(/[×*,]/g, 'x');
  const lower = word.toLowerCase();
  if (lower.startsWith('shape:')) {
    const wanted = plain(lower.slice(6)).replace(/[[\]()]/g, '');
    const part = /^\d+$/.test(wanted) ? `x${wanted}x` : wanted;
    return ({ shape }) => `x${plain(formatShape(shape))}x`.includes(part);
  }
  return lower.startsWith('dtype:')
    ? ({ dtype }) => dtype.toLowerCase().includes(lower.slice(6))
    : ({ name }) => name.toLowerCase().includes(lower);
}

/** Lines that are shown, in their order. Pinned ones stay above, NaN and what has no numbers below. */
export function arrange(rows: readonly IRow[], filter: string, trainable: boolean, sort: ISort): IRow[] {
  const place = new Map(rows.map((row, i) => [row, i]));
  const order = (a: IRow, b: IRow): number => (place.get(a) ?? 0) - (place.get(b) ?? 0);
  const compare = (a: IRow, b: IRow): number => {
    if (a.pinned !== b.pinned) {
      return a.pinned ? -1 : 1;
    }
    const sign = sort.down ? -1 : 1;
    switch (sort.key) {
      case 'kernel':
        return sign * order(a, b);
      case 'name':
        return sign * COLLATOR.compare(a.name, b.name) || order(a, b);
      case 'dtype':
        return sign * COLLATOR.compare(a.dtype, b.dtype) || order(a, b);
      case 'shape':
        return sign * (a.count - b.count) || order(a, b);
      default: {
        // Counts are shown as shares where their size follows the tensor's.
        const share = sort.key === 'zeros' || sort.key === 'negative';
        const x = statisticOf(a, sort.key) / (share ? a.count : 1);
        const y = statisticOf(b, sort.key) / (share ? b.count : 1);
        if (Number.isNaN(x) || Number.isNaN(y)) {
          return Number(Number.isNaN(x)) - Number(Number.isNaN(y)) || order(a, b);
        }
        return (x < y ? -sign : x > y ? sign : 0) || order(a, b);
      }
    }
  };
  const found = filterOf(filter);
  const fits = typeof found === 'function' ? found : () => false;
  return rows.filter(row => (row.pinned || !trainable || row.trainable) && fits(row)).sort(compare);
}

/** Puts newer lines into an order that is on the screen, so that nothing jumps while numbers change; null where lines differ. */
export function keepOrder(shown: readonly IRow[], fresh: readonly IRow[]): IRow[] | null {
  if (shown.length !== fresh.length) {
    return null;
  }
  const key = (row: IRow) => `${row.pinned ? 1 : 0}${row.name}`;
  const byName = new Map(fresh.map(row => [key(row), row]));
  const kept = shown.map(row => byName.get(key(row)));
  return kept.every(row => row !== undefined) ? (kept as IRow[]) : null;
}

/** Parts of a tensor's numbers that are negative, zero, positive, and NaN or infinite; their sum is 1, or 0 for none. */
export function health(row: IRow): { negative: number; zero: number; positive: number; odd: number } {
  const n = row.count;
  if (!row.statistics || !(n > 0)) {
    return { negative: 0, zero: 0, positive: 0, odd: 0 };
  }
  const share = (name: Statistic) => Math.min(Math.max(statisticOf(row, name) / n || 0, 0), 1);
  const odd = Math.min(share('nan') + share('inf'), 1);
  // Minus infinity may have been counted as negative as well.
  const negative = Math.min(share('negative'), 1 - odd);
  const zero = Math.min(share('zeros'), 1 - odd - negative);
  return { negative, zero, positive: Math.max(0, 1 - odd - negative - zero), odd };
}
