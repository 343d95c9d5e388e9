import { Work } from '../../graph/pieces';

/** Milliseconds of work at first, which for most graphs is all of it, and from then on at a time. */
const FIRST = 20;
const SLICE = 12;

/** Does work at once where that is fast, else in slices between which the page lives on. The newest work wins. */
export class Slices {
  /** Milliseconds that the last work took. */
  took = 0;

  get working(): boolean {
    return this._timer !== 0;
  }

  /** Begins work whose result is given to `done`; what was being done is given up. */
  run<T>(work: Work<T>, done: (result: T) => void): void {
    this.cancel();
    this._go(work, 0, done);
  }

  cancel(): void {
    window.clearTimeout(this._timer);
    this._timer = 0;
  }

  private _go<T>(work: Work<T>, took: number, done: (result: T) => void): void {
    this._timer = 0;
    const [began, most] = [performance.now(), took === 0 ? FIRST : SLICE];
    let step = work.next();
    let spent = performance.now() - began;
    while (!step.done && spent < most) {
      step = work.next();
      spent = performance.now() - began;
    }
    if (step.done) {
      const { value } = step;
      const finish = () => {
        this._timer = 0;
        this.took = took + spent;
        done(value);
      };
      // What follows long work is often long as well: it has a turn of its own.
      if (took === 0) {
        finish();
      } else {
        this._timer = window.setTimeout(finish, 0);
      }
    } else {
      this._timer = window.setTimeout(() => this._go(work, took + spent, done), 0);
    }
  }

  private _timer = 0;
}

/** Does work in slices; null where it is no longer wanted when its turn comes. Small work is done at once. */
export async function inSlices<T>(work: Work<T>, isWanted: () => boolean): Promise<T | null> {
  for (let most = FIRST; isWanted(); most = SLICE) {
    const end = performance.now() + most;
    do {
      const step = work.next();
      if (step.done) {
        return step.value;
      }
    } while (performance.now() < end);
    await new Promise(resolve => window.setTimeout(resolve, 0));
  }
  return null;
}
