import { TranslationBundle } from '@jupyterlab/translation';
import { Message, MessageLoop } from '@lumino/messaging';
import { Signal } from '@lumino/signaling';
import { Panel, PanelLayout, Widget } from '@lumino/widgets';
import { Layouter } from '../../graph/layouter';
import { Measure } from '../../graph/sizes';
import { Model } from '../../model';
import { Theme } from '../../theme';
import { ViewState } from '../../viewstate';
import { IHost, IPlace, IViewOptions } from '../view';
import { ILayouter } from './arrange';
import { GraphCanvas } from './canvas';
import { NodeCard } from './card';
import { DeviceWatch } from './devices';
import { make } from './dom';
import { actionOf } from './keys';
import { fileName, jsonOf, pngOf, svgOf } from './export';
import { Legend } from './legend';
import { describeSelected } from './look';
import { GraphNotes } from './notes';
import { KeptSelection } from './selected';
import { GraphStore } from './store';
import { GraphToolbar } from './toolbar';
import { GraphTree } from './tree';

/** From this width on the card stands beside the graph, not below it. */
const WIDE = 900;
/** Two clicks within so many milliseconds may be a double click. */
const DOUBLE = 320;

/** The graph of a notebook's kernel: its picture, a list of its operations, and a card about what is selected. */
export class GraphView extends Widget {
  constructor(options: IViewOptions, layouter: ILayouter = new Layouter()) {
    super();
    this.addClass('jp-glnb-graph');
    layouter.warm?.();
    const { model, state, theme, trans, host } = options;
    [this._model, this._state, this._theme, this._trans, this._host] = [model, state, theme, trans, host];
    const measure = measureWith(theme);
    this.store = new GraphStore(model, state, layouter, measure);
    this.canvas = new GraphCanvas(this.store, theme, trans, measure);
    this.tree = new GraphTree(this.store, trans, () => this.store.select(''));
    this.card = new NodeCard(
      this.store,
      model,
      theme,
      trans,
      host,
      () => this._showCard(false),
      () => state.get('values.session', '')
    );
    this.toolbar = new GraphToolbar(
      this.store,
      model,
      trans,
      {
        fit: () => this.canvas.fit(),
        zoom: factor => this.canvas.zoom(factor),
        list: () => this._showList(this.tree.isHidden),
        save: kind => void this._save(kind),
        leaveSearch: () => (this.tree.isHidden ? this.canvas.canvas.focus() : this.tree.focusRow())
      },
      this.node
    );
    this._legend = new Legend(trans, () => void this._measureRun());
    this._notes = new GraphNotes(this.store, model, trans);
    this.canvas.node.append(this._legend.node, this._notes.node);
    this.toolbar.node.appendChild(this._notes.strip);
    this._stage = new Panel();
    this._stage.addClass('jp-glnb-graph-stage');
    [this.canvas, this.tree, this.card].forEach(widget => this._stage.addWidget(widget));
    const layout = (this.layout = new PanelLayout());
    layout.addWidget(this.toolbar);
    layout.addWidget(this._stage);
    this._said = make('div', { class: 'jp-glnb-graph-said', attributes: { 'aria-live': 'polite' } });
    this.node.appendChild(this._said);
    this.card.hide();
    this.node.addEventListener('keydown', event => this._key(event));
    this._showList(state.get('graph.list', false), false);
    this.canvas.asked.connect((sender, what) => this._answer(what));
    this.store.changed.connect((sender, change) => {
      if (change === 'selection') {
        this._kept.keep(this.store.selected !== '');
        this._say();
        this._cardSoon();
      }
      if (change === 'graph') {
        // The card was about an operation of another graph; this one may have what is kept.
        this._kept.read();
        this._showCard(false, false);
      }
      if (change === 'times') {
        this._waiting = false;
      }
      if (change === 'picture' || change === 'graph') {
        this._markCursor();
      }
      if (change !== 'busy') {
        this._showLegend();
      }
    });
    theme.changed.connect(this._showLegend, this);
    model.listChanged.connect(this._showLegend, this);
    host.cursorMoved.connect(this._onCursor, this);
    state.changed.connect(this._onState, this);
    if (typeof ResizeObserver === 'function') {
      // The stage changes its size when the toolbar wraps, of which no widget is told.
      this._sizes = new ResizeObserver(() => this._resized());
      this._sizes.observe(this._stage.node);
    }
    this._devices = new DeviceWatch(this.store, model);
    this._kept = new KeptSelection(this.store, state, (id, card) => {
      this.canvas.still = true; // the camera is where it was kept
      this.store.select(id);
      this.canvas.still = false;
      this._showCard(card);
    });
    this.store.follow();
  }

