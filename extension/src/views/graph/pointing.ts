import { ICamera, IPoint, toPicture } from './camera';
import { titleOf } from './look';
import { IPlaced, opens, Picture, TOGGLE } from './picture';
import { GraphStore } from './store';

/** What clicks and the mouse's way over the picture do. Points are on the screen, from the canvas's corner. */
export class Pointing {
  /** Id of the box that the mouse is over, or ''. */
  hovered = '';
  /** Whether what is selected was just clicked, so that a second click may follow. */
  clicking = false;

  constructor(
    private _store: GraphStore,
    private _canvas: HTMLCanvasElement,
    private _seen: () => { picture: Picture | null; camera: ICamera },
    private _redraw: () => void
  ) {}

  /** Selects a box, or opens or closes it by its plus or minus; a click beside all boxes selects nothing. */
  click(at: IPoint): void {
    this._canvas.focus({ preventScroll: true });
    const placed = this._boxAt(at);
    if (placed && this._onToggle(placed, at)) {
      this._toggledAt = performance.now();
      this._store.toggle(placed.id);
      return;
    }
    this.clicking = true;
    this._store.select(placed?.id ?? '');
    this.clicking = false;
  }

  doubleClick(at: IPoint): void {
    const placed = this._boxAt(at);
    // Both clicks of it may have been on the small plus.
    if (placed && performance.now() - this._toggledAt > 500) {
      this._store.toggle(placed.id);
    }
  }

  /** Follows the mouse; null where it left. */
  hover(at: IPoint | null): void {
    const placed = at ? this._boxAt(at) : undefined;
    const id = placed?.id ?? '';
    this._canvas.style.cursor = at && placed ? (this._onToggle(placed, at) ? 'pointer' : 'default') : 'grab';
    if (id !== this.hovered) {
      this.hovered = id;
      this._canvas.title = titleOf(this._store, id);
      this._redraw();
    }
  }

  private _boxAt(at: IPoint): IPlaced | undefined {
    const { picture, camera } = this._seen();
    const { x, y } = toPicture(camera, at);
    return picture?.boxes[picture.hit(x, y)];
  }

  private _onToggle(placed: IPlaced, at: IPoint): boolean {
    const { x, y } = toPicture(this._seen().camera, at);
    return opens(placed.box) && x - placed.x < TOGGLE && y - placed.y < TOGGLE;
  }

  private _toggledAt = -1e9;
}
