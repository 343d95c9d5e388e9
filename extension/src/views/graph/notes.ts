import { TranslationBundle } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { Model } from '../../model';
import { IFailedNode, IFault } from '../../protocol';
import { unplaced } from './devices';
import { make } from './dom';
import { textButton } from './lists';
import { faultOf } from './look';
import { Change } from './change';
import { GraphStore } from './store';

/**
 * Words about the graph: over it, that there is none yet or that it is being built; above it, what is shown of it and what could
 * not be made.
 */
export class GraphNotes {
  constructor(
    private _store: GraphStore,
    private _model: Model,
    private _trans: TranslationBundle
  ) {
    this._state = make('div', { class: 'jp-glnb-graph-note', attributes: { role: 'status' } });
    this._only = make('div', { class: 'jp-glnb-graph-chip' });
    this._earlier = make('div', { class: 'jp-glnb-graph-chip' });
    this._unplaced = make('div', { class: 'jp-glnb-graph-chip', attributes: { role: 'status' } });
    this._folded = make('div', { class: 'jp-glnb-graph-chip', attributes: { role: 'status' } });
    this._hidden = make('div', { class: 'jp-glnb-graph-chip' });
    this._failed = make('div', { class: 'jp-glnb-graph-chip jp-mod-failed', attributes: { role: 'status' } });
    this._fault = make('div', { class: 'jp-glnb-graph-chip jp-mod-fault', attributes: { role: 'status' } });
    this.node = make('div', { class: 'jp-glnb-graph-notes' }, this._state);
    this.strip = make(
      'div',
      { class: 'jp-glnb-graph-strip' },
      this._failed,
      this._fault,
      this._only,
      this._unplaced,
      this._folded,
      this._hidden,
      this._earlier
    );
    _store.changed.connect(this._onChange, this);
    _model.linkChanged.connect(this._show, this);
    this._show();
  }

  readonly node: HTMLElement;
  readonly strip: HTMLElement;

  dispose(): void {
    Signal.clearData(this);
  }

  private _onChange(sender: GraphStore, change: Change): void {
    this._show();
  }

  private _show(): void {
    const { _store: store, _trans: trans } = this;
    const text = this._stateText();
    put(this._state, text, () => [make('span', { text })]);
    // What is drawn stays free, but for a corner.
    this._state.classList.toggle('jp-mod-aside', (store.picture?.boxes.length ?? 0) > 0);
    const node = store.nodes[store.only];
    put(this._only, node ? node.name : '', () => [
      make('span', { text: trans.__('Only what %1 needs', node.name) }),
      textButton(trans.__('Show all'), () => store.setOnly(-1))
    ]);
    const count = store.earlier && store.only < 0 ? store.earlier.executions : 0;
    const shown = store.settings.earlier;
    put(this._earlier, count > 0 ? `${count} ${shown}` : '', () => [
      make('span', {
        text: shown
          ? trans._n('%1 earlier version of a cell is shown', '%1 earlier versions of cells are shown', count)
          : trans._n('%1 earlier version of a cell is hidden', '%1 earlier versions of cells are hidden', count)
      }),
      textButton(shown ? trans.__('Hide') : trans.__('Show'), () => store.set({ earlier: !shown }))
    ]);
    const { hidden } = store.settings;
    const types = hidden.length > 0 ? hidden.filter(type => store.nodes.some(one => one.type === type)) : [];
    put(this._hidden, types.join(' '), () => [
      make('span', {
        text: trans._n(
          'Operations of the type %2 are hidden',
          'Operations of %1 types are hidden: %2',
          types.length,
          types.join(', ')
        )
      }),
      textButton(trans.__('Show'), () => store.set({ hidden: [] }))
    ]);
    const unknown = store.seeksDevice && store.hits.length === 0 && unplaced(store);
    put(this._unplaced, unknown ? 'unplaced' : '', () => [
      make('span', { text: trans.__('Nothing ran yet: devices are known after a run.') })
    ]);
    const { folded } = store;
    put(this._folded, folded > 0 ? String(folded) : '', () => [
      make('span', { text: trans.__('%1 boxes stay folded: open them one by one', folded.toLocaleString()) }),
      textButton(trans.__('Hide'), () => store.stopOpening(), trans.__('Hide the note'))
    ]);
    const { failed, fault } = store.graph?.info ?? {};
    this._trouble(this._failed, failed, store.failed, trans.__('Hide it and this note'), ({ name, type, message }) =>
      trans.__('%1 could not be made: %2', name || type, message)
    );
    const at = faultOf(store);
    this._trouble(this._fault, fault, at, trans.__('Hide its mark and this note'), ({ message }) =>
      trans.__('A run failed at %1: %2', store.nodes[at].name, message)
    );
  }

  /** A note about an operation that went wrong, at an index that is -1 where nothing is to be told. */
  private _trouble<T extends IFailedNode | IFault>(
    chip: HTMLElement,
    what: T | undefined,
    at: number,
    hides: string,
    text: (what: T) => string
  ): void {
    const { _store: store, _trans: trans } = this;
    const told = at >= 0 ? what : undefined;
    put(chip, told ? JSON.stringify(told) : '', () => [
      make('span', { text: text(told!) }),
      textButton(trans.__('Show it'), () => store.reveal(at)),
      textButton(
        trans.__('Hide'),
        () => {
          store.builder.dismiss(told!);
          store.update();
        },
        hides
      )
    ]);
  }

  private _stateText(): string {
    const { _store: store, _trans: trans } = this;
    const size = store.graph?.info.size ?? 0;
    if (store.problem !== '') {
      return trans.__('The graph could not be drawn: %1', store.problem);
    }
    if (store.busy > 0) {
      return trans.__('Building a graph of %1 operations …', store.busy.toLocaleString());
    }
    if (store.picture && store.picture.boxes.length > 0) {
      return '';
    }
    if (store.picture && store.nodes.length > 0) {
      return trans.__('All operations are hidden or set aside.');
    }
    if (size > 0) {
      return trans.__('Building a graph of %1 operations …', size.toLocaleString());
    }
    return this._model.link.state === 'missing' && this._model.link.text
      ? this._model.link.text
      : trans.__('Run a cell that imports graphlab_nb and builds something, and its graph appears here.');
  }

  private _state: HTMLElement;
  private _only: HTMLElement;
  private _failed: HTMLElement;
  private _fault: HTMLElement;
  private _earlier: HTMLElement;
  private _hidden: HTMLElement;
  private _unplaced: HTMLElement;
  private _folded: HTMLElement;
}

/** Fills an element anew only where its content changed, so that nothing is said twice and no button loses the keyboard. */
function put(node: HTMLElement, key: string, content: () => HTMLElement[]): void {
  if (node.dataset.key !== key) {
    const focused = node.contains(document.activeElement);
    node.dataset.key = key;
    node.replaceChildren(...(key === '' ? [] : content()));
    node.hidden = key === '';
    if (focused) {
      node.querySelector('button')?.focus();
    }
  }
}