  readonly store: GraphStore;
  readonly canvas: GraphCanvas;
  readonly tree: GraphTree;
  readonly card: NodeCard;
  readonly toolbar: GraphToolbar;

  dispose(): void {
    if (!this.isDisposed) {
      window.clearTimeout(this._timer);
      this._sizes?.disconnect();
      this._notes.dispose();
      this._devices.dispose();
      this.store.dispose();
      Signal.disconnectReceiver(this);
      super.dispose();
    }
  }

  protected onAfterAttach(msg: Message): void {
    this._active();
  }

  protected onAfterShow(msg: Message): void {
    this._active();
  }

  protected onAfterHide(msg: Message): void {
    this.store.setActive(false);
  }

  protected onBeforeDetach(msg: Message): void {
    this.store.setActive(false);
  }

  protected onResize(msg: Widget.ResizeMessage): void {
    this._resized();
  }

  protected onActivateRequest(msg: Message): void {
    if (this.tree.isHidden) {
      this.canvas.canvas.focus();
    } else {
      this.tree.focusRow();
    }
  }

  private _active(): void {
    this.store.setActive(this.isVisible);
    this._resized();
    this._showLegend();
  }

  private _resized(): void {
    if (this.isVisible && !this.isDisposed) {
      this._stage.node.classList.toggle('jp-mod-wide', this.node.clientWidth >= WIDE);
      [this.canvas, this.tree]
        .filter(widget => widget.isVisible)
        .forEach(widget => MessageLoop.sendMessage(widget, Widget.ResizeMessage.UnknownSize));
    }
  }

