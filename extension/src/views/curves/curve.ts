import { ISeries } from '../../model';
import { Smoother } from './smooth';
import { ISaid } from './trend';

/** What lies along x. */
export type Axis = 'step' | 'time' | 'epoch';

/** How x is read from a series. */
export interface IAxis {
  axis: Axis;
  /** Steps of an epoch. */
  epoch: number;
}

/** A range, from and to. */
export type Range = [number, number];

const PROBES = 12;

/**
 * What is known of a series beyond its points, brought up to date as points come: extremes, what is no number, order
 * along x, and the smoothed line.
 */
export class Curve {
  constructor(public series: ISeries) {
    this.reset();
  }

  /** How many points have been looked at. */
  length = 0;
  /** Indices of the lowest and highest number and of the last one; -1 where there is none. */
  lowest = -1;
  highest = -1;
  last = -1;
  /** Indices of what is no number: NaN and infinities. */
  odd: number[] = [];
  /** How many numbers are 0 or below. */
  nonPositive = 0;
  /** What was said of its last half, and of all of it. */
  said: ISaid | undefined = undefined;
  went: ISaid | undefined = undefined;
  readonly smoother = new Smoother();

  reset(): void {
    this.length = 0;
    this.lowest = this.highest = this.last = -1;
    this.odd = [];
    this.nonPositive = 0;
    this.said = this.went = undefined;
    this._ranges = { steps: [Infinity, -Infinity], times: [Infinity, -Infinity] };
    this._sorted = { steps: true, times: true };
    this._probes = [];
    this.smoother.reset();
  }

  /**
   * Takes what is new, at most `most` points; whether something was. Points that took the place of others are noticed.
   */
  sync(most = Infinity): boolean {
    const { length, steps, values, times } = this.series;
    const replaced =
      length < this.length ||
      this._probes.some(([i, step, value]) => !Object.is(steps[i], step) || !Object.is(values[i], value));
    if (replaced) {
      this.reset();
    }
    const from = this.length;
    const to = Math.min(length, from + most);
    for (let i = from; i < to; i++) {
      if (times[i] < 0) {
        times[i] = 0; // a step that was under way as its run's clock began
      }
      const value = values[i];
      if (value - value === 0) {
        this.last = i;
        this.nonPositive += value <= 0 ? 1 : 0;
        if (this.lowest < 0 || value < values[this.lowest]) {
          this.lowest = i;
        }
        if (this.highest < 0 || value > values[this.highest]) {
          this.highest = i;
        }
      } else {
        this.odd.push(i);
      }
    }
    this._extend('steps', steps, from, to);
    this._extend('times', times, from, to);
    this.length = to;
    if (to > from) {
      const count = Math.min(PROBES, to);
      const at = (k: number) => Math.round((k * (to - 1)) / Math.max(1, count - 1));
      this._probes = Array.from({ length: count }, (_, k) => [at(k), steps[at(k)], values[at(k)]]);
    }
    return replaced || to > from;
  }

  /** Whether there is more than was taken. */
  get behind(): boolean {
    return this.length < this.series.length;
  }

  /** The array along x, and what to multiply it by. */
  along(by: IAxis): { x: Float64Array; factor: number } {
    return by.axis === 'time'
      ? { x: this.series.times, factor: 1 }
      : { x: this.series.steps, factor: by.axis === 'epoch' ? 1 / by.epoch : 1 };
  }

  xAt(index: number, by: IAxis): number {
    const { x, factor } = this.along(by);
    return x[index] * factor;
  }

  /** From and to along x; [Infinity, -Infinity] of nothing. */
  range(by: IAxis): Range {
    const [from, to] = this._ranges[by.axis === 'time' ? 'times' : 'steps'];
    const { factor } = this.along(by);
    return [from * factor, to * factor];
  }

  /** Indices from and to of the points within a range of x, and one more on each side to lead lines out. */
  within(x0: number, x1: number, by: IAxis): Range {
    if (!this._sorted[by.axis === 'time' ? 'times' : 'steps']) {
      return [0, this.length];
    }
    return [Math.max(0, this._before(x0, by) - 1), Math.min(this.length, this._before(x1, by, true) + 1)];
  }

  /** Index of the point that is nearest along x; -1 where there are none. */
  nearest(at: number, by: IAxis): number {
    if (this.length === 0) {
      return -1;
    }
    const { x, factor } = this.along(by);
    let best = -1;
    let distance = Infinity;
    const sorted = this._sorted[by.axis === 'time' ? 'times' : 'steps'];
    const middle = sorted ? this._before(at, by) : 0;
    const to = sorted ? Math.min(this.length, middle + 1) : this.length;
    for (let i = sorted ? Math.max(0, middle - 1) : 0; i < to; i++) {
      const d = Math.abs(x[i] * factor - at);
      if (d < distance) {
        distance = d;
        best = i;
      }
    }
    return best;
  }

  /** Number of points below `at`, or up to and with it, where they are in order. */
  private _before(at: number, by: IAxis, including = false): number {
    const { x, factor } = this.along(by);
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const value = x[middle] * factor;
      if (value < at || (including && value === at)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private _extend(name: 'steps' | 'times', x: Float64Array, from: number, to: number): void {
    const range = this._ranges[name];
    for (let i = from; i < to; i++) {
      const at = x[i];
      if (!(at - at === 0)) {
        this._sorted[name] = false;
        continue;
      }
      if (i > 0 && at < x[i - 1]) {
        this._sorted[name] = false;
      }
      if (at < range[0]) {
        range[0] = at;
      }
      if (at > range[1]) {
        range[1] = at;
      }
    }
  }

  private _ranges!: { steps: Range; times: Range };
  private _sorted!: { steps: boolean; times: boolean };
  private _probes!: [number, number, number][];
}
