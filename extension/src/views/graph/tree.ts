import { TranslationBundle } from '@jupyterlab/translation';
import { Message } from '@lumino/messaging';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import { make } from './dom';
import { describe, shapeText } from './facts';
import { Change } from './change';
import { GraphStore } from './store';
import { hiddenOps } from './look';
import { Slices } from './slices';
import { ITree, ITreeItem, rowsOf, treeSteps } from './treerows';

const ROW = 24;
/** Rows above and below those in sight that are there as well, so that scrolling shows no gaps. */
const SPARE = 8;

/** The graph as a tree of scopes and operations, for the keyboard and screen readers. Only rows in sight are in the page. */
export class GraphTree extends Widget {
  constructor(
    private _store: GraphStore,
    private _trans: TranslationBundle,
    private _escape: () => void
  ) {
    super();
    this.addClass('jp-glnb-graph-tree');
    this._sheet = make('div', {
      class: 'jp-glnb-graph-tree-sheet',
      attributes: { role: 'tree', 'aria-label': _trans.__('Scopes and operations of the graph') },
      on: {
        keydown: event => this._key(event as KeyboardEvent),
        click: event => this._click(event),
        dblclick: event => this._toggle(this._rowOf(event))
      }
    });
    this.node.appendChild(this._sheet);
    this.node.addEventListener('scroll', this._schedule);
    _store.changed.connect(this._onChange, this);
  }

  /** Puts the keyboard on the selected row, or the first. */
  focusRow(): void {
    this._draw();
    this._elements.get(this._current)?.focus();
  }

  dispose(): void {
    if (!this.isDisposed) {
      cancelAnimationFrame(this._frame);
      this._slices.cancel();
      this.node.removeEventListener('scroll', this._schedule);
      Signal.disconnectReceiver(this);
      super.dispose();
    }
  }

  protected onAfterShow(msg: Message): void {
    this._rebuild();
    this._follow();
    this._draw();
  }

  protected onAfterHide(msg: Message): void {
    if (this._slices.working) {
      this._slices.cancel();
      this._of = null;
    }
  }

  protected onResize(msg: Widget.ResizeMessage): void {
    this._schedule();
  }

  private _onChange(sender: GraphStore, change: Change): void {
    if (change === 'graph') {
      this._open.clear();
      this._pictured.clear();
      this._tree = { items: [], top: [], byId: new Map() };
      this._of = null;
    }
    if (!this.isVisible) {
      return;
    }
    if (change === 'picture' || change === 'graph') {
      this._rebuild();
    } else if (change === 'selection') {
      this._follow();
    }
    this._schedule();
  }

  /** Makes rows anew, and before that the tree where the graph has changed: of large graphs the earlier one stays a moment. */
  private _rebuild(): void {
    const { nodes } = this._store;
    if (this._of === nodes) {
      this._refill();
      return;
    }
    this._of = nodes;
    this._slices.run(treeSteps(nodes, hiddenOps(this._store)), tree => {
      const open = [...this._open].map(at => this._tree.items[at].id);
      this._open = new Set(open.flatMap(id => tree.byId.get(id) ?? []));
      this._tree = tree;
      this._refill();
      this._follow();
    });
  }

  /** Opens and closes what was opened and closed in the picture since the last time. */
  private _openAsPictured(): void {
    const boxes = this._store.picture?.boxes ?? [];
    const now = new Set(boxes.flatMap(({ id, box }) => (box.open && this._tree.byId.has(id) ? [id] : [])));
    const item = (id: string) => this._tree.byId.get(id) as number;
    now.forEach(id => this._pictured.has(id) || this._open.add(item(id)));
    this._pictured.forEach(id => now.has(id) || this._open.delete(item(id)));
    this._pictured = now;
  }

  /** Makes the rows anew; the keyboard stays where it is. */
  private _refill(): void {
    this._openAsPictured();
    const focused = this._sheet.contains(document.activeElement);
    this._fill();
    this._schedule();
    if (focused) {
      this._draw();
      this._elements.get(this._current)?.focus({ preventScroll: true });
    }
  }

