import { TranslationBundle } from '@jupyterlab/translation';
import { button, make, press, select, toggle } from './dom';
import { ILook, wayOf } from './settings';
import { foldsOf, IRepresentation, Kind, matrixAxes, representations, restOf, shownAxes, tilesPerPage } from './shapes';
import { Palette } from './scale';

/** What the controls of an opened tensor do. */
export interface IControlActions {
  /** The user chose; what is left out stays. */
  choose(change: Partial<ILook>): void;
  zoom(factor: number): void;
  shrink(): void;
  savePng(): void;
  saveCsv(): void;
}

/** The names of representations, translated. */
export function kindLabels(trans: TranslationBundle): { [kind in Kind]: string } {
  return {
    number: trans.__('Number'),
    line: trans.__('Line'),
    strip: trans.__('Heat strip'),
    matrix: trans.__('Heat map'),
    filters: trans.__('Filters as pictures'),
    channels: trans.__('Channels as pictures'),
    images: trans.__('Images of the batch'),
    stack: trans.__('Pictures'),
    columns: trans.__('Columns as pictures'),
    rows: trans.__('Rows as pictures')
  };
}

/**
 * The controls of an opened tensor. They are made anew only where other ones are needed, since what has the focus would lose it;
 * then the one of the same name gets it back.
 */
export class Controls {
  constructor(trans: TranslationBundle, actions: IControlActions) {
    this._trans = trans;
    this._actions = actions;
    this.node = make('div', 'jp-glnb-values-controls');
    this.node.setAttribute('role', 'group');
    this.node.setAttribute('aria-label', trans.__('How the tensor is shown'));
  }

  readonly node: HTMLElement;

  update(shape: readonly number[] | null, chosen: ILook, palette: Palette, large: boolean): void {
    // A dimension that is shown as colours is not one to choose a place in.
    const look = { ...chosen, color: palette === 'color' };
    const way = shape ? wayOf(shape, look) : null;
    const axes = shape && shape.length > 1 ? matrixAxes(shape, look.axes) : [];
    const zoomed = look.rows !== null || look.columns !== null;
    const key = JSON.stringify([shape, way?.kind, axes, look.fold, look.color, look.palette, palette, large, zoomed]);
    if (key !== this._key) {
      this._key = key;
      const active = document.activeElement;
      const name = active instanceof HTMLElement && this.node.contains(active) ? active.dataset.name : undefined;
      this.node.replaceChildren(...(shape && way ? this._build(shape, way, look, palette, large) : []));
      if (name) {
        const again = [...this.node.querySelectorAll<HTMLElement>('[data-name]')].find(e => e.dataset.name === name);
        again?.focus();
      }
    }
    for (const [name, pressed] of [
      ['full', look.full],
      ['own', look.own]
    ] as const) {
      const made = this.node.querySelector<HTMLElement>(`[data-name="${name}"]`);
      if (made) {
        press(made, pressed);
      }
    }
    if (shape && way) {
      this._places(shape, way, look);
    }
  }

