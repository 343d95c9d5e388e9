import { JSONObject } from '@lumino/coreutils';
import { Message } from '@lumino/messaging';
import { Signal } from '@lumino/signaling';
import { PanelLayout, Widget } from '@lumino/widgets';
import { IGraph, Model } from '../../model';
import { SessionChoice, sessionLabels } from '../sessions';
import { IViewOptions } from '../view';
import { Cards } from './cards';
import { make, write } from './dom';
import { History } from './histories';
import { arrange, IRow, ISort, joinRows, keepOrder, SortKey, statisticOf } from './rows';
import { Paced } from './pace';
import { fetchPast } from './past';
import { hasTensor, suggestions, tensorName } from './names';
import { Splitter } from './splitter';
import { StatusLine } from './status';
import { emptyText } from './texts';
import { ValuesTable } from './table';
import { Toolbar, Trend } from './toolbar';

/** From this width on the opened tensor lies beside the table. */
const WIDE = 1000;
const TREND_LENGTH = 60;

/** Variables and pinned tensors of a session, with statistics that follow the training, and opened tensors as pictures. */
export class ValuesView extends Widget {
  constructor(options: IViewOptions) {
    super();
    this.addClass('jp-glnb-values');
    const { model, state, theme, trans } = options;
    this._options = options;
    this._toolbar = new Toolbar(trans, {
      session: id => this._setState('session', id),
      close: () => this._closeSession(),
      filter: text => this._setState('filter', text),
      trainable: only => this._setState('trainable', only),
      sort: sort => this._setState('sort', { ...sort }),
      trend: trend => this._setState('trend', trend),
      pin: name => this.pin(name),
      unpin: name => this.unpin(name),
      suggest: typed => suggestions(this._graph, typed)
    });
    this._table = new ValuesTable(theme, trans);
    this._cards = new Cards(options, () => this._onCards());
    this._splitter = new Splitter(
      trans.__('Border between table and tensor'),
      state.get('values.share', 0.4),
      share => {
        state.set('values.share', share);
      }
    );
    this._message = make('p', 'jp-glnb-values-empty');
    this._message.setAttribute('role', 'status');
    this._status = new StatusLine(trans, model);

    const upper = new Widget();
    upper.addClass('jp-glnb-values-upper');
    const upperLayout = new PanelLayout();
    upper.layout = upperLayout;
    for (const widget of [this._table, new Widget({ node: this._message }), new Widget({ node: this._status.node })]) {
      upperLayout.addWidget(widget);
    }
    this._upper = upper;
    const main = new Widget();
    main.addClass('jp-glnb-values-main');
    const mainLayout = new PanelLayout();
    main.layout = mainLayout;
    for (const widget of [upper, new Widget({ node: this._splitter.node }), this._cards]) {
      mainLayout.addWidget(widget);
    }
    const layout = new PanelLayout();
    this.layout = layout;
    layout.addWidget(new Widget({ node: this._toolbar.node }));
    layout.addWidget(main);

    this._table.setTrends(this._trends);
    this._table.opened.connect((_, row) => this.openTensor(row.name));
    this._table.unpinned.connect((_, row) => this.unpin(row.name));
    this._table.sorted.connect((_, sort) => this._setState('sort', { ...sort }));
    model.valuesChanged.connect(this._onValues, this);
    model.listChanged.connect(this._onList, this);
    model.runChanged.connect(this._onRun, this);
    state.changed.connect(this._onState, this);
    this._readState();
    this._onList();
  }

  /** Opens a variable or tensor below the table; one that is not in the table is pinned to it. */
  openTensor(name: string): void {
    const known = this._rows.some(row => row.name === name);
    if (known || this.pin(name) === '') {
      this._cards.open(known ? name : tensorName(name));
    }
  }

  /** Pins a tensor to the table; the answer is why it cannot be, or empty. */
  pin(typed: string): string {
    const { trans } = this._options;
    const name = tensorName(typed);
    const pinned = this.pinned;
    if (!this._session) {
      return trans.__('There is no session yet whose tensors could be pinned.');
    }
    if (hasTensor(this._graph, name) === false) {
      return trans.__('The graph has no tensor %1.', name);
    }
    if (name && !pinned.includes(name)) {
      this._setState('pinned', [...pinned, name]);
    }
    return '';
  }

  unpin(name: string): void {
    const output = tensorName(name);
    this._setState(
      'pinned',
      this.pinned.filter(pin => pin !== name && pin !== output)
    );
  }

  /** Names of pinned tensors. */
  get pinned(): string[] {
    const kept: unknown = this._options.state.get('values.pinned', []);
    return Array.isArray(kept) ? kept.filter((name): name is string => typeof name === 'string') : [];
  }

  dispose(): void {
    if (this.isDisposed) {
      return;
    }
    this._stop();
    Signal.disconnectReceiver(this);
    super.dispose();
  }

