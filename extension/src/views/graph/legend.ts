import { TranslationBundle } from '@jupyterlab/translation';
import { IFills } from './coloring';
import { make } from './dom';
import { textButton } from './lists';

/** What the colours mean, in a corner of the graph; for what needs a measured run, a button that asks for one. */
export class Legend {
  constructor(
    private _trans: TranslationBundle,
    private _measure: (() => void) | null
  ) {
    this.node = make('div', {
      class: 'jp-glnb-graph-legend',
      attributes: { role: 'group', 'aria-label': _trans.__('What the colours mean') }
    });
    this.node.hidden = true;
  }

  readonly node: HTMLElement;

  /** Shows a colouring; `step` is the measured one, `waiting` that one was asked for. */
  show(fills: IFills, step: number | null, canMeasure: boolean, waiting: boolean): void {
    const key = JSON.stringify([
      fills.entries,
      fills.scale,
      fills.unmeasured,
      fills.unplaced,
      step,
      canMeasure,
      waiting
    ]);
    if (key === this._key) {
      return;
    }
    this._key = key;
    const { _trans: trans } = this;
    const focused = this.node.contains(document.activeElement);
    this.node.replaceChildren();
    if (fills.scale && fills.entries.length === 2) {
      const [low, high] = fills.entries;
      const bar = make('span', { class: 'jp-glnb-graph-scale' });
      bar.style.background = `linear-gradient(to right, ${low.color}, ${high.color})`;
      this.node.append(make('span', { text: low.text }), bar, make('span', { text: high.text }));
    } else {
      fills.entries.forEach(({ color, text, more }) => {
        const swatch = make('span', { class: 'jp-glnb-graph-swatch' });
        swatch.style.background = color;
        this.node.appendChild(
          make('span', { class: 'jp-glnb-graph-legend-entry', title: more ?? text }, swatch, make('span', { text }))
        );
      });
    }
    if (fills.unplaced) {
      this.node.appendChild(
        make('span', {
          text: canMeasure
            ? trans.__('Nothing ran yet: devices are known after a run.')
            : trans.__('No session is open: devices are known after a run.')
        })
      );
    }
    if (fills.unmeasured || fills.scale) {
      const text = waiting
        ? trans.__('The next run will be measured.')
        : fills.unmeasured
          ? canMeasure
            ? trans.__('No run was measured yet.')
            : trans.__('No run was measured yet, and no session is open.')
          : step !== null
            ? trans.__('Measured in step %1', step.toLocaleString())
            : '';
      this.node.appendChild(make('span', { text }));
      if (canMeasure && !waiting && this._measure) {
        const button = textButton(trans.__('Measure the next run'), this._measure);
        this.node.appendChild(button);
        if (focused) {
          button.focus();
        }
      }
    }
    this.node.hidden = this.node.childElementCount === 0;
    cancelAnimationFrame(this._frame);
    if (!this.node.hidden) {
      // Where it has to be scrolled, the keyboard must come to it; asked at once, it would be laid out out of turn.
      this._frame = requestAnimationFrame(() => {
        this.node.tabIndex = this.node.scrollHeight > this.node.clientHeight ? 0 : -1;
      });
    }
  }

  private _key = '';
  private _frame = 0;
}
