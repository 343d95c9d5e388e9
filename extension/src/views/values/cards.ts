import { Message } from '@lumino/messaging';
import { Signal } from '@lumino/signaling';
import { PanelLayout, Widget } from '@lumino/widgets';
import { IViewOptions } from '../view';
import { TensorCard } from './card';
import { make } from './dom';

let count = 0;

/** Opened tensors as tabs; only the one that is seen costs anything. */
export class Cards extends Widget {
  constructor(options: IViewOptions, changed: () => void) {
    super();
    this.addClass('jp-glnb-values-cards');
    this._options = options;
    this._changed = changed;
    this._prefix = `jp-glnb-values-${++count}`;
    this._tabs = make('div', 'jp-glnb-values-tabs');
    this._tabs.setAttribute('role', 'tablist');
    this._tabs.setAttribute('aria-label', options.trans.__('Opened tensors'));
    this._tabs.addEventListener('keydown', this._onKey);
    this._stack = new PanelLayout();
    this.layout = this._stack;
    this._stack.addWidget(new Widget({ node: this._tabs }));
  }

  /** Names of the opened tensors, in the order of the tabs. */
  get names(): string[] {
    return this._cards.map(card => card.tensor);
  }

  get active(): string | null {
    return this._cards.find(card => !card.isHidden)?.tensor ?? null;
  }

  get all(): readonly TensorCard[] {
    return this._cards;
  }

  dispose(): void {
    if (!this.isDisposed) {
      Signal.disconnectReceiver(this);
      super.dispose();
    }
  }

  /** Replaces all cards, as for another session. */
  restore(session: string, names: readonly string[], active: string | null): void {
    this._cards.forEach(card => card.dispose());
    this._cards = [];
    this._session = session;
    names.forEach(name => this._add(name));
    this._activate(active !== null && names.includes(active) ? active : (names[0] ?? null));
  }

  /** Opens a tensor, or shows it where it is open. */
  open(tensor: string): void {
    if (!this.names.includes(tensor)) {
      this._add(tensor);
    }
    this._activate(tensor);
    this._changed();
  }

  closeTensor(tensor: string): void {
    const place = this.names.indexOf(tensor);
    if (place < 0) {
      return;
    }
    const focused = this.node.contains(document.activeElement);
    const active = this.active;
    this._cards[place].dispose();
    this._cards.splice(place, 1);
    const names = this.names;
    this._activate(active === tensor ? (names[Math.min(place, names.length - 1)] ?? null) : active);
    if (focused) {
      this._tabs.querySelector<HTMLElement>('[aria-selected="true"]')?.focus();
    }
    this._changed();
  }

  protected onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this._bringTab();
  }

  protected onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this._bringTab();
  }

  protected onResize(message: Widget.ResizeMessage): void {
    super.onResize(message);
    this._bringTab();
  }

  /** Scrolls the tab of the tensor that is shown into sight. */
  private _bringTab(): void {
    const tab = this._tabs.querySelector<HTMLElement>('[aria-selected="true"]');
    if (tab) {
      const [all, one] = [this._tabs, tab].map(node => node.getBoundingClientRect());
      const before = one.left - all.left;
      const behind = one.right - all.right;
      this._tabs.scrollLeft += before < 0 ? before : Math.max(0, Math.min(before, behind));
    }
  }

  private _add(tensor: string): void {
    const card = new TensorCard(this._options, this._session, tensor, () => this.closeTensor(tensor));
    card.id = `${this._prefix}-card-${++count}`;
    card.node.setAttribute('role', 'tabpanel');
    card.hide();
    this._cards.push(card);
    this._stack.addWidget(card);
  }

  private _activate(tensor: string | null): void {
    for (const card of this._cards) {
      if (card.tensor !== tensor) {
        card.hide();
      }
    }
    this._cards.find(card => card.tensor === tensor)?.show();
    this._writeTabs();
  }

  private _writeTabs(): void {
    const active = this.active;
    const focused = this._tabs.contains(document.activeElement);
    const tabs = this._cards.map(card => {
      const tab = make('button', 'jp-glnb-values-tab', shortName(card.tensor));
      tab.type = 'button';
      tab.title = card.tensor;
      tab.id = `${card.id}-tab`;
      tab.setAttribute('role', 'tab');
      tab.setAttribute('aria-selected', String(card.tensor === active));
      tab.setAttribute('aria-controls', card.id);
      tab.tabIndex = card.tensor === active ? 0 : -1;
      tab.addEventListener('click', () => {
        this._activate(card.tensor);
        this._changed();
      });
      tab.addEventListener('auxclick', event => {
        if (event.button === 1) {
          this.closeTensor(card.tensor);
        }
      });
      card.node.setAttribute('aria-labelledby', tab.id);
      return tab;
    });
    this._tabs.replaceChildren(...tabs);
    this._tabs.hidden = tabs.length < 2;
    this._bringTab();
    if (focused) {
      this._tabs.querySelector<HTMLElement>('[aria-selected="true"]')?.focus();
    }
  }

  private _onKey = (event: KeyboardEvent): void => {
    const names = this.names;
    const place = names.indexOf(this.active ?? '');
    const steps: { [key: string]: number } = {
      ArrowLeft: place - 1,
      ArrowRight: place + 1,
      Home: 0,
      End: names.length - 1
    };
    if (event.key === 'Delete' && place >= 0) {
      this.closeTensor(names[place]);
    } else if (event.key in steps && names.length) {
      this._activate(names[(steps[event.key] + names.length) % names.length]);
      this._changed();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };

  private _options: IViewOptions;
  private _changed: () => void;
  private _prefix: string;
  private _session = '';
  private _cards: TensorCard[] = [];
  private _tabs: HTMLElement;
  private _stack: PanelLayout;
}

/** The last two parts of a name, which tell it apart from others on a narrow tab. */
export function shortName(name: string): string {
  const parts = name.split('/');
  return parts.length > 2 ? `…/${parts.slice(-2).join('/')}` : name;
}
