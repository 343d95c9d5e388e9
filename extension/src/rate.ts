import { IRunState } from './protocol';

/** Steps per second are a mean over the last seconds, and none is told of less time than the least. */
const OVER = 3;
const LEAST = 0.25;

/**
 * How many steps a training makes per second, or runs where it trains nothing, by the kernel's clock. It is a mean over
 * the time since the first step was done: what that one waited for, as kernels to be compiled, is no step's time.
 */
export class Rate {
  /** Takes a state as it was at a time; NaN while too little is known to tell. */
  of(run: IRunState, time: number): number {
    const count = run.training === false ? run.runs : (run.made ?? run.steps);
    const kind = `${run.since} ${run.training !== false}`;
    if (run.state !== 'running') {
      this._kind = '';
      return run.rate;
    }
    if (kind !== this._kind || count < this._last) {
      this._kind = kind;
      this._seen = [];
      this._last = count;
      this._grew = false;
    }
    if (count > this._last) {
      this._last = count;
      this._grew = true;
      this._seen.push({ time, count });
      while (this._seen.length > 2 && this._seen[1].time < time - OVER) {
        this._seen.shift();
      }
    }
    if (!this._grew) {
      return run.rate;
    }
    const [first, last] = [this._seen[0], this._seen[this._seen.length - 1]];
    return last.time - first.time >= LEAST ? (last.count - first.count) / (last.time - first.time) : NaN;
  }

  private _kind = '';
  private _last = 0;
  private _grew = false;
  private _seen: { time: number; count: number }[] = [];
}
