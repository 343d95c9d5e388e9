import { make } from './dom';

/** An entry of a menu; one with `checked` is a switch. */
export interface IEntry {
  text: string;
  press: () => void;
  checked?: boolean;
  disabled?: boolean;
  /** Whether a line is drawn above it. */
  apart?: boolean;
}

/** One pane below a button, for menus and lists: Escape or a click elsewhere closes it. */
export class Popup {
  constructor(private _container: HTMLElement) {
    const { signal } = this._abort;
    document.addEventListener('pointerdown', event => this._outside(event.target), { signal, capture: true });
    _container.addEventListener('focusin', event => this._outside(event.target), { signal });
    _container.addEventListener('keydown', event => this._key(event), { signal, capture: true });
  }

  /** The button whose pane is open, or null. */
  get owner(): HTMLElement | null {
    return this._owner;
  }

  /** Opens a pane below a button, or closes it where it is open. */
  toggle(owner: HTMLElement, content: () => HTMLElement): void {
    if (this._owner === owner) {
      this.close();
    } else {
      this.open(owner, content(), true);
    }
  }

  open(owner: HTMLElement, content: HTMLElement, focus: boolean): void {
    this.close();
    const pane = make('div', { class: 'jp-glnb-graph-popup' }, content);
    this._container.appendChild(pane);
    const [at, around] = [owner.getBoundingClientRect(), this._container.getBoundingClientRect()];
    const left = Math.min(at.left - around.left, around.width - pane.offsetWidth - 6);
    pane.style.left = `${Math.max(6, left)}px`;
    pane.style.top = `${at.bottom - around.top + 2}px`;
    pane.style.maxHeight = `${Math.max(120, around.height - (at.bottom - around.top) - 12)}px`;
    this._expand(owner, true);
    this._owner = owner;
    this._pane = pane;
    if (focus) {
      focusables(pane)[0]?.focus();
    }
  }

  close(): void {
    const inside = this._pane?.contains(document.activeElement);
    const owner = this._owner;
    if (owner) {
      this._expand(owner, false);
    }
    this._owner = null;
    this._pane?.remove();
    this._pane = null;
    if (inside) {
      owner?.focus();
    }
  }

  /** Moves the keyboard into the pane. */
  enter(): void {
    if (this._pane) {
      focusables(this._pane)[0]?.focus();
    }
  }

  dispose(): void {
    this._abort.abort();
    this._pane?.remove();
  }

  /** A search field says what it found in words; it has nothing that is expanded. */
  private _expand(owner: HTMLElement, expanded: boolean): void {
    if (owner instanceof HTMLButtonElement) {
      owner.setAttribute('aria-expanded', String(expanded));
    }
  }

  private _outside(target: EventTarget | null): void {
    if (this._pane && target instanceof Node && !this._pane.contains(target) && !this._owner?.contains(target)) {
      this.close();
    }
  }

  private _key(event: KeyboardEvent): void {
    const pane = this._pane;
    if (!pane) {
      return;
    }
    if (event.key === 'Escape') {
      this.close();
    } else if (pane.contains(document.activeElement) && ['ArrowDown', 'ArrowUp', 'Home', 'End'].includes(event.key)) {
      const all = focusables(pane);
      const here = all.indexOf(document.activeElement as HTMLElement);
      const next = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: all.length - 1 }[event.key] ?? 0;
      if (next < 0 && this._owner instanceof HTMLInputElement) {
        this._owner.focus();
      } else {
        all[(next + all.length) % all.length]?.focus();
      }
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  private _abort = new AbortController();
  private _owner: HTMLElement | null = null;
  private _pane: HTMLElement | null = null;
}

/** A menu for a popup; `done` is called before an entry does what it says. */
export function menuOf(label: string, entries: readonly IEntry[], done: () => void): HTMLElement {
  const menu = make('div', { class: 'jp-glnb-graph-menu', attributes: { role: 'menu', 'aria-label': label } });
  for (const entry of entries) {
    const button = make('button', {
      class: `jp-glnb-graph-entry${entry.apart ? ' jp-mod-apart' : ''}`,
      text: entry.text,
      attributes: { type: 'button', role: entry.checked === undefined ? 'menuitem' : 'menuitemcheckbox' },
      on: {
        click: () => {
          done();
          entry.press();
        }
      }
    });
    if (entry.checked !== undefined) {
      button.setAttribute('aria-checked', String(entry.checked));
    }
    button.disabled = !!entry.disabled;
    menu.appendChild(button);
  }
  return menu;
}

function focusables(pane: HTMLElement): HTMLElement[] {
  return [...pane.querySelectorAll<HTMLElement>('button:not(:disabled), input, a[href]')];
}
