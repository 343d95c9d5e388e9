import { noiseOf, reachOf, smoothEnd } from './ends';

/** Points that are smoothed; only the first `length` entries of the arrays count. */
export interface IPoints {
  length: number;
  steps: Float64Array;
  values: Float64Array;
}

/** What is forgotten: a weight below this cannot be seen, nor be told from rounding. */
const NOTHING = 1e-12;
/** Points done between two looks at the clock. */
const BLOCK = 16384;

/**
 * A kernel is at most as wide, by its standard deviation, as the part of all points that this, times the weight, is: of
 * curves without noise, and of those that are nothing else.
 */
const PART = 1 / 30;
const NOISY_PART = 1 / 8;

/**
 * Decay from point to point of a two-sided exponential kernel that, applied twice, is as wide as the exponential
 * average of the same `weight` (standard deviation sqrt(weight) / (1 - weight) points), 0 to 1. Of a short curve, of
 * `count` points, it is narrower: a few points are hardly smoothed, whose ends and bends it would hide otherwise; the
 * less so, the more of what bends the curve is `noise`, 0 to 1.
 */
export function decayOf(weight: number, count = Infinity, noise = 0): number {
  const w = Math.min(0.995, Math.max(0, weight));
  const part = PART + noise * (NOISY_PART - PART);
  const c = Math.min(Math.sqrt(w) / (1 - w), count * part * w || 0) / 2;
  if (c === 0) {
    return 0;
  }
  const root = (Math.sqrt(1 + 4 * c * c) - 1) / (2 * c);
  return root * root;
}

/** Standard deviation, in points, of the kernel of a decay applied twice. */
function widthOf(decay: number): number {
  return (2 * Math.sqrt(decay)) / (1 - decay);
}

/** Weighted sums around a point: of 1, d, d * d, y and d * y, where d is the distance along x from the point. */
type Sums = [number, number, number, number, number];

let scratch = new Float64Array(0);

/**
 * One pass: at each point a straight line is fitted to all points, weighted by decay ** (points between), and its value
 * at the point is taken. Sums run forward and backward, so that it takes the same time whatever the width, and errors
 * decay too.
 */
class Pass {
  done = 0;
  out = new Float64Array(0);

  reset(): void {
    this.done = 0;
    this._sums = [0, 0, 0, 0, 0];
    this._again = { at: 0, sums: this._sums };
  }

  /** Does the next points, at most BLOCK, looking `ahead` of them; what lies before `keep` is final. */
  block(points: IPoints, valid: Uint8Array, decay: number, ahead: number, keep: number): void {
    const from = this.done;
    const to = Math.min(from + BLOCK, points.length);
    const end = Math.min(to + ahead, points.length);
    if (this.out.length < points.length) {
      const larger = new Float64Array(Math.max(points.length, 2 * this.out.length, 256));
      larger.set(this.out.subarray(0, from));
      this.out = larger;
    }
    if (scratch.length < 5 * (end - from)) {
      scratch = new Float64Array(5 * (BLOCK + ahead));
    }
    const { steps, values } = points;
    let [s0, s1, s2, t0, t1] = this._sums;
    const again = Math.min(keep, to);
    let next = this._sums;
    for (let i = from, at = 0; i < end; i++, at += 5) {
      if (i === to) {
        next = [s0, s1, s2, t0, t1];
      }
      if (i === again) {
        this._again = { at: i, sums: [s0, s1, s2, t0, t1] };
      }
      const d = i > 0 ? steps[i - 1] - steps[i] || 0 : 0;
      s2 = decay * (s2 + d * (2 * s1 + d * s0));
      s1 = decay * (s1 + d * s0);
      t1 = decay * (t1 + d * t0);
      s0 = decay * s0 + valid[i];
      t0 = decay * t0 + (valid[i] ? values[i] : 0);
      scratch[at] = s0;
      scratch[at + 1] = s1;
      scratch[at + 2] = s2;
      scratch[at + 3] = t0;
      scratch[at + 4] = t1;
    }
    if (to === end) {
      next = [s0, s1, s2, t0, t1];
      if (again === to) {
        this._again = { at: to, sums: next };
      }
    }
    s0 = s1 = s2 = t0 = t1 = 0;
    for (let i = end - 1, at = 5 * (end - 1 - from); i >= from; i--, at -= 5) {
      const d = i + 1 < end ? steps[i + 1] - steps[i] || 0 : 0;
      s2 = decay * (s2 + d * (2 * s1 + d * s0));
      s1 = decay * (s1 + d * s0);
      t1 = decay * (t1 + d * t0);
      s0 = decay * s0;
      t0 = decay * t0;
      if (i < to) {
        const w = scratch[at] + s0;
        const mx = (scratch[at + 1] + s1) / w;
        const my = (scratch[at + 3] + t0) / w;
        const variance = (scratch[at + 2] + s2) / w - mx * mx;
        const slope =
          variance > 1e-12 * mx * mx && variance > 0 ? ((scratch[at + 4] + t1) / w - mx * my) / variance : 0;
        this.out[i] = my - slope * mx;
      }
      s0 += valid[i];
      t0 += valid[i] ? values[i] : 0;
    }
    this.done = to;
    this._sums = next;
  }

  /** Goes back to the last point whose value no later point changes. */
  rewind(): void {
    this.done = this._again.at;
    this._sums = this._again.sums;
  }

  private _sums: Sums = [0, 0, 0, 0, 0];
  private _again: { at: number; sums: Sums } = { at: 0, sums: [0, 0, 0, 0, 0] };
}

