import { TranslationBundle } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import { Model } from '../../model';
import { isBuilding } from './building';
import { Icon, iconButton, make } from './dom';
import { asideList, hitList, typeList } from './lists';
import { searchIn } from './look';
import { IEntry, menuOf, Popup } from './popup';
import { Coloring, COLORINGS } from './settings';
import { Change } from './change';
import { GraphStore } from './store';

/** What the toolbar asks of the view around it. */
export interface IActions {
  fit(): void;
  zoom(factor: number): void;
  list(): void;
  save(kind: 'svg' | 'png' | 'json'): void;
  leaveSearch(): void;
}

/** Buttons and fields above the graph. */
export class GraphToolbar extends Widget {
  constructor(
    private _store: GraphStore,
    private _model: Model,
    private _trans: TranslationBundle,
    private _actions: IActions,
    popups: HTMLElement
  ) {
    super();
    this.addClass('jp-glnb-graph-toolbar');
    this._popup = new Popup(popups);
    this._graphs = make('select', {
      class: 'jp-glnb-graph-select jp-glnb-graph-graphs',
      attributes: { 'aria-label': _trans.__('Graph to show') },
      on: { change: () => _store.choose(this._graphs.value) }
    });
    this._search = make('input', {
      class: 'jp-glnb-graph-search',
      title: _trans.__(
        'Words of a name, /regular expression/, type:MatMul, attr:transpose_b=true (or stddev=0.1), device:cpu, dtype:float32, shape:?x10, role:variable'
      ),
      attributes: {
        type: 'search',
        placeholder: _trans.__('Search, or type:MatMul'),
        'aria-label': _trans.__('Search operations'),
        spellcheck: 'false'
      },
      on: {
        input: () => this._searchSoon(),
        keydown: event => this._searchKey(event as KeyboardEvent),
        search: () => this._searchSoon()
      }
    });
    this._found = make('span', { class: 'jp-glnb-graph-found', attributes: { role: 'status' } });
    this._coloring = make('select', {
      class: 'jp-glnb-graph-select',
      title: _trans.__('What the colours tell'),
      attributes: { 'aria-label': _trans.__('Colour by') },
      on: { change: () => _store.set({ coloring: this._coloring.value as Coloring }) }
    });
    const names = this._coloringNames();
    COLORINGS.forEach(value =>
      this._coloring.appendChild(make('option', { text: names[value], attributes: { value } }))
    );
    const group = (...children: HTMLElement[]) => make('div', { class: 'jp-glnb-graph-group' }, ...children);
    this._list = this._button('list', _trans.__('Show as a list'), () => this._actions.list());
    this.node.appendChild(
      make(
        'div',
        { class: 'jp-glnb-graph-row' },
        this._graphs,
        make('div', { class: 'jp-glnb-graph-finder' }, this._search, this._found),
        this._list
      )
    );
    this.node.appendChild(
      make(
        'div',
        { class: 'jp-glnb-graph-row' },
        group(
          this._button('fit', _trans.__('Fit the graph into the view'), () => _actions.fit()),
          this._button('farther', _trans.__('Zoom out'), () => _actions.zoom(1 / 1.4)),
          this._button('nearer', _trans.__('Zoom in'), () => _actions.zoom(1.4))
        ),
        this._coloring,
        group(
          (this._fold = this._button('fold', _trans.__('Fold repeated parts into one box'), () =>
            _store.set({ fold: !_store.settings.fold })
          )),
          (this._trace = this._button('trace', _trans.__('Trace inputs and outputs of what is selected'), () =>
            _store.set({ trace: !_store.settings.trace })
          )),
          (this._only = this._button('only', _trans.__('Show only what the selected operation needs'), () =>
            _store.setOnly(_store.only >= 0 ? -1 : _store.op)
          ))
        ),
        group(
          this._opener('aside', _trans.__('Set aside'), () => asideList(_store, _trans)),
          this._opener('types', _trans.__('Hide operations by type'), () => typeList(_store, _trans)),
          this._opener('more', _trans.__('More'), () => this._more())
        )
      )
    );
    this._wait = make('div', { class: 'jp-glnb-graph-chip jp-glnb-graph-wait', attributes: { role: 'status' } });
    this._wait.hidden = true;
    this.node.appendChild(this._wait);
    _store.changed.connect(this._onChange, this);
    this._refresh();
    this._listGraphs();
  }