  private _fill(): void {
    this._rows = rowsOf(this._tree, this._open);
    this._sheet.style.height = `${Math.max(1, this._rows.length) * ROW}px`;
    const current = this._tree.byId.get(this._currentId);
    this._current = Math.max(0, current === undefined ? -1 : this._rows.indexOf(current));
    this._elements.forEach(element => element.remove());
    this._elements.clear();
  }

  /** Goes to what is selected, opening what is around it. */
  private _follow(): void {
    const { _store: store } = this;
    const op = store.op;
    const id = op >= 0 ? store.nodes[op].name : store.selected;
    const at = this._tree.byId.get(id);
    if (at === undefined || id === this._currentId) {
      return;
    }
    const focused = this._sheet.contains(document.activeElement);
    this._currentId = id;
    for (let up = this._tree.items[at].parent; up >= 0; up = this._tree.items[up].parent) {
      this._open.add(up);
    }
    this._fill();
    this._show(focused);
  }

  private _show(focus: boolean): void {
    const top = this._current * ROW;
    const { scrollTop, clientHeight } = this.node;
    if (top < scrollTop) {
      this.node.scrollTop = top;
    } else if (top + ROW > scrollTop + clientHeight) {
      this.node.scrollTop = top + ROW - clientHeight;
    }
    this._draw();
    if (focus) {
      this._elements.get(this._current)?.focus({ preventScroll: true });
    }
  }

  private _schedule = (): void => {
    if (this._frame === 0 && this.isVisible) {
      this._frame = requestAnimationFrame(() => {
        this._frame = 0;
        this._draw();
      });
    }
  };

  private _draw(): void {
    const { scrollTop, clientHeight } = this.node;
    const first = Math.max(0, Math.floor(scrollTop / ROW) - SPARE);
    const last = Math.min(this._rows.length, Math.ceil((scrollTop + (clientHeight || 600)) / ROW) + SPARE);
    for (const [row, element] of this._elements) {
      // The row that has the keyboard stays, however far it is scrolled away: focus must not be lost.
      if ((row < first || row >= last) && row !== this._current) {
        element.remove();
        this._elements.delete(row);
      }
    }
    for (let row = first; row < last; row++) {
      this._row(row);
    }
    if (this._rows.length > 0) {
      this._row(this._current);
    }
    const selected = this._selectedItem();
    for (const [row, element] of this._elements) {
      element.tabIndex = row === this._current ? 0 : -1;
      element.setAttribute('aria-selected', String(this._rows[row] === selected));
    }
  }

  private _selectedItem(): number {
    const { op, selected, nodes } = this._store;
    return this._tree.byId.get(op >= 0 ? nodes[op].name : selected) ?? -1;
  }

  private _row(row: number): void {
    if (this._elements.has(row)) {
      return;
    }
    const item = this._tree.items[this._rows[row]];
    const { parent, level, place, op, children, id } = item;
    const siblings = parent < 0 ? this._tree.top : this._tree.items[parent].children;
    const node = this._store.nodes[op];
    const element = make(
      'div',
      {
        class: 'jp-glnb-graph-tree-row',
        attributes: {
          role: 'treeitem',
          'aria-level': String(level),
          'aria-posinset': String(place),
          'aria-setsize': String(siblings.length)
        },
        title: node ? describe(this._store.nodes, this._store.readers, op, this._trans) : id
      },
      make('span', {
        class: 'jp-glnb-graph-twist',
        attributes: { 'aria-hidden': 'true' },
        text: children.length > 0 ? (this._open.has(this._rows[row]) ? '▾' : '▸') : ''
      }),
      make('span', { class: 'jp-glnb-graph-grow', text: item.label }),
      make('span', { class: 'jp-glnb-graph-faint', text: this._about(item) })
    );
    if (children.length > 0) {
      element.setAttribute('aria-expanded', String(this._open.has(this._rows[row])));
    }
    element.style.top = `${row * ROW}px`;
    element.style.paddingLeft = `${4 + Math.min(level - 1, 20) * 14}px`;
    element.dataset.row = String(row);
    this._elements.set(row, element);
    // In the page's order, as screen readers go through it.
    const next = [...this._elements.keys()].filter(other => other > row).reduce((a, b) => Math.min(a, b), Infinity);
    this._sheet.insertBefore(element, this._elements.get(next) ?? null);
  }

