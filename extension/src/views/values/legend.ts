import { TranslationBundle } from '@jupyterlab/translation';
import { Theme } from '../../theme';
import { CanvasWidget, hatch } from './canvas';
import { formatNumber } from './numbers';
import { css, colorOf, INF_COLOR, IScale, NAN_COLOR, NEGATIVE_INF_COLOR } from './scale';

export interface IOdd {
  nan: number;
  inf: number;
  negativeInf: number;
}

/** What colours stand for: the scale with its ends, and the marks of what is not a number where there is such a thing. */
export class Legend extends CanvasWidget {
  constructor(theme: Theme, trans: TranslationBundle) {
    super(theme, 'img');
    this.addClass('jp-glnb-values-legend');
    this._trans = trans;
    this.canvas.setAttribute('aria-label', trans.__('Colour scale'));
  }

  /**
   * `cut` tells that numbers beyond the ends have the ends' colours; `own` that each picture has a scale of its own; `mean` how
   * many numbers, down and across, a colour is the mean of.
   */
  set(scale: IScale | null, odd: IOdd, cut: boolean, own: boolean, mean: readonly number[] = [1, 1]): void {
    this._scale = scale;
    this._mean = mean[0] * mean[1] > 1 ? this._trans.__('means of %1×%2', mean[0], mean[1]) : '';
    this._odd = odd;
    this._cut = cut;
    this._own = own;
    if (scale) {
      const plain = own
        ? this._trans.__('Colour scale, each picture by itself')
        : this._trans.__('Colour scale from %1 to %2', formatNumber(scale.low), formatNumber(scale.high));
      const label = this._mean ? this._trans.__('%1, %2', plain, this._mean) : plain;
      if (this.canvas.getAttribute('aria-label') !== label) {
        this.canvas.setAttribute('aria-label', label);
      }
    }
    this.invalidate();
  }

  protected draw(context: CanvasRenderingContext2D, width: number, height: number): void {
    const scale = this._scale;
    if (!scale) {
      return;
    }
    const { colors } = this;
    const middle = height / 2;
    this.setFont(context);
    context.textBaseline = 'middle';
    const marks: [string, string, boolean][] = [];
    const add = (count: number, name: string, color: string, lines: boolean) => {
      if (count > 0) {
        // How many means are none is not how many numbers are; those are among the statistics.
        marks.push([this._mean ? name : this._trans.__('%1: %2', name, count), color, lines]);
      }
    };
    add(this._odd.nan, 'NaN', css(NAN_COLOR), true);
    add(this._odd.inf, '+∞', css(INF_COLOR), false);
    add(this._odd.negativeInf, '-∞', css(NEGATIVE_INF_COLOR), false);
    let right = width;
    for (const [text, color, lines] of marks.reverse()) {
      const wide = context.measureText(text).width;
      right -= wide + 4;
      context.textAlign = 'left';
      context.fillStyle = colors.ink;
      context.fillText(text, right, middle);
      right -= 16;
      context.fillStyle = color;
      context.fillRect(right, middle - 6, 12, 12);
      if (lines) {
        hatch(context, right, middle - 6, 12, 12, '#ffffff');
      }
      right -= 8;
    }
    const low = this._own ? this._trans.__('least') : (this._cut ? '≤ ' : '') + formatNumber(scale.low, 3);
    const high = this._own ? this._trans.__('greatest') : (this._cut ? '≥ ' : '') + formatNumber(scale.high, 3);
    const from = context.measureText(low).width + 6;
    const end = context.measureText(high).width + 6;
    const said = this._mean === '' ? 0 : context.measureText(this._mean).width + 12;
    const bar = Math.min(right - from - end - said, 260);
    if (bar < 20) {
      return;
    }
    const gray = scale.palette !== 'signed';
    for (let x = 0; x < bar; x++) {
      const value = scale.low + (x / (bar - 1)) * (scale.high - scale.low);
      context.fillStyle = css(colorOf(value, gray ? { ...scale, palette: 'gray' } : scale));
      context.fillRect(from + x, middle - 5, 1.2, 10);
    }
    context.strokeStyle = colors.line;
    context.lineWidth = 1;
    context.strokeRect(from - 0.5, middle - 5.5, bar + 1, 11);
    context.fillStyle = colors.faint;
    context.textAlign = 'left';
    context.fillText(low, 0, middle);
    context.fillText(high, from + bar + 6, middle);
    context.fillText(this._mean, from + bar + end + 6, middle);
    if (!gray) {
      context.fillStyle = colors.strongLine;
      context.fillRect(Math.round(from + bar / 2), middle - 7, 1, 14);
    }
  }

  private _trans: TranslationBundle;
  private _scale: IScale | null = null;
  private _odd: IOdd = { nan: 0, inf: 0, negativeInf: 0 };
  private _cut = false;
  private _own = false;
  private _mean = '';
}
