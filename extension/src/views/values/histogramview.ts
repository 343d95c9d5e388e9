import { TranslationBundle } from '@jupyterlab/translation';
import { Theme } from '../../theme';
import { CanvasWidget } from './canvas';
import { rgbOf } from './scale';
import { HistogramHistory, IHistogram } from './histories';
import { formatNumber } from './numbers';

/** Rows of the picture of histograms over time. */
const TIME_BINS = 48;

/**
 * The histogram of a tensor now, as bars, with a line of text that says what the arrow keys or the mouse point at.
 */
export class HistogramView extends CanvasWidget {
  constructor(theme: Theme, trans: TranslationBundle, say: (text: string, keyboard: boolean) => void) {
    super(theme, 'application');
    this._trans = trans;
    this._say = say;
    this.canvas.setAttribute('aria-label', trans.__('Histogram. Left and right move from bin to bin.'));
    for (const type of ['keydown', 'pointermove', 'pointerleave', 'focus', 'blur']) {
      this.canvas.addEventListener(type, this);
    }
  }

  set(histogram: IHistogram | null): void {
    this._histogram = histogram;
    this.invalidate();
  }

  handleEvent(event: Event): void {
    const count = this._histogram?.counts.length ?? 0;
    if (event instanceof KeyboardEvent) {
      const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (by === undefined || count === 0 || event.ctrlKey || event.altKey || event.metaKey) {
        return;
      }
      event.preventDefault();
      event.stopPropagation();
      this._at = Math.min(Math.max(0, (this._at ?? (by > 0 ? -1 : 0)) + by), count - 1);
      this._tell(true);
    } else if (event.type === 'pointermove' && count > 0) {
      const at = Math.floor((this.place(event as MouseEvent).x / Math.max(1, this.size.width)) * count);
      this._at = Math.min(Math.max(0, at), count - 1);
      this._tell(false);
    } else {
      this._at = event.type === 'focus' ? this._at : null;
      this.invalidate();
    }
  }

  protected draw(context: CanvasRenderingContext2D, width: number, height: number): void {
    const histogram = this._histogram;
    if (!histogram) {
      return;
    }
    const { colors } = this;
    const { counts, low, high } = histogram;
    const bottom = Math.round(colors.size * 1.5);
    const room = height - bottom - 4;
    let most = 1;
    for (let i = 0; i < counts.length; i++) {
      most = Math.max(most, counts[i]);
    }
    const bar = width / counts.length;
    for (let i = 0; i < counts.length; i++) {
      // A bin with one number of a million is still to be seen.
      const tall = counts[i] > 0 ? Math.max(1.5, (counts[i] / most) * room) : 0;
      context.fillStyle = i === this._at ? colors.ink : colors.accent;
      context.fillRect(i * bar, 4 + room - tall, Math.max(0.75, bar - (bar > 3 ? 1 : 0)), tall);
    }
    context.fillStyle = colors.strongLine;
    context.fillRect(0, 4 + room, width, 1);
    this.setFont(context);
    context.textBaseline = 'bottom';
    context.fillStyle = colors.faint;
    context.textAlign = 'left';
    context.fillText(formatNumber(low, 3), 1, height - 1);
    context.textAlign = 'right';
    context.fillText(formatNumber(high, 3), width - 1, height - 1);
    if (low < 0 && high > 0) {
      const zero = (-low / (high - low)) * width;
      context.fillRect(Math.round(zero), 4, 1, room);
      if (zero > colors.size * 5 && zero < width - colors.size * 5) {
        context.textAlign = 'center';
        context.fillText('0', zero, height - 1);
      }
    }
  }

  private _tell(keyboard: boolean): void {
    const histogram = this._histogram;
    if (histogram && this._at !== null && this._at < histogram.counts.length) {
      const wide = (histogram.high - histogram.low) / histogram.counts.length;
      const from = histogram.low + this._at * wide;
      const text = this._trans.__(
        '%1 numbers from %2 to %3',
        histogram.counts[this._at],
        formatNumber(from),
        formatNumber(from + wide)
      );
      this._say(text, keyboard);
    }
    this.invalidate();
  }