  /** Puts the keyboard into the search field. */
  focusSearch(): void {
    this._search.focus();
    this._search.select();
  }

  /** Empties the search field and forgets what was found. */
  clearSearch(): void {
    this._search.value = '';
    this._searchNow();
  }

  setListed(listed: boolean): void {
    this._list.setAttribute('aria-pressed', String(listed));
  }

  dispose(): void {
    if (!this.isDisposed) {
      window.clearTimeout(this._timer);
      this._popup.dispose();
      Signal.disconnectReceiver(this);
      super.dispose();
    }
  }

  private _coloringNames(): { [name in Coloring]: string } {
    const { _trans: trans } = this;
    return {
      none: trans.__('No colour'),
      structure: trans.__('Structure'),
      device: trans.__('Device'),
      dtype: trans.__('Type of data'),
      time: trans.__('Run time'),
      memory: trans.__('Memory')
    };
  }

  private _button(icon: Icon, label: string, press: () => void): HTMLButtonElement {
    return iconButton(icon, label, press);
  }

  private _opener(icon: Icon, label: string, content: () => HTMLElement): HTMLButtonElement {
    const button = iconButton(icon, label, () => this._popup.toggle(button, content));
    button.setAttribute('aria-haspopup', 'true');
    button.setAttribute('aria-expanded', 'false');
    return button;
  }

  private _more(): HTMLElement {
    const { _trans: trans, _store: store, _actions: actions } = this;
    const open = (depth: number): IEntry => ({
      text: depth === 1 ? trans.__('Open scopes of the first level') : trans.__('Open scopes down to level %1', depth),
      press: () => store.openTo(depth)
    });
    return menuOf(
      trans.__('More'),
      [
        { text: trans.__('Close all scopes'), press: () => store.openTo(0) },
        open(1),
        open(2),
        open(3),
        { text: trans.__('Open all scopes'), press: () => store.openTo(Infinity) },
        { text: trans.__('Save as SVG'), press: () => actions.save('svg'), apart: true, disabled: !store.picture },
        { text: trans.__('Save as PNG'), press: () => actions.save('png'), disabled: !store.picture },
        { text: trans.__('Save as JSON'), press: () => actions.save('json'), disabled: !store.graph }
      ],
      () => this._popup.close()
    );
  }

  private _onChange(sender: GraphStore, change: Change): void {
    if (change === 'list' || change === 'graph') {
      this._listGraphs();
    }
    if (change === 'graph') {
      this._popup.close();
      this._count = 0;
    }
    if (this._store.only !== this._neededBy) {
      this._neededBy = this._store.only;
      if (this._neededBy >= 0) {
        this.clearSearch(); // what is needed would fade beside what was found
      }
    }
    if (change === 'placed' && this._store.seeksDevice) {
      this._searchSoon();
    }
    if (change === 'picture' && this._search.value !== '' && this._store.nodes.length !== this._count) {
      this._searchSoon();
    }
    this._refresh();
  }

  private _listGraphs(): void {
    const graphs = [...this._model.graphs.values()];
    this._graphs.hidden = graphs.length < 2;
    const texts = graphs.map(({ info }) => {
      const label = info.labels.join(', ') || (info.default ? this._trans.__('Default graph') : info.id);
      const size = info.size.toLocaleString();
      return (info.failed ?? info.fault)
        ? this._trans.__('%1 (%2), failed', label, size)
        : this._trans.__('%1 (%2)', label, size);
    });
    const key = JSON.stringify([texts, this._store.id]);
    if (key !== this._graphsKey) {
      // Only what changed: a list that is open must not close with every chunk.
      this._graphsKey = key;
      this._graphs.replaceChildren(
        ...graphs.map(({ info }, k) => make('option', { text: texts[k], attributes: { value: info.id } }))
      );
      this._graphs.value = this._store.id;
      this._graphs.title = texts[this._graphs.selectedIndex] ?? '';
    }
  }

