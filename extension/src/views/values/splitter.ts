import { make } from './dom';

/** A border between two areas, moved with the mouse or the arrow keys; it says what share the first area has. */
export class Splitter {
  constructor(label: string, share: number, changed: (share: number) => void) {
    this.node = make('div', 'jp-glnb-values-splitter');
    this.node.setAttribute('role', 'separator');
    this.node.setAttribute('aria-label', label);
    this.node.setAttribute('aria-valuemin', '15');
    this.node.setAttribute('aria-valuemax', '85');
    this.node.tabIndex = 0;
    this._changed = changed;
    this._share = share;
    this.sideBySide(false);
    this._write();
    this.node.addEventListener('keydown', this._onKey);
    this.node.addEventListener('pointerdown', event => {
      event.preventDefault();
      this.node.setPointerCapture?.(event.pointerId);
      this.node.addEventListener('pointermove', this._onMove);
    });
    this.node.addEventListener('pointerup', () => this.node.removeEventListener('pointermove', this._onMove));
    this.node.addEventListener('pointercancel', () => this.node.removeEventListener('pointermove', this._onMove));
  }

  readonly node: HTMLElement;

  get share(): number {
    return this._share;
  }

  set share(share: number) {
    this._share = Number.isFinite(share) ? Math.min(Math.max(share, 0.15), 0.85) : 0.4;
    this._write();
  }

  /** Whether the areas lie beside each other. */
  sideBySide(yes: boolean): void {
    this._wide = yes;
    this.node.setAttribute('aria-orientation', yes ? 'vertical' : 'horizontal');
  }

  private _write(): void {
    this.node.setAttribute('aria-valuenow', String(Math.round(this._share * 100)));
  }

  private _move(share: number): void {
    this.share = share;
    this._changed(this._share);
  }

  private _onKey = (event: KeyboardEvent): void => {
    const by = { ArrowUp: -0.05, ArrowLeft: -0.05, ArrowDown: 0.05, ArrowRight: 0.05 }[event.key];
    if (by !== undefined) {
      event.preventDefault();
      event.stopPropagation();
      this._move(this._share + by);
    }
  };

  private _onMove = (event: PointerEvent): void => {
    const box = this.node.parentElement?.getBoundingClientRect();
    if (box && box.width > 0 && box.height > 0) {
      this._move(this._wide ? (event.clientX - box.left) / box.width : (event.clientY - box.top) / box.height);
    }
  };

  private _changed: (share: number) => void;
  private _share: number;
  private _wide = false;
}
