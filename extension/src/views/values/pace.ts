/** Milliseconds between two times that numbers are drawn: faster ones cannot be read. */
export const LEAST = 250;
/** A drawing is followed by a rest that is this many times as long, so that it takes at most a tenth of the page's time. */
const TIMES = 10;
/** Milliseconds of the longest rest. */
const MOST = 3000;
/** Milliseconds that a frame takes without anything to draw. */
const FRAME = 17;

/**
 * Draws at a pace that the machine bears: what a drawing took is the time until the frame after it is through, which holds what the
 * browser does with it, too, and what it waits for where something else has the cores.
 */
export class Paced {
  constructor(private _draw: () => void) {}

  /** Draws with the next frame, or after the rest that the last drawing asks for; `now`: the user waits for it. */
  request(now = false): void {
    const wait = now ? 0 : this._restsUntil - performance.now();
    if (this._frame) {
      return;
    }
    if (wait > 0) {
      this._timer ||= window.setTimeout(() => {
        this._timer = 0;
        this.request(true);
      }, wait);
      return;
    }
    window.clearTimeout(this._timer);
    this._timer = 0;
    this._frame = requestAnimationFrame(() => {
      this._frame = 0;
      const began = performance.now();
      this._restsUntil = began + MOST;
      this._draw();
      this._measure(began, performance.now() - began);
    });
  }

  stop(): void {
    cancelAnimationFrame(this._frame);
    cancelAnimationFrame(this._after);
    window.clearTimeout(this._timer);
    this._frame = this._after = this._timer = 0;
    this._restsUntil = 0;
  }

  /** Takes the time until the frame after the next is about to be drawn: the first one paints what is asked for by messages. */
  private _measure(began: number, script: number): void {
    cancelAnimationFrame(this._after);
    this._after = requestAnimationFrame(() => {
      this._after = requestAnimationFrame(() => {
        this._after = 0;
        const now = performance.now();
        const took = Math.max(script, now - began - 2 * FRAME);
        this._restsUntil = now + Math.min(Math.max(took * TIMES, LEAST), MOST) - (now - began);
      });
    });
  }

  private _frame = 0;
  private _after = 0;
  private _timer = 0;
  private _restsUntil = 0;
}
