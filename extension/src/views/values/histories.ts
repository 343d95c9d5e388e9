/** The last numbers of something that is measured with every tick, with their steps. */
export class History {
  constructor(most = 100) {
    this._most = most;
  }

  get length(): number {
    return this._steps.length;
  }

  get steps(): readonly number[] {
    return this._steps;
  }

  get values(): readonly number[] {
    return this._values;
  }

  /** The numbers as they came, which `values` may have rounded. */
  get exact(): readonly (number | bigint)[] {
    return this._exact;
  }

  /** Adds a number; one of the same step replaces it, and one of an earlier step begins anew, as after a restart. */
  add(step: number, value: number | bigint): void {
    const last = this._steps[this._steps.length - 1];
    if (step < last) {
      this._steps = [];
      this._exact = [];
    } else if (step === last) {
      this._steps.pop();
      this._exact.pop();
    }
    this._steps = [...this._steps, step].slice(-this._most);
    this._exact = [...this._exact, value].slice(-this._most);
    this._values = this._exact.map(Number);
  }

  /** Puts what was before in front; what is later than the first number that is there is left out. */
  precede(steps: ArrayLike<number>, values: ArrayLike<number>): void {
    const first = this._steps[0] ?? Infinity;
    const earlier = Array.from(steps).filter(step => step < first);
    this._steps = [...earlier, ...this._steps].slice(-this._most);
    this._exact = [...Array.from(values).slice(0, earlier.length), ...this._exact].slice(-this._most);
    this._values = this._exact.map(Number);
  }

  private _most: number;
  private _steps: number[] = [];
  private _exact: (number | bigint)[] = [];
  private _values: number[] = [];
}

export interface IHistogram {
  step: number;
  /** Ends of the bins, which are equally wide. */
  low: number;
  high: number;
  counts: ArrayLike<number>;
}

/**
 * Counts of equal bins between two ends, as counts of other bins: what was in a bin is taken as spread evenly in it, so the sum
 * stays. What lies outside of the new ends is left out.
 */
export function rebin(histogram: IHistogram, low: number, high: number, bins: number): Float64Array {
  const out = new Float64Array(bins);
  const { counts } = histogram;
  const wide = (histogram.high - histogram.low) / counts.length;
  const step = (high - low) / bins;
  if (bins === 0 || !(step > 0)) {
    return out;
  }
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i];
    if (!(count > 0)) {
      continue;
    }
    const from = (histogram.low + i * wide - low) / step;
    const to = (histogram.low + (i + 1) * wide - low) / step;
    if (!(to > from)) {
      // All numbers were equal: they are in one place.
      const at = Math.min(Math.floor(from), bins - 1);
      if (at >= 0 && from <= bins) {
        out[at] += count;
      }
      continue;
    }
    for (let j = Math.max(0, Math.floor(from)); j < Math.min(bins, Math.ceil(to)); j++) {
      out[j] += (count * (Math.min(to, j + 1) - Math.max(from, j))) / (to - from);
    }
  }
  return out;
}

/** Histograms of the last ticks. */
export class HistogramHistory {
  constructor(most = 100) {
    this._most = most;
  }

  get list(): readonly IHistogram[] {
    return this._list;
  }

  add(histogram: IHistogram): void {
    if (!Number.isFinite(histogram.low) || !Number.isFinite(histogram.high) || histogram.counts.length === 0) {
      return;
    }
    const last = this._list[this._list.length - 1];
    if (last && histogram.step < last.step) {
      this._list = [];
    } else if (last && histogram.step === last.step) {
      this._list.pop();
    }
    this._list.push(histogram);
    if (this._list.length > this._most) {
      this._list.shift();
    }
  }

  /** Puts what was before in front; what is later than the first histogram that is there is left out. */
  precede(histograms: readonly IHistogram[]): void {
    const first = this._list[0]?.step ?? Infinity;
    this._list = [...histograms.filter(h => h.step < first), ...this._list].slice(-this._most);
  }

  /** Ends that hold all histograms. */
  get ends(): [number, number] {
    let low = Infinity;
    let high = -Infinity;
    for (const h of this._list) {
      low = Math.min(low, h.low);
      high = Math.max(high, h.high);
    }
    return low > high ? [0, 1] : low === high ? [low - 0.5, high + 0.5] : [low, high];
  }

  /** Shares of the numbers, [bins, ticks] with the highest bin in the first row. */
  matrix(bins: number): Float64Array {
    const [low, high] = this.ends;
    const width = this._list.length;
    const out = new Float64Array(bins * width);
    this._list.forEach((histogram, t) => {
      const counts = rebin(histogram, low, high, bins);
      const sum = counts.reduce((a, b) => a + b, 0) || 1;
      counts.forEach((count, b) => (out[(bins - 1 - b) * width + t] = count / sum));
    });
    return out;
  }

  private _most: number;
  private _list: IHistogram[] = [];
}