  private _trans: TranslationBundle;
  private _say: (text: string, keyboard: boolean) => void;
  private _histogram: IHistogram | null = null;
  private _at: number | null = null;
}

/** Histograms of the last ticks, time to the right: the darker or brighter, the more numbers. */
export class HistogramTimeView extends CanvasWidget {
  constructor(theme: Theme, trans: TranslationBundle) {
    super(theme, 'img');
    this._trans = trans;
    this.canvas.setAttribute('aria-label', trans.__('Histograms over time, empty so far.'));
  }

  set(history: HistogramHistory | null): void {
    this._history = history;
    const list = history?.list ?? [];
    if (history && list.length) {
      const [low, high] = history.ends;
      const text = this._trans.__(
        'Histograms from step %1 to %2; numbers lie between %3 and %4.',
        list[0].step.toLocaleString(),
        list[list.length - 1].step.toLocaleString(),
        formatNumber(low),
        formatNumber(high)
      );
      if (Date.now() - this._said > 2000) {
        this._said = Date.now();
        this.canvas.setAttribute('aria-label', text);
      }
    }
    this.invalidate();
  }

  protected draw(context: CanvasRenderingContext2D, width: number, height: number): void {
    const history = this._history;
    const list = history?.list ?? [];
    if (!history || list.length === 0) {
      return;
    }
    const { colors } = this;
    const bottom = Math.round(colors.size * 1.5);
    const room = height - bottom - 4;
    this.setFont(context);
    const [low, high] = history.ends;
    const labels = [formatNumber(high, 3), formatNumber(low, 3)];
    const left = Math.max(...labels.map(label => context.measureText(label).width)) + 6;
    const shares = history.matrix(TIME_BINS);
    const cell = { width: Math.min((width - left) / list.length, 10) };
    const image = this._image(shares, list.length, colors.accent);
    if (image) {
      context.imageSmoothingEnabled = false;
      context.drawImage(image, left, 4, cell.width * list.length, room);
    }
    context.strokeStyle = colors.line;
    context.strokeRect(left - 0.5, 3.5, width - left, room + 1);
    context.fillStyle = colors.faint;
    context.textAlign = 'right';
    context.textBaseline = 'top';
    context.fillText(labels[0], left - 4, 4);
    context.textBaseline = 'alphabetic';
    context.fillText(labels[1], left - 4, 4 + room);
    context.textBaseline = 'bottom';
    context.textAlign = 'left';
    const begin = list[0].step.toLocaleString();
    context.fillText(begin, left, height - 1);
    if (list.length > 1) {
      const last = this._trans.__('step %1', list[list.length - 1].step.toLocaleString());
      const end = left + list.length * cell.width;
      const wide = context.measureText(last).width;
      const first = context.measureText(begin).width;
      context.fillText(last, Math.max(left + first + 10, end - wide), height - 1);
    }
  }

  private _image(shares: Float64Array, width: number, color: string): HTMLCanvasElement | null {
    const canvas = document.createElement('canvas');
    canvas.width = width;
    canvas.height = TIME_BINS;
    const context = canvas.getContext('2d');
    if (!context) {
      return null;
    }
    const image = context.createImageData(width, TIME_BINS);
    const [r, g, b] = rgbOf(color) ?? [127, 127, 127];
    shares.forEach((share, i) => {
      // The square root lets tails be seen beside the peak.
      image.data.set([r, g, b, share > 0 ? Math.min(255, 12 + 480 * Math.sqrt(share)) : 0], 4 * i);
    });
    context.putImageData(image, 0, 0);
    return canvas;
  }

  private _trans: TranslationBundle;
  private _history: HistogramHistory | null = null;
  private _said = 0;
}