  /** Keys outside of canvas and list: the card and the toolbar. */
  private _key(event: KeyboardEvent): void {
    const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    const action = actionOf(event);
    if (action === 'search' && !typing) {
      this.toolbar.focusSearch();
    } else if (action === 'escape' && !typing) {
      this.activate();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  private _answer(what: 'search' | 'card' | 'escape'): void {
    if (what === 'search') {
      this.toolbar.focusSearch();
    } else if (what === 'card') {
      this._showCard(true);
      this.card.node.focus();
    } else {
      this.toolbar.clearSearch();
      this.store.select('');
    }
  }

  /** The card follows the selection; after a click it waits for a second one, which would else meet what the card moved. */
  private _cardSoon(): void {
    window.clearTimeout(this._timer);
    const follow = () => this._showCard(this.store.selected !== '');
    if (this.canvas.clicking && this.card.isHidden && this.store.selected !== '') {
      this._timer = window.setTimeout(follow, DOUBLE);
    } else {
      follow();
    }
  }

  private _showCard(shown: boolean, keep = true): void {
    if (shown !== this.card.isHidden) {
      return;
    }
    const focused = this.card.node.contains(document.activeElement);
    this.card.setHidden(!shown);
    if (keep) {
      this._kept.keep(shown);
    }
    this._resized();
    if (focused) {
      this.activate();
    }
  }

  private _showList(shown: boolean, keep = true): void {
    this.tree.setHidden(!shown);
    this.canvas.setHidden(shown);
    this.toolbar.setListed(shown);
    this._resized();
    if (keep) {
      this._state.set('graph.list', shown);
      this.activate();
    }
  }

  /** Says what is selected, for those who do not see it. */
  private _say(): void {
    this._said.textContent = describeSelected(this.store, this._trans);
  }

  private _showLegend(): void {
    if (this.isVisible) {
      const times = this.store.graph?.times;
      this._legend.show(this.canvas.fills, times?.step ?? null, this._session() !== '', this._waiting);
    }
  }

  private _session(): string {
    return this._model.sessions.filter(({ graph }) => graph === this.store.id).pop()?.id ?? '';
  }

  private async _measureRun(): Promise<void> {
    this._waiting = true;
    this._showLegend();
    try {
      const { reply } = await this._model.send({ op: 'measure', session: this._session() });
      if (reply.problem) {
        throw new Error(reply.problem);
      }
    } catch (problem) {
      this._waiting = false;
      this._host.announce(problem instanceof Error ? problem.message : String(problem));
    }
    this._showLegend();
  }

  private async _save(kind: 'svg' | 'png' | 'json'): Promise<void> {
    const { picture, graph, label } = this.store;
    const name = `${fileName(this._host.name, label === 'default' ? '' : label)}.${kind}`;
    if (kind === 'json' && graph) {
      this._host.save(name, new Blob([jsonOf(graph)], { type: 'application/json' }));
    } else if (kind === 'svg' && picture) {
      const text = svgOf(picture, this.canvas.look, measureWith(this._theme));
      this._host.save(name, new Blob([text], { type: 'image/svg+xml' }));
    } else if (kind === 'png' && picture) {
      const data = await pngOf(picture, this.canvas.look);
      if (data) {
        this._host.save(name, data);
      } else {
        this._host.announce(this._trans.__('The graph is too large for a PNG; an SVG has no limit.'));
      }
    }
  }

  private _onState(sender: ViewState, name: string): void {
    // Only what the panel found again: what the view itself writes it knows.
    if (name === '') {
      this._showList(this._state.get('graph.list', false), false);
      this._kept.read();
      this.store.reload();
    }
  }

  private _onCursor(sender: unknown, place: IPlace | null): void {
    this._cursor = place;
    this._markCursor();
  }

  private _markCursor(): void {
    const { _cursor: place } = this;
    const graph = this.store.graph;
    const marks: number[] = [];
    if (place && graph && this.isVisible) {
      const files = new Set(graph.files.flatMap(({ cell }, k) => (cell === place.cell ? [k] : [])));
      const isThere = (file: number, line: number) => line === place.line && files.has(file);
      graph.nodes.forEach(({ file, line, callers = [] }, at) => {
        if (isThere(file, line) || callers.some((caller, k) => k % 2 === 0 && isThere(caller, callers[k + 1]))) {
          marks.push(at);
        }
      });
    }
    this.store.setMarks(marks);
  }

  private _model: Model;
  private _state: ViewState;
  private _theme: Theme;
  private _trans: TranslationBundle;
  private _host: IHost;
  private _stage: Panel;
  private _legend: Legend;
  private _notes: GraphNotes;
  private _devices: DeviceWatch;
  private _kept: KeptSelection;
  private _said: HTMLElement;
  private _sizes: ResizeObserver | null = null;
  private _cursor: IPlace | null = null;
  private _waiting = false;
  private _timer = 0;
}

/** Measures texts as the canvas draws them, each once. */
function measureWith(theme: Theme): Measure {
  const context = document.createElement('canvas').getContext('2d');
  const known = new Map<string, number>();
  return (text, size) => {
    const key = `${size}|${theme.colors.font}|${text}`;
    let width = known.get(key);
    if (width === undefined) {
      if (context) {
        context.font = `600 ${size}px ${theme.colors.font}`;
      }
      width = context?.measureText(text).width || Array.from(text).length * size * 0.6;
      known.set(key, width);
    }
    return width;
  };
}