/**
 * Smooths a curve with a symmetric kernel, counted in points, and a straight line fitted at each: what is straight
 * stays straight up to both ends, and nothing lags behind. The kernel is a two-sided exponential applied twice, which
 * is nearly a Gaussian; at the ends, where half of it would look at nothing, see `smoothEnd`. Points that are no numbers
 * are skipped. More points cost only themselves and the reach of the
 * kernel, once there are so many that it is as wide as it gets.
 *
 * With `log`, logarithms are smoothed, as a logarithmic axis shows them; values at or below 0 are then skipped.
 */
export class Smoother {
  /** Smoothed values up to `length`; NaN where there is no number. */
  out = new Float64Array(0);
  length = 0;

  /** Begins anew, as after other points took the place of those before. */
  reset(): void {
    this._read = 0;
    this._count = 0;
    this._least = Infinity;
    this._most = -Infinity;
    this._again();
  }

  /** Goes on until all points are done or the clock has reached `deadline`; whether all are done. */
  advance(points: IPoints, weight: number, log: boolean, deadline = Infinity): boolean {
    const n = points.length;
    if (weight !== this._weight || log !== this._log || n < this._read) {
      this._weight = weight;
      this._log = log;
      this.reset();
    }
    if (this.length === n && this._read === n) {
      return true;
    }
    this._take(points);
    const decay = this._decayOf(points.steps);
    if (decay !== this._decay) {
      this._decay = decay;
      this._again(); // while a curve is short, each point changes how wide the kernel is
    }
    const ahead = decay > 0 ? Math.ceil(Math.log(NOTHING) / Math.log(decay)) : 1;
    const input = { length: n, steps: points.steps, values: this._values };
    while (this._first.done < n) {
      this._first.block(input, this._valid, decay, ahead, Math.max(0, n - ahead));
      if (performance.now() > deadline) {
        return false;
      }
    }
    const second = { length: n, steps: points.steps, values: this._first.out };
    while (this._second.done < n) {
      const from = this._second.done;
      this._second.block(second, this._valid, decay, ahead, Math.max(0, n - 2 * ahead));
      for (let i = from; i < this._second.done; i++) {
        this._give(i, this._second.out[i]);
      }
      if (performance.now() > deadline && this._second.done < n) {
        return false;
      }
    }
    this._ends(points.steps);
    this._first.rewind();
    this._second.rewind();
    this.length = n;
    return true;
  }

  private _again(): void {
    this.length = 0;
    this._first.reset();
    this._second.reset();
  }

  private _decayOf(steps: Float64Array): number {
    const [least, most] = [0, 1].map(noise => decayOf(this._weight, this._read, noise));
    return least === most ? most : decayOf(this._weight, this._read, noiseOf(steps, this._values, this._places(1)));
  }

  /** Places of so many points that are numbers, from the first on or, where `step` is -1, from the last. */
  private _places(step: 1 | -1, most = this._count): number[] {
    const found: number[] = [];
    for (let i = step > 0 ? 0 : this._read - 1; found.length < most && i >= 0 && i < this._read; i += step) {
      if (this._valid[i]) {
        found.push(i);
      }
    }
    return found;
  }

  private _ends(steps: Float64Array): void {
    const { _decay: decay, _second: second, _read: n } = this;
    const reach = reachOf(widthOf(decay), this._count);
    if (decay === 0 || reach < 2) {
      return;
    }
    // What was the end before is the middle now.
    for (let i = Math.max(0, this._ended); i < n; i++) {
      this._give(i, second.out[i]);
    }
    for (const step of [1, -1] as const) {
      const places = this._places(step, reach);
      smoothEnd(
        steps,
        this._values,
        places,
        i => second.out[i],
        (i, value) => this._give(i, value)
      );
      this._ended = places[places.length - 1];
    }
  }

  private _take(points: IPoints): void {
    const n = points.length;
    if (this._values.length < n) {
      const size = Math.max(n, 2 * this._values.length, 256);
      const values = new Float64Array(size);
      values.set(this._values.subarray(0, this._read));
      const valid = new Uint8Array(size);
      valid.set(this._valid.subarray(0, this._read));
      const out = new Float64Array(size);
      out.set(this.out);
      this._values = values;
      this._valid = valid;
      this.out = out;
    }
    for (let i = this._read; i < n; i++) {
      const value = this._log ? Math.log10(points.values[i]) : points.values[i];
      const fine = Number.isFinite(value) && Number.isFinite(points.steps[i]);
      if (fine) {
        this._least = Math.min(this._least, value);
        this._most = Math.max(this._most, value);
        this._count++;
      }
      this._values[i] = fine ? value : 0;
      this._valid[i] = fine ? 1 : 0;
    }
    if (this._read < n) {
      this._first.rewind();
      this._second.rewind();
    }
    this._read = n;
  }

  private _give(i: number, smooth: number): void {
    // A line fitted to few points may end beyond all of them, which no smoothed curve should claim.
    const value = Math.min(this._most, Math.max(this._least, smooth));
    this.out[i] = this._valid[i] ? (this._log ? 10 ** value : value) : NaN;
  }

  private _weight = 0;
  private _decay = 0;
  private _log = false;
  private _read = 0;
  /** How many of those read are numbers, and where the end that was smoothed last begins. */
  private _count = 0;
  private _ended = 0;
  private _least = Infinity;
  private _most = -Infinity;
  private _values = new Float64Array(0);
  private _valid = new Uint8Array(0);
  private _first = new Pass();
  private _second = new Pass();
}