  private _refresh(): void {
    const { settings, op, only, hits, hit } = this._store;
    this._coloring.value = settings.coloring;
    this._fold.setAttribute('aria-pressed', String(settings.fold));
    this._trace.setAttribute('aria-pressed', String(settings.trace));
    this._only.setAttribute('aria-pressed', String(only >= 0));
    this._only.disabled = only < 0 && op < 0;
    const waits = this._search.value.trim() !== '' && hits.length === 0 && isBuilding(this._store);
    const grows = this._store.nodes.length < (this._store.graph?.info.size ?? 0);
    const wait = waits && !this._problem ? this._trans.__('Not found yet: the graph is still being built.') : '';
    if (this._wait.textContent !== wait) {
      this._wait.hidden = wait === '';
      this._wait.replaceChildren(make('span', { text: wait }));
    }
    const text =
      this._problem ||
      (this._search.value.trim() === ''
        ? ''
        : hits.length === 0
          ? waits
            ? this._trans.__('not yet')
            : this._trans.__('nothing')
          : hit >= 0
            ? grows
              ? this._trans.__('%1 of %2 so far', hit + 1, hits.length)
              : this._trans.__('%1 of %2', hit + 1, hits.length)
            : grows
              ? this._trans.__('%1 so far', hits.length)
              : this._trans.__('%1 found', hits.length));
    if (this._found.textContent !== text) {
      this._found.textContent = text;
      this._found.title = this._problem;
    }
  }

  private _searchSoon(): void {
    window.clearTimeout(this._timer);
    this._timer = window.setTimeout(() => this._searchNow(), 120);
  }

  private _searchNow(): void {
    window.clearTimeout(this._timer);
    this._timer = 0;
    const text = this._search.value;
    this._store.seeksDevice = /(^|\s)device:\S/i.test(text);
    const found = text.trim() === '' ? [] : searchIn(this._store, text);
    this._count = this._store.nodes.length;
    this._problem = Array.isArray(found) ? '' : found.problem;
    this._search.setAttribute('aria-invalid', String(this._problem !== ''));
    this._store.find(Array.isArray(found) ? found : []);
    this._refresh();
    if (this._store.hits.length > 0 && this._entered === text) {
      this._entered = null;
      this._store.next(1);
    } else if (this._store.hits.length > 0 && document.activeElement === this._search) {
      this._popup.open(this._search, hitList(this._store, this._trans), false);
    } else if (this._popup.owner === this._search) {
      this._popup.close();
    }
  }

  private _searchKey(event: KeyboardEvent): void {
    if (event.key === 'Enter') {
      if (this._timer !== 0) {
        this._searchNow();
      }
      this._popup.close();
      // Of a graph that still comes nothing may be found yet.
      this._entered = this._store.hits.length === 0 ? this._search.value : null;
      this._store.next(event.shiftKey ? -1 : 1);
    } else if (event.key === 'ArrowDown' && this._popup.owner === this._search) {
      this._popup.enter();
    } else if (event.key === 'Escape') {
      this.clearSearch();
      this._actions.leaveSearch();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  private _popup: Popup;
  private _graphs: HTMLSelectElement;
  private _search: HTMLInputElement;
  private _found: HTMLElement;
  private _wait: HTMLElement;
  private _coloring: HTMLSelectElement;
  private _list: HTMLButtonElement;
  private _fold: HTMLButtonElement;
  private _trace: HTMLButtonElement;
  private _only: HTMLButtonElement;
  private _graphsKey = '';
  private _problem = '';
  private _count = 0;
  /** The operation whose needs alone were shown last, or -1. */
  private _neededBy = -1;
  private _timer = 0;
  /** What Enter was pressed for while nothing was found. */
  private _entered: string | null = null;
}