  private _build(
    shape: readonly number[],
    way: IRepresentation,
    look: ILook,
    palette: Palette,
    large: boolean
  ): HTMLElement[] {
    const trans = this._trans;
    const labels = kindLabels(trans);
    const ways = representations(shape, look.fold);
    const made: HTMLElement[] = [];
    const named = <T extends HTMLElement>(name: string, element: T): T => {
      element.dataset.name = name;
      return element;
    };
    const choice = (
      name: string,
      label: string,
      options: { value: string; label: string }[],
      value: string,
      change: (value: string) => Partial<ILook>
    ) => {
      const field = select(label, options, value, v => this._actions.choose(change(v)));
      named(name, field.select);
      made.push(field.node);
    };
    if (large) {
      made.push(
        named(
          'all',
          button(trans.__('All pictures'), () => this._actions.shrink())
        )
      );
    }
    if (ways.length > 1) {
      const options = ways.map(w => ({ value: w.kind, label: labels[w.kind] }));
      choice('kind', trans.__('Show'), options, way.kind, kind => ({ kind: kind as Kind, page: 0 }));
    }
    const { tiling } = way;
    const colors = way.kind !== 'number' && way.kind !== 'line';
    if (colors) {
      const options = [
        { value: 'auto', label: trans.__('Automatic') },
        { value: 'signed', label: trans.__('Signed') },
        { value: 'gray', label: trans.__('Gray') },
        ...(tiling && tiling.color >= 0 ? [{ value: 'color', label: trans.__('Red, green, blue') }] : [])
      ];
      const there = options.some(({ value }) => value === look.palette) ? look.palette : 'auto';
      choice('palette', trans.__('Colours'), options, there, p => ({ palette: p as Palette, page: 0 }));
      const full = toggle(trans.__('Full range'), look.full, on => this._actions.choose({ full: on }));
      full.title = trans.__('Colours end at the least and greatest number, not at the 1 and 99 percent quantiles.');
      made.push(named('full', full));
    }
    if (tiling && tiling.count > 1) {
      const own = toggle(trans.__('Own scales'), look.own, on => this._actions.choose({ own: on }));
      own.title = trans.__('Each picture has a scale of its own.');
      made.push(named('own', own));
    }
    if (tiling && tiling.inside.length === 1) {
      const length = shape[tiling.inside[0]];
      const folds = foldsOf(length);
      if (folds.length > 1) {
        const options = folds.map(h => ({ value: String(h), label: `${h}×${length / h}` }));
        choice('fold', trans.__('Size'), options, String(tiling.height), h => ({ fold: Number(h), page: 0 }));
      }
    }
    if (!tiling && shape.length >= 2) {
      const [row, column] = matrixAxes(shape, look.axes);
      if (shape.length > 2) {
        const options = shape.map((n, axis) => ({ value: String(axis), label: trans.__('%1 (%2)', axis, n) }));
        const swap = (row: number, column: number) => ({ axes: [row, column], rows: null, columns: null });
        choice('row', trans.__('Down'), options, String(row), a =>
          Number(a) === column ? swap(column, row) : swap(Number(a), column)
        );
        choice('column', trans.__('Across'), options, String(column), a =>
          Number(a) === row ? swap(column, row) : swap(row, Number(a))
        );
      }
      const turn = button(trans.__('Transpose'), () =>
        this._actions.choose({ axes: [column, row], rows: look.columns, columns: look.rows })
      );
      made.push(named('transpose', turn));
    }
    if (!tiling && way.kind !== 'number') {
      made.push(
        named(
          'in',
          button('+', () => this._actions.zoom(0.5), trans.__('Zoom in'))
        ),
        named(
          'out',
          button('−', () => this._actions.zoom(2), trans.__('Zoom out'))
        )
      );
    }
    if (!tiling && (look.rows || look.columns)) {
      const all = () => this._actions.choose({ rows: null, columns: null });
      made.push(named('whole', button(trans.__('Whole'), all, trans.__('Show the whole tensor'))));
    }
    if (!large) {
      made.push(...this._sliders(shape, way, look));
    }
    if (tiling && !large) {
      const pages = Math.ceil(tiling.count / tilesPerPage(tiling, palette === 'color'));
      if (pages > 1) {
        const options = Array.from({ length: pages }, (_, page) => {
          const size = tilesPerPage(tiling, palette === 'color');
          const to = Math.min((page + 1) * size, tiling.count) - 1;
          return { value: String(page), label: trans.__('%1 to %2', page * size, to) };
        });
        const page = String(Math.min(look.page, pages - 1));
        choice('page', trans.__('Pictures'), options, page, p => ({ page: Number(p) }));
      }
    }
    made.push(
      named(
        'png',
        button('PNG', () => this._actions.savePng(), trans.__('Save the picture as PNG'))
      ),
      named(
        'csv',
        button('CSV', () => this._actions.saveCsv(), trans.__('Save the numbers shown as CSV'))
      )
    );
    return made;
  }

  /** A slider and a number for each dimension that is not shown. */
  private _sliders(shape: readonly number[], way: IRepresentation, look: ILook): HTMLElement[] {
    return restOf(shape, shownAxes(shape, way, look))
      .filter(axis => shape[axis] > 1)
      .map(axis => {
        const label = this._trans.__('Dimension %1', axis);
        const field = make('div', 'jp-glnb-values-field');
        const slider = make('input', 'jp-glnb-values-slider');
        const number = make('input', 'jp-glnb-values-index');
        slider.type = 'range';
        number.type = 'number';
        for (const [input, name] of [
          [slider, `slider${axis}`],
          [number, `index${axis}`]
        ] as const) {
          input.min = '0';
          input.max = String(shape[axis] - 1);
          input.step = '1';
          input.dataset.name = name;
          input.dataset.axis = String(axis);
          input.setAttribute('aria-label', label);
          input.addEventListener('input', () => {
            const at = Math.min(Math.max(0, Math.round(Number(input.value))), shape[axis] - 1);
            if (input.value === '' || Number.isNaN(at)) {
              return; // half typed
            }
            this._place[axis] = at;
            this._actions.choose({ place: shape.map((_, a) => this._place[a] ?? 0) });
          });
          // What is no index gives way to the one that is shown.
          input.addEventListener('change', () => (input.value = String(this._place[axis])));
          input.addEventListener('blur', () => (input.value = String(this._place[axis])));
        }
        field.append(make('span', '', label), slider, number);
        return field;
      });
  }

  private _places(shape: readonly number[], way: IRepresentation, look: ILook): void {
    this._place = shape.map((n, axis) => Math.min(look.place[axis] ?? 0, Math.max(0, n - 1)));
    for (const input of this.node.querySelectorAll<HTMLInputElement>('input[data-axis]')) {
      const value = String(this._place[Number(input.dataset.axis)]);
      if (input.value !== value) {
        input.value = value;
      }
    }
  }

  private _trans: TranslationBundle;
  private _actions: IControlActions;
  private _key = '';
  private _place: number[] = [];
}
