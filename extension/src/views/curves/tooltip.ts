import { TranslationBundle } from '@jupyterlab/translation';
import { IAxis } from './curve';
import { make } from './dom';
import { swatch } from './look';
import { formatStep, formatValue } from './numbers';
import { IReading, placeText } from './read';

/** More lines than this do not fit beside a pointer. */
const ROWS = 12;

/**
 * The values at the cursor, beside it. What it says is read aloud from elsewhere, so it is hidden from screen readers.
 */
export class Tooltip {
  constructor(
    private _host: HTMLElement,
    private _trans: TranslationBundle
  ) {
    this.node.setAttribute('aria-hidden', 'true');
    this.node.hidden = true;
    _host.append(this.node);
  }

  readonly node = make('div', 'tooltip');

  hide(): void {
    this.node.hidden = true;
  }

  /** Shows values at a point of the window, on the side of it where there is room. */
  show(lead: IReading, all: readonly IReading[], by: IAxis, left: number, top: number): void {
    const rows: HTMLElement[] = [make('div', 'tooltip-head', placeText(lead, by, this._trans))];
    const shown = [lead, ...all.filter(one => one.line !== lead.line)].slice(0, ROWS);
    const table = make('div', 'tooltip-rows');
    for (const one of shown) {
      const value = make('span', 'tooltip-value', formatValue(one.value));
      const smooth = one.smooth === undefined ? '' : `≈ ${formatValue(one.smooth)}`;
      const where = one.step === lead.step ? '' : this._trans.__('step %1', formatStep(one.step));
      const name = make('span', 'text', one.line.label);
      table.append(swatch(one.line.look), name, value, make('span', 'tooltip-faint', [smooth, where].join(' ').trim()));
    }
    rows.push(table);
    if (all.length > shown.length) {
      rows.push(make('div', 'tooltip-faint', this._trans.__('and %1 more', all.length - shown.length)));
    }
    this.node.replaceChildren(...rows);
    this.node.hidden = false;
    const host = this._host.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.node;
    const gap = 14;
    const x = left - host.left;
    const y = top - host.top;
    const beside = x + gap + width <= host.width ? x + gap : x - gap - width;
    const below = y + gap + height <= host.height ? y + gap : y - gap - height;
    this.node.style.left = `${Math.max(0, Math.min(beside, host.width - width))}px`;
    this.node.style.top = `${Math.max(0, Math.min(below, host.height - height))}px`;
  }
}
