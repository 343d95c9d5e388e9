import { TranslationBundle } from '@jupyterlab/translation';
import { ISignal, Signal } from '@lumino/signaling';
import { Theme } from '../../theme';
import { CanvasWidget } from './canvas';
import { formatNumber, niceTicks } from './numbers';
import { css, INF_COLOR, NAN_COLOR, NEGATIVE_INF_COLOR, rangeOf } from './scale';

/** Numbers to draw as a line over their places. */
export interface ILine {
  values: ArrayLike<number>;
  /** Where each number is, in rising order. */
  places: ArrayLike<number>;
}

/** Index of the place nearest to `x`; places rise. */
export function nearest(places: ArrayLike<number>, x: number): number {
  let [low, high] = [0, places.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (places[middle] <= x) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return high > low && places[high] - x < x - places[low] ? high : Math.max(low, 0);
}

/**
 * A vector, or a number's history, as a line. Left and right move a cursor along it; what is not a number leaves a gap and a
 * mark with its name at the lower border.
 */
export class LinePlot extends CanvasWidget {
  constructor(theme: Theme, trans: TranslationBundle) {
    super(theme, 'application');
    this.canvas.setAttribute('aria-label', trans.__('Line plot. Left and right move from number to number.'));
    for (const type of ['keydown', 'pointermove', 'pointerleave', 'focus', 'blur']) {
      this.canvas.addEventListener(type, this);
    }
  }

  /** The number under the mouse or, without one, the keyboard's. */
  get pointed(): ISignal<this, { at: number | null; keyboard: boolean }> {
    return this._pointed;
  }

  get at(): number | null {
    const count = this._line?.values.length ?? 0;
    return count === 0 ? null : Math.min(this._hover ?? this._cursor, count - 1);
  }

  /** Puts the cursor at the first number or, of a history, at the latest one, where it stays until it is moved. */
  home(end: boolean): void {
    this._cursor = end ? Infinity : 0;
  }

  set(line: ILine | null): void {
    this._line = line;
    this.invalidate();
  }

  handleEvent(event: Event): void {
    const line = this._line;
    if (event instanceof KeyboardEvent) {
      const last = (line?.values.length ?? 0) - 1;
      const far = Math.max(1, Math.round(last / 10));
      const steps: { [key: string]: number } = { ArrowLeft: -1, ArrowRight: 1, PageUp: -far, PageDown: far };
      const ends: { [key: string]: number } = { Home: 0, End: last };
      const to = event.key in steps ? (this.at ?? 0) + steps[event.key] : ends[event.key];
      if (to === undefined || last < 0 || event.ctrlKey || event.altKey || event.metaKey) {
        return;
      }
      event.preventDefault();
      event.stopPropagation();
      this._hover = null;
      this._cursor = Math.min(Math.max(0, to), last);
      this._tell(true);
    } else if (event.type === 'pointermove' && line && line.values.length) {
      const { from, to, x, width } = this._shown;
      this._hover = nearest(line.places, from + ((this.place(event as MouseEvent).x - x) / width) * (to - from));
      this._tell(false);
    } else if (event.type === 'pointerleave') {
      this._hover = null;
      this._tell(false);
    } else {
      this.invalidate();
    }
  }

  protected draw(context: CanvasRenderingContext2D, width: number, height: number): void {
    const line = this._line;
    if (!line || line.values.length === 0) {
      return;
    }
    const { colors } = this;
    const { values, places } = line;
    this.setFont(context);
    let [low, high] = rangeOf(values) ?? [0, 1];
    if (low === high) {
      const by = Math.abs(low) * 0.1 || 1;
      [low, high] = [Math.max(low - by, -Number.MAX_VALUE), Math.min(high + by, Number.MAX_VALUE)];
    }
    const [left, top, right, bottom] = [colors.size * 4.2, 8, 10, colors.size * 1.8];
    const [from, to] = [places[0], places[values.length - 1]];
    const box = { x: left, y: top, width: width - left - right, height: height - top - bottom };
    const span = to - from || 1;
    this._shown = { from, to: from + span, x: box.x, width: Math.max(1, box.width) };
    const x = (place: number) => box.x + (to > from ? (place - from) / span : 0.5) * box.width;
    // The distance of two numbers may be beyond the largest one, that of their halves is not.
    const part = Number.isFinite(high - low) ? 1 : 0.5;
    const y = (v: number) => box.y + ((high * part - v * part) / (high * part - low * part)) * box.height;
    this._drawAxes(context, box, { from, to, low, high }, x, y);
    const markers = values.length <= 60;
    context.beginPath();
    let open = false;
    for (let i = 0; i < values.length; i++) {
      if (!Number.isFinite(values[i])) {
        open = false;
        continue;
      }
      const [px, py] = [x(places[i]), y(values[i])];
      if (open) {
        context.lineTo(px, py);
      } else {
        context.moveTo(px, py);
      }
      open = true;
    }
    context.strokeStyle = colors.accent;
    context.lineWidth = 1.5;
    context.lineJoin = 'round';
    context.stroke();
    this._drawOdd(context, line, x, box.y + box.height);
    for (let i = 0; i < values.length; i++) {
      const alone = !Number.isFinite(values[i - 1]) && !Number.isFinite(values[i + 1]);
      if (Number.isFinite(values[i]) && (markers || alone)) {
        context.fillStyle = colors.accent;
        context.fillRect(x(places[i]) - 2, y(values[i]) - 2, 4, 4);
      }
    }
    const at = this.at;
    if (at !== null && (this._hover !== null || document.activeElement === this.canvas)) {
      context.strokeStyle = colors.faint;
      context.lineWidth = 1;
      context.setLineDash([3, 3]);
      context.beginPath();
      context.moveTo(x(places[at]), box.y);
      context.lineTo(x(places[at]), box.y + box.height);
      context.stroke();
      context.setLineDash([]);
      if (Number.isFinite(values[at])) {
        context.beginPath();
        context.arc(x(places[at]), y(values[at]), 4, 0, 2 * Math.PI);
        context.strokeStyle = colors.ink;
        context.lineWidth = 2;
        context.stroke();
      }
    }
  }

  private _drawAxes(
    context: CanvasRenderingContext2D,
    box: { x: number; y: number; width: number; height: number },
    ends: { from: number; to: number; low: number; high: number },
    x: (place: number) => number,
    y: (v: number) => number
  ): void {
    const { colors } = this;
    context.lineWidth = 1;
    context.textAlign = 'right';
    context.textBaseline = 'middle';
    for (const v of niceTicks(ends.low, ends.high, Math.max(2, Math.floor(box.height / (colors.size * 3))))) {
      context.strokeStyle = Math.abs(v) < (ends.high - ends.low) * 1e-9 ? colors.strongLine : colors.grid;
      context.beginPath();
      context.moveTo(box.x, Math.round(y(v)) + 0.5);
      context.lineTo(box.x + box.width, Math.round(y(v)) + 0.5);
      context.stroke();
      context.fillStyle = colors.faint;
      context.fillText(formatNumber(Math.abs(v) < (ends.high - ends.low) * 1e-9 ? 0 : v, 3), box.x - 5, y(v));
    }
    context.textAlign = 'center';
    context.textBaseline = 'top';
    for (const place of niceTicks(ends.from, ends.to, Math.max(1, Math.floor(box.width / (colors.size * 6))), true)) {
      context.fillText(String(place), x(place), box.y + box.height + 5);
    }
  }

  private _drawOdd(context: CanvasRenderingContext2D, line: ILine, x: (place: number) => number, bottom: number): void {
    let free = -Infinity;
    context.textBaseline = 'bottom';
    context.textAlign = 'center';
    for (let i = 0; i < line.values.length; i++) {
      const v = line.values[i];
      if (Number.isFinite(v)) {
        continue;
      }
      const at = x(line.places[i]);
      context.fillStyle = css(Number.isNaN(v) ? NAN_COLOR : v > 0 ? INF_COLOR : NEGATIVE_INF_COLOR);
      context.beginPath();
      context.moveTo(at, bottom - 8);
      context.lineTo(at - 4, bottom);
      context.lineTo(at + 4, bottom);
      context.fill();
      if (at > free) {
        const text = formatNumber(v);
        context.fillText(text, at, bottom - 9);
        free = at + context.measureText(text).width + 8;
      }
    }
  }

  private _tell(keyboard: boolean): void {
    this._pointed.emit({ at: this.at, keyboard });
    this.invalidate();
  }

  private _line: ILine | null = null;
  private _cursor = 0;
  private _hover: number | null = null;
  private _shown = { from: 0, to: 1, x: 0, width: 1 };
  private _pointed = new Signal<this, { at: number | null; keyboard: boolean }>(this);
}
