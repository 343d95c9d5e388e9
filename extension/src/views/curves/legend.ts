import { TranslationBundle } from '@jupyterlab/translation';
import { button, make, say } from './dom';
import { swatch } from './look';
import { formatStep, formatValue } from './numbers';
import { ILine, keptText } from './read';
import { Best } from './best';

/** More rows than this are left to the list of runs. */
const ROWS = 40;

/** The last and best value of a line, as text. */
export interface IFigures {
  last: string;
  best: string;
  bestStep: string;
}

/** What the table says of a line. */
export function figuresOf(line: ILine, best: Best): IFigures {
  const { curve } = line;
  const { values, steps } = curve.series;
  const at = best === 'min' ? curve.lowest : curve.highest;
  return {
    last: curve.length > 0 ? formatValue(values[curve.length - 1]) : '–',
    best: at < 0 ? '–' : formatValue(values[at]),
    bestStep: at < 0 ? '–' : formatStep(steps[at])
  };
}

/** The table below a chart: how each line looks, its last value, and its best and where that was. */
export class Legend {
  constructor(
    private _trans: TranslationBundle,
    private _bestOf: (name: string) => Best,
    setBest: (best: Best) => void
  ) {
    this._switch = button('', _trans.__('Whether the lowest or the highest value is the best'), () =>
      setBest(this._mode === 'min' ? 'max' : 'min')
    );
    const head = make('tr');
    const cell = (text: string) => {
      const th = make('th', '', text);
      th.scope = 'col';
      return th;
    };
    const best = cell('');
    best.append(this._switch);
    head.append(cell(_trans.__('Line')), cell(_trans.__('Last ●')), best, cell(_trans.__('at step')));
    const section = make('thead');
    section.append(head);
    const table = make('table', 'table');
    this._caption.className = 'jp-glnb-curves-hidden';
    table.append(this._caption, section, this._body);
    this.node.append(table, this._more);
  }

  readonly node = make('div', 'legend');

  update(title: string, lines: readonly ILine[]): void {
    const trans = this._trans;
    say(this._caption, trans.__('Last and best values of %1', title));
    const modes = new Set(lines.map(line => this._bestOf(line.name)));
    this._mode = modes.size === 1 && modes.has('max') ? 'max' : 'min';
    say(
      this._switch,
      modes.size > 1 ? trans.__('Best ◇') : this._mode === 'min' ? trans.__('Lowest ◇') : trans.__('Highest ◇')
    );
    // The latest runs first: they are asked for most.
    const shown = [...lines].sort((a, b) => b.run.run - a.run.run).slice(0, ROWS);
    while (this._body.rows.length > shown.length) {
      this._body.deleteRow(-1);
    }
    shown.forEach((line, at) => this._row(line, at));
    const left = lines.length - shown.length;
    say(this._more, left > 0 ? trans._n('%1 more line is not listed.', '%1 more lines are not listed.', left) : '');
    this._more.hidden = left <= 0;
    const tall = shown.length > 6;
    this.node.classList.toggle('jp-mod-tall', tall);
    if (tall && !this.node.hasAttribute('tabindex')) {
      // What scrolls must be within reach of the keyboard.
      this.node.tabIndex = 0;
      this.node.setAttribute('role', 'region');
    } else if (!tall) {
      this.node.removeAttribute('tabindex');
      this.node.removeAttribute('role');
    }
    if (tall) {
      this.node.setAttribute('aria-label', trans.__('Last and best values of %1', title));
    } else {
      this.node.removeAttribute('aria-label');
    }
  }

  private _row(line: ILine, at: number): void {
    let row = this._body.rows[at];
    if (!row) {
      row = this._body.insertRow();
      const head = make('th');
      head.scope = 'row';
      head.append(make('span', 'key'), make('span', 'text'), make('span', 'kept'));
      row.append(head, make('td'), make('td'), make('td'));
    }
    const [key, text, kept] = row.cells[0].children;
    const look = JSON.stringify(line.look);
    if (row.dataset.look !== look) {
      row.dataset.look = look;
      key.replaceChildren(swatch(line.look));
    }
    say(text, line.label);
    (text as HTMLElement).title = line.label;
    say(kept, keptText(line, this._trans));
    const figures = figuresOf(line, this._bestOf(line.name));
    say(row.cells[1], figures.last);
    say(row.cells[2], figures.best);
    say(row.cells[3], figures.bestStep);
  }

  private _mode: Best = 'min';
  private _switch: HTMLButtonElement;
  private _caption = document.createElement('caption');
  private _body = make('tbody');
  private _more = make('p', 'note');
}
