import { TranslationBundle } from '@jupyterlab/translation';
import { button, fill, make, press, select, toggle, write } from './dom';
import { ISort, SortKey } from './rows';
import { columnLabels } from './tablemodel';

/** What the trend column shows. */
export type Trend = 'mean' | 'norm';

/** What the tools above the table do. */
export interface IToolActions {
  session(id: string): void;
  /** Closes the session that is shown. */
  close(): void;
  filter(text: string): void;
  trainable(only: boolean): void;
  sort(sort: ISort): void;
  trend(trend: Trend): void;
  /** Pins a tensor; the answer is why it cannot be, or empty. */
  pin(name: string): string;
  unpin(name: string): void;
  suggest(typed: string): string[];
}

const SORT_KEYS: readonly SortKey[] = [
  'kernel',
  'name',
  'shape',
  'dtype',
  'mean',
  'deviation',
  'min',
  'max',
  'norm',
  'zeros',
  'negative',
  'nan',
  'inf'
];

let count = 0;

/** The tools above the table: session, filter, order, trend, and pins. */
export class Toolbar {
  constructor(trans: TranslationBundle, actions: IToolActions) {
    this._trans = trans;
    this._actions = actions;
    this.node = make('div', 'jp-glnb-values-tools');
    this.node.setAttribute('role', 'group');
    this.node.setAttribute('aria-label', trans.__('Which values are shown'));

    this._session = select(trans.__('Session'), [], '', id => actions.session(id));
    this._session.node.hidden = true;
    this._close = button('×', () => this._closeOrAsk(), trans.__('Close this session: its variables are given up'));
    this._close.addEventListener('blur', () => this._ask(false));
    this._close.hidden = true;
    this._filter = make('input', 'jp-glnb-values-input jp-glnb-values-filter');
    this._filter.type = 'search';
    this._filter.placeholder = trans.__('Filter: weights shape:784 dtype:float');
    this._filter.setAttribute('aria-label', trans.__('Filter variables by words of their name, shape: and dtype:'));
    this._filter.addEventListener('input', () => actions.filter(this._filter.value));
    this._trainable = toggle(trans.__('Trainable'), false, on => actions.trainable(on));
    this._trainable.title = trans.__('Show only variables that are trained');

    const labels = { ...columnLabels(trans), kernel: trans.__('As built') };
    const keys = SORT_KEYS.map(key => ({ value: key, label: labels[key] }));
    this._sort = select(trans.__('Sort'), keys, 'kernel', key =>
      actions.sort({ key: key as SortKey, down: !['kernel', 'name', 'dtype'].includes(key) })
    );
    this._direction = button('▲', () => actions.sort({ ...this._sorted, down: !this._sorted.down }));
    this._sort.node.append(this._direction);
    const trends = [
      { value: 'mean', label: labels.mean },
      { value: 'norm', label: labels.norm }
    ];
    this._trend = select(trans.__('Trend'), trends, 'mean', trend => actions.trend(trend === 'norm' ? 'norm' : 'mean'));

    const list = make('datalist');
    list.id = `jp-glnb-values-names-${++count}`;
    this._pin = make('input', 'jp-glnb-values-input jp-glnb-values-pin');
    this._pin.placeholder = trans.__('Pin a tensor: Softmax:0');
    this._pin.setAttribute('aria-label', trans.__('Name of a tensor to pin'));
    this._pin.setAttribute('list', list.id);
    this._pin.spellcheck = false;
    this._pin.addEventListener('input', () => this._suggest(list));
    this._pin.addEventListener('focus', () => this._suggest(list));
    this._pin.addEventListener('keydown', event => {
      if (event.key === 'Enter') {
        this._onPin();
      }
    });
    const pin = make('div', 'jp-glnb-values-field jp-glnb-values-pinning');
    pin.append(
      this._pin,
      list,
      button(trans.__('Pin'), () => this._onPin(), trans.__('Pin the tensor'))
    );
    this._problem = make('div', 'jp-glnb-values-problem');
    this._problem.setAttribute('role', 'alert');
    this._pins = make('ul', 'jp-glnb-values-pins');
    this._pins.setAttribute('aria-label', trans.__('Pinned tensors'));
    this._pins.hidden = true;
    this.node.append(
      this._session.node,
      this._close,
      this._filter,
      this._trainable,
      this._sort.node,
      this._trend.node,
      pin,
      this._problem,
      this._pins
    );
    this.setSort({ key: 'kernel', down: false });
  }

  readonly node: HTMLElement;

  /** Shows which sessions there are; `byHand` says that the user chose the one that is shown. */
  setSessions(sessions: readonly { id: string; label: string }[], shown: string, byHand: boolean): void {
    const label = sessions.find(session => session.id === shown)?.label ?? '';
    const follow = byHand ? this._trans.__('What runs') : this._trans.__('What runs: %1', label);
    const options = [{ value: '', label: follow }, ...sessions.map(s => ({ value: s.id, label: s.label }))];
    fill(this._session.select, options, byHand ? shown : '');
    this._session.node.hidden = this._close.hidden = sessions.length < 2;
  }

  setFilter(filter: string, trainable: boolean): void {
    if (this._filter.value !== filter) {
      this._filter.value = filter;
    }
    press(this._trainable, trainable);
  }

  setSort(sort: ISort): void {
    this._sorted = sort;
    this._sort.select.value = sort.key;
    write(this._direction, sort.down ? '▼' : '▲');
    const name = sort.down ? this._trans.__('Greatest first') : this._trans.__('Least first');
    this._direction.setAttribute('aria-label', name);
    this._direction.title = name;
  }

  setTrend(trend: Trend): void {
    this._trend.select.value = trend;
  }

  setPins(names: readonly string[]): void {
    this._pins.hidden = names.length === 0;
    this._pins.replaceChildren(
      ...names.map(name => {
        const item = make('li', 'jp-glnb-values-chip');
        const text = make('span', '', name);
        text.title = name;
        item.append(
          text,
          button('×', () => this._actions.unpin(name), this._trans.__('Unpin %1', name))
        );
        return item;
      })
    );
  }

  private _suggest(list: HTMLDataListElement): void {
    write(this._problem, '');
    list.replaceChildren(
      ...this._actions.suggest(this._pin.value).map(name => {
        const option = make('option');
        option.value = name;
        return option;
      })
    );
  }

  private _onPin(): void {
    const problem = this._pin.value.trim() ? this._actions.pin(this._pin.value) : '';
    write(this._problem, problem);
    if (!problem) {
      this._pin.value = '';
    }
  }

  private _trans: TranslationBundle;
  private _actions: IToolActions;
  /** Asks once more before variables are given up. */
  private _closeOrAsk(): void {
    if (this._close.dataset.asked === 'true') {
      this._ask(false);
      this._actions.close();
    } else {
      this._ask(true);
    }
  }

  private _ask(asked: boolean): void {
    this._close.dataset.asked = String(asked);
    write(this._close, asked ? this._trans.__('Close it?') : '×');
  }

  private _close: HTMLButtonElement;
  private _session: { node: HTMLLabelElement; select: HTMLSelectElement };
  private _sort: { node: HTMLLabelElement; select: HTMLSelectElement };
  private _trend: { node: HTMLLabelElement; select: HTMLSelectElement };
  private _filter: HTMLInputElement;
  private _trainable: HTMLButtonElement;
  private _direction: HTMLButtonElement;
  private _pin: HTMLInputElement;
  private _problem: HTMLElement;
  private _pins: HTMLElement;
  private _sorted: ISort = { key: 'kernel', down: false };
}