  protected onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    if (typeof ResizeObserver !== 'undefined') {
      this._observer = new ResizeObserver(() => this._fit());
      this._observer.observe(this.node);
    }
    this._fit();
    this._show();
    this._later();
  }

  protected onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this._fit();
    this._show();
    this._later();
  }

  protected onAfterHide(message: Message): void {
    this._stop();
    super.onAfterHide(message);
  }

  protected onBeforeDetach(message: Message): void {
    this._observer?.disconnect();
    this._observer = null;
    this._stop();
    super.onBeforeDetach(message);
  }

  protected onResize(message: Widget.ResizeMessage): void {
    super.onResize(message);
    this._fit();
  }

  private get _model(): Model {
    return this._options.model;
  }

  private get _graph(): IGraph | undefined {
    const session = this._model.sessions.find(s => s.id === this._session);
    return session ? this._model.graphs.get(session.graph) : undefined;
  }

  private _setState(name: string, value: JSONObject | string[] | string | boolean): void {
    this._options.state.set(`values.${name}`, value);
  }

  private _onState(_: unknown, name: string): void {
    if (name === '' || (name.startsWith('values.') && !name.startsWith('values.look.'))) {
      this._readState();
      if (name === '' || name === 'values.session') {
        this._onList();
      }
      if (name === '') {
        this._restored = '';
        this._restore();
      }
    }
  }

  private _readState(): void {
    const { state } = this._options;
    const sort = state.get<JSONObject>('values.sort', {});
    const before = JSON.stringify([this._sort, this._filter, this._trainable]);
    this._sort = { key: (sort.key as SortKey) ?? 'kernel', down: sort.down === true };
    this._filter = String(state.get('values.filter', ''));
    this._trainable = state.get<boolean>('values.trainable', false) === true;
    const trend: Trend = state.get<string>('values.trend', 'mean') === 'norm' ? 'norm' : 'mean';
    if (trend !== this._trend) {
      this._trend = trend;
      this._trends.clear();
      this._recall();
    }
    this._toolbar.setFilter(this._filter, this._trainable);
    this._toolbar.setSort(this._sort);
    this._toolbar.setTrend(trend);
    this._table.setSort(this._sort);
    const pins = JSON.stringify(this.pinned);
    if (pins !== this._pins) {
      this._pins = pins;
      this._toolbar.setPins(this.pinned);
      this._show();
    }
    if (before !== JSON.stringify([this._sort, this._filter, this._trainable])) {
      this._anew = true;
    }
    this._splitter.share = state.get('values.share', 0.4);
    this._fit();
    this._later();
  }

  private _onList(): void {
    this._choose();
    this._onValues();
    this._later();
  }

  private _onRun(): void {
    this._choose();
    this._writeStatus();
  }

  /** Shows another session where another is to be shown, and says in the tools which there are. */
  private _choose(): void {
    const { sessions, graphs, run } = this._model;
    this._sessions = sessionLabels(sessions, graphs);
    const changed = this._choice.update(this._sessions, this._kept, run, Date.now());
    const byHand = this._sessions.some(session => session.id === this._kept);
    this._toolbar.setSessions(this._sessions, this._session, byHand);
    if (changed) {
      this._rows = [];
      this._anew = true;
      this._trends.clear();
      this._show();
      this._restore();
      this._onValues();
      this._later();
      this._recall();
    }
  }

  /** Has trends go on from what the kernel remembers, as after a reload. */
  private _recall(): void {
    const session = this._session;
    const trend = this._trend;
    if (!session) {
      return;
    }
    fetchPast(this._model, session)
      .then(found => {
        if (this.isDisposed || session !== this._session || trend !== this._trend) {
          return;
        }
        for (const [name, past] of found) {
          const known = this._trends.get(name) ?? new History(TREND_LENGTH);
          known.precede(past.steps, past.of(trend));
          this._trends.set(name, known);
        }
        this._cards.all.forEach(card => card.takePast(found.get(card.tensor)?.histograms ?? []));
        this._later();
      })
      .catch(() => undefined); // without a kernel there is nothing to recall
  }

  private get _session(): string {
    return this._choice.shown;
  }

  /** The session that the user chose by hand; empty where it is to follow what runs. */
  private get _kept(): string {
    return this._options.state.get('values.session', '');
  }

  private _restore(): void {
    const { state } = this._options;
    const open: unknown = state.get('values.open', []);
    const names = Array.isArray(open) ? open.filter((name): name is string => typeof name === 'string') : [];
    if (this._session && this._restored !== this._session) {
      this._restored = this._session;
      this._cards.restore(this._session, names, state.get<string>('values.active', ''));
      this._tellShapes();
      this._fit();
    }
  }

  private _onCards(): void {
    this._setState('open', this._cards.names);
    this._setState('active', this._cards.active ?? '');
    this._tellShapes();
    this._fit();
    if (this._cards.names.length === 0 && this.isVisible && !this.node.contains(document.activeElement)) {
      this._table.focus();
    }
  }

  private _onValues(): void {
    const { values } = this._model;
    if (!values || values.table.session !== this._session || !this._session) {
      return;
    }
    this._rows = joinRows(values.table.rows, values.statistics);
    this._step = values.table.step;
    this._status.looked();
    for (const row of this._rows) {
      if (row.statistics) {
        const trend = this._trends.get(row.name) ?? new History(TREND_LENGTH);
        trend.add(this._step, statisticOf(row, this._trend));
        this._trends.set(row.name, trend);
      }
    }
    this._tellShapes();
    this._later(this._model.run.state !== 'running');
  }

  private _tellShapes(): void {
    const { trans } = this._options;
    const known = this._rows.length > 0;
    for (const card of this._cards.all) {
      const row = this._rows.find(r => r.name === card.tensor);
      const problem = row?.problem ?? (row && !row.initialized ? trans.__('%1 is not initialized.', row.name) : '');
      if (row && !problem) {
        card.setShape(row.shape, row.dtype);
      }
      const absent = known && !row ? trans.__('%1 is not among the values of this session.', card.tensor) : '';
      card.setProblem(problem || absent);
    }
  }

  /** Draws soon; `now`: something that the user did is waited for, and not only what the training changes. */
  private _later(now = true): void {
    if (this.isVisible) {
      this._paced.request(now);
    }
  }

  /** While the training runs lines keep their places, even where they are sorted by numbers that change. */
  private _draw(): void {
    const rows = arrange(this._rows, this._filter, this._trainable, this._sort);
    const running = this._model.run.state === 'running' && !this._anew;
    this._anew = false;
    this._drawn = this._step;
    this._table.setRows((running && keepOrder(this._table.rows, rows)) || rows, !running, this._step);
    this._writeMessage(rows.length);
    this._writeStatus();
  }

  private _writeMessage(shown: number): void {
    const waits = this._model.values?.table.session !== this._session;
    const all = waits ? null : this._rows.length;
    const text = emptyText(this._options.trans, this._session !== '', all, shown, this._filter);
    write(this._message, text);
    this._message.hidden = text === '';
    this._table.setHidden(shown === 0);
    this._toolbar.node.hidden = !this._session;
    this._fit();
  }

  private _writeStatus(): void {
    this._status.write(this._table.rows.length, this._rows.length, this._drawn);
  }

  private _show(): void {
    if (!this.isVisible) {
      return;
    }
    const { values, pinned } = this._model.interest;
    const wanted = this._session || null;
    const pins = wanted ? this.pinned : [];
    if (values !== wanted || JSON.stringify(pinned) !== JSON.stringify(pins)) {
      this._model.show({ values: wanted, pinned: pins });
    }
  }

  private _stop(): void {
    this._paced.stop();
    this._status.stop();
    if (this._model.interest.values !== null || this._model.interest.pinned.length) {
      this._model.show({ values: null, pinned: [] });
    }
  }

  private _fit(): void {
    const open = this._cards.names.length > 0 && this._session !== '';
    const wide = this.node.clientWidth >= WIDE;
    this.toggleClass('jp-glnb-values-wide', wide);
    this._cards.setHidden(!open);
    this._splitter.node.hidden = !open;
    this._splitter.sideBySide(wide);
    const basis = open ? `${(this._splitter.share * 100).toFixed(2)}%` : '100%';
    if (this._upper.node.style.flexBasis !== basis) {
      this._upper.node.style.flexBasis = basis;
    }
    // Below the last line there would only be room that the tensor lacks.
    const most = open && !wide && !this._table.isHidden ? this._table.wholeHeight + this._status.node.offsetHeight : 0;
    const room = most > 0 ? `${most}px` : '';
    if (this._upper.node.style.maxHeight !== room) {
      this._upper.node.style.maxHeight = room;
    }
  }

  private _options: IViewOptions;
  private _toolbar: Toolbar;
  private _table: ValuesTable;
  private _cards: Cards;
  private _splitter: Splitter;
  private _upper: Widget;
  private _message: HTMLElement;
  private _status: StatusLine;
  private _observer: ResizeObserver | null = null;
  private _closeSession(): void {
    const say = (text: string) => this._options.host.announce(text);
    this._model.send({ op: 'close', session: this._session }).catch(error => say(String(error?.message ?? error)));
  }

  private _choice = new SessionChoice();
  private _sessions: { id: string; label: string }[] = [];
  private _restored = '';
  private _rows: readonly IRow[] = [];
  private _step = 0;
  /** The step of the numbers that are seen; the latest are drawn a little later. */
  private _drawn = 0;
  private _sort: ISort = { key: 'kernel', down: false };
  private _filter = '';
  private _trainable = false;
  private _trend: Trend = 'mean';
  private _trends = new Map<string, History>();
  private _pins = '[]';
  private _anew = true;
  private _paced = new Paced(() => this._draw());
}