  /** What stands behind an item's name. */
  private _about({ op, children }: ITreeItem): string {
    const node = this._store.nodes[op];
    if (!node) {
      return this._trans._n('%1 entry', '%1 entries', children.length);
    }
    const shape = node.outputs[0]?.shape;
    return shape && shape.length > 0 && shape.length < 6 ? `${node.type} ${shapeText(shape)}` : node.type;
  }

  private _rowOf(event: Event): number {
    const element = (event.target as Element | null)?.closest<HTMLElement>('[data-row]');
    return element ? Number(element.dataset.row) : -1;
  }

  private _click(event: Event): void {
    const row = this._rowOf(event);
    if (row >= 0) {
      const twist = (event.target as Element).classList.contains('jp-glnb-graph-twist');
      this._go(row);
      if (twist) {
        this._toggle(row);
      }
    }
  }

  private _go(row: number): void {
    const at = this._rows[Math.min(this._rows.length - 1, Math.max(0, row))];
    if (at !== undefined) {
      this._current = this._rows.indexOf(at);
      this._currentId = this._tree.items[at].id;
      this._store.select(this._currentId);
      this._show(true);
    }
  }

  private _toggle(row: number): void {
    const item: ITreeItem | undefined = this._tree.items[this._rows[row]];
    if (!item || item.children.length === 0) {
      return;
    }
    if (!this._open.delete(this._rows[row])) {
      this._open.add(this._rows[row]);
    }
    const focused = this._sheet.contains(document.activeElement);
    this._fill();
    this._show(focused);
  }

  private _key(event: KeyboardEvent): void {
    const row = this._current;
    const item: ITreeItem | undefined = this._tree.items[this._rows[row]];
    if (!item || event.ctrlKey || event.altKey || event.metaKey) {
      return;
    }
    const folded = item.children.length > 0 && !this._open.has(this._rows[row]);
    const page = Math.max(1, Math.floor(this.node.clientHeight / ROW) - 1);
    const to: { [key: string]: number } = {
      ArrowDown: row + 1,
      ArrowUp: row - 1,
      Home: 0,
      End: this._rows.length - 1,
      PageDown: row + page,
      PageUp: row - page
    };
    if (event.key in to) {
      this._go(to[event.key]);
    } else if (event.key === 'ArrowRight') {
      if (folded) {
        this._toggle(row);
      } else if (item.children.length > 0) {
        this._go(row + 1);
      }
    } else if (event.key === 'ArrowLeft') {
      if (item.children.length > 0 && !folded) {
        this._toggle(row);
      } else if (item.parent >= 0) {
        this._go(this._rows.indexOf(item.parent));
      }
    } else if (event.key === 'Enter' || event.key === ' ') {
      this._go(row);
      this._toggle(this._current);
    } else if (event.key === 'Escape') {
      this._escape();
    } else if (event.key.length === 1) {
      this._type(event.key);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  /** Goes to the next row that begins with a letter. */
  private _type(letter: string): void {
    const starts = (at: number) => this._tree.items[at].label.toLowerCase().startsWith(letter.toLowerCase());
    const after = this._rows.findIndex((at, row) => row > this._current && starts(at));
    const next = after >= 0 ? after : this._rows.findIndex(starts);
    if (next >= 0) {
      this._go(next);
    }
  }

  private _sheet: HTMLElement;
  private _tree: ITree = { items: [], top: [], byId: new Map() };
  private _of: GraphStore['nodes'] | null = null;
  private _slices = new Slices();
  private _rows: number[] = [];
  private _open = new Set<number>();
  /** Paths of the scopes that were open in the picture when it was looked at last. */
  private _pictured = new Set<string>();
  private _elements = new Map<number, HTMLElement>();
  private _current = 0;
  private _currentId = '';
  private _frame = 0;
}
