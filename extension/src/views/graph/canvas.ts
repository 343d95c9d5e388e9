import { TranslationBundle } from '@jupyterlab/translation';
import { Message } from '@lumino/messaging';
import { ISignal, Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import { Theme } from '../../theme';
import { fitting, held, ICamera, IPoint, panned, showing, toPicture, zoomed } from './camera';
import { IFills } from './coloring';
import { lessMotion, make } from './dom';
import { Gestures } from './gestures';
import { actionOf } from './keys';
import { fillsOf, lookOf } from './look';
import { anchorOf, firstCamera } from './anchor';
import { Motion } from './motion';
import { Direction, neighbour } from './navigate';
import { ILook, Painter } from './painter';
import { opens, Picture, TOGGLE } from './picture';
import { Change, GraphStore } from './store';

/** More boxes than this do not travel: they are there at once. */
const TRAVELLERS = 2500;
/** A graph is not shown smaller than this at first: nobody could read it. */
const FIRST_SCALE = 0.6;

/** The graph's picture on a canvas, with camera, mouse and keyboard. */
export class GraphCanvas extends Widget {
  constructor(
    private _store: GraphStore,
    private _theme: Theme,
    private _trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-glnb-graph-canvas');
    this.canvas = make('canvas', {
      attributes: {
        tabindex: '0',
        role: 'application',
        'aria-label': _trans.__(
          'Graph. Arrow keys move along edges, Enter opens or closes, plus and minus zoom, 0 fits, slash searches, Escape clears.'
        )
      },
      on: {
        keydown: event => this._key(event as KeyboardEvent),
        focus: () => this._invalidate(),
        blur: () => this._invalidate()
      }
    });
    this.node.appendChild(this.canvas);
    this._gestures = new Gestures(this.canvas, {
      pan: (dx, dy) => this._setCamera(panned(this._motion.camera, dx, dy)),
      zoom: (at, factor) => this._setCamera(zoomed(this._motion.camera, at, factor)),
      click: at => this._click(at),
      doubleClick: at => this._doubleClick(at),
      hover: at => this._hover(at)
    });
    _store.changed.connect(this._onChange, this);
    _theme.changed.connect(this._invalidate, this);
  }

  readonly canvas: HTMLCanvasElement;

  /** Emitted when the user asks for something else than the canvas: the search field, or the card. */
  get asked(): ISignal<GraphCanvas, 'search' | 'card' | 'escape'> {
    return this._asked;
  }

  get camera(): ICamera {
    return this._motion.camera;
  }

  /** Colours of the boxes and their legend, as drawn last. */
  get fills(): IFills {
    this._refresh();
    return this._fills;
  }

  get look(): ILook {
    this._refresh();
    return this._look;
  }

  fit(): void {
    if (this._picture) {
      this._fly(fitting(this._picture.rect, this._width, this._height));
      this._touched = false;
      this._fitted = true;
      this._store.set({ camera: null });
    }
  }

  /** Zooms about the middle. */
  zoom(factor: number): void {
    const camera = zoomed(this._motion.goal, { x: this._width / 2, y: this._height / 2 }, factor);
    this._touch();
    this._fly(camera);
  }

  dispose(): void {
    if (this.isDisposed) {
      return;
    }
    cancelAnimationFrame(this._frame);
    window.clearTimeout(this._saving);
    this._gestures.dispose();
    Signal.clearData(this);
    super.dispose();
  }

  protected onAfterShow(msg: Message): void {
    this._invalidate();
  }

  protected onBeforeHide(msg: Message): void {
    this._keepCamera();
  }

  protected onResize(msg: Widget.ResizeMessage): void {
    const width = msg.width >= 0 ? msg.width : this.node.clientWidth;
    const height = msg.height >= 0 ? msg.height : this.node.clientHeight;
    if (width === this._width && height === this._height) {
      return;
    }
    this._width = width;
    this._height = height;
    if (this._picture && !this._touched && width > 0) {
      this._motion.jump(this._firstCamera(this._picture));
    }
    this._schedule();
  }

  protected onUpdateRequest(msg: Message): void {
    this._invalidate();
  }

  private _onChange(sender: GraphStore, change: Change): void {
    if (change === 'graph') {
      this._picture = null;
      this._touched = this._fitted = false;
      this._hovered = '';
    } else if (change === 'picture') {
      this._take(this._store.picture);
    } else if (change === 'selection') {
      this._bring = this._clicking ? '' : this._store.selected;
      this._bringNow();
    }
    this._invalidate();
  }

  /** Takes a new picture; what the user looks at stays where it is on the screen. */
  private _take(picture: Picture | null): void {
    const before = this._picture;
    const { _motion: motion, _store: store } = this;
    this._picture = picture;
    motion.travel(null, 0);
    if (!picture || this._width === 0) {
      return;
    }
    if (!before || before.boxes.length === 0) {
      const kept = store.settings.camera;
      this._touched = kept !== null;
      motion.jump(kept ? held(kept, picture.rect, this._width, this._height) : this._firstCamera(picture));
      return;
    }
    const seen = { ...motion.camera, w: this._width / motion.camera.scale, h: this._height / motion.camera.scale };
    const anchor = anchorOf(before, picture, seen, [store.anchor, store.selected]);
    const [from, to] = [before.boxes[before.index(anchor)], picture.boxes[picture.index(anchor)]];
    const [dx, dy] = from && to ? [to.x - from.x, to.y - from.y] : [0, 0];
    motion.shift(dx, dy);
    if (picture.boxes.length <= TRAVELLERS && !lessMotion()) {
      const places = before.boxes.map(({ id, x, y, w, h }) => [id, { x: x + dx, y: y + dy, w, h }] as const);
      motion.travel(new Map(places), performance.now());
    }
    if (!this._touched && store.anchor === '') {
      this._fly(this._firstCamera(picture));
    }
    this._bringNow();
    this._bring = '';
  }

  private _firstCamera(picture: Picture): ICamera {
    return firstCamera(picture, this._width, this._height, this._fitted ? undefined : FIRST_SCALE);
  }

  private _bringNow(): void {
    const at = this._store.boxIndex(this._bring);
    if (this._picture && at >= 0 && this._width > 0) {
      const camera = this._motion.goal;
      // Too small to be read is not yet shown.
      const { x, y, w } = this._picture.boxes[at];
      const near = camera.scale < 0.5 ? fitting({ x, y, w, h: 40 }, this._width, this._height, 0.8, 0.8) : camera;
      const next = showing(near, this._picture.boxes[at], this._width, this._height);
      if (
        next.x !== this._motion.camera.x ||
        next.y !== this._motion.camera.y ||
        next.scale !== this._motion.camera.scale
      ) {
        this._touch();
        this._fly(next);
      }
    }
  }

  private _setCamera(camera: ICamera): void {
    if (!this._picture) {
      return;
    }
    this._motion.jump(held(camera, this._picture.rect, this._width, this._height));
    this._touch();
    this._schedule();
  }

  private _touch(): void {
    this._touched = true;
    this._fitted = false;
    this._bring = '';
    window.clearTimeout(this._saving);
    this._saving = window.setTimeout(() => this._keepCamera(), 500);
  }

  private _keepCamera(): void {
    window.clearTimeout(this._saving);
    if (this._touched && this._picture && this._store.graph) {
      this._store.set({ camera: this._motion.goal });
    }
  }

  private _fly(to: ICamera): void {
    if (lessMotion() || !this.isVisible) {
      this._motion.jump(to);
    } else {
      this._motion.fly(to, performance.now());
    }
    this._schedule();
  }

  private _boxAt(at: IPoint): number {
    const { x, y } = toPicture(this._motion.camera, at);
    return this._picture?.hit(x, y) ?? -1;
  }

  private _click(at: IPoint): void {
    this.canvas.focus({ preventScroll: true });
    const placed = this._picture?.boxes[this._boxAt(at)];
    this._clicking = true;
    this._store.select(placed?.id ?? '');
    this._clicking = false;
    if (placed && opens(placed.box)) {
      const { x, y } = toPicture(this._motion.camera, at);
      if (x - placed.x < TOGGLE && y - placed.y < TOGGLE) {
        this._toggledAt = performance.now();
        this._store.toggle(placed.id);
      }
    }
  }

  private _doubleClick(at: IPoint): void {
    const placed = this._picture?.boxes[this._boxAt(at)];
    // Both clicks of it may have been on the small plus.
    if (placed && performance.now() - this._toggledAt > 500) {
      this._store.toggle(placed.id);
    }
  }

  private _hover(at: IPoint | null): void {
    const index = at ? this._boxAt(at) : -1;
    const placed = this._picture?.boxes[index];
    const id = placed?.id ?? '';
    let onToggle = false;
    if (at && placed && opens(placed.box)) {
      const { x, y } = toPicture(this._motion.camera, at);
      onToggle = x - placed.x < TOGGLE && y - placed.y < TOGGLE;
    }
    this.canvas.style.cursor = onToggle ? 'pointer' : id ? 'default' : 'grab';
    if (id !== this._hovered) {
      this._hovered = id;
      this.canvas.title = this._titleOf(id);
      this._schedule();
    }
  }

  private _titleOf(id: string): string {
    const op = this._store.opOf(id);
    if (op >= 0 && op === this._store.failed) {
      return this._store.graph?.info.failed?.message ?? '';
    }
    return id;
  }

  private _key(event: KeyboardEvent): void {
    const action = actionOf(event);
    if (action === null) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    switch (action) {
      case 'enter':
        return this._enter();
      case 'nearer':
        return this.zoom(1.3);
      case 'farther':
        return this.zoom(1 / 1.3);
      case 'fit':
        return this.fit();
      case 'search':
      case 'escape':
        return this._asked.emit(action);
      default:
        return this._step(action);
    }
  }

  private _enter(): void {
    const placed = this._picture?.boxes[this._store.boxIndex(this._store.selected)];
    if (placed && opens(placed.box)) {
      this._store.toggle(placed.id);
    } else if (placed) {
      this._asked.emit('card');
    }
  }

  private _step(direction: Direction): void {
    if (this._picture) {
      const next = neighbour(this._picture, this._store.boxIndex(this._store.selected), direction);
      if (next >= 0) {
        this._store.select(this._picture.boxes[next].id);
      }
    }
  }

  private _invalidate(): void {
    this._stale = true;
    this._schedule();
  }

  private _refresh(): void {
    if (this._stale) {
      this._stale = false;
      this._fills = fillsOf(this._store, this._theme.colors, this._trans);
      this._look = lookOf(this._store, this._theme.colors, this._fills.fills, false);
    }
  }

  private _schedule(): void {
    if (this._frame === 0 && this.isVisible && !this.isDisposed) {
      this._frame = requestAnimationFrame(() => this._draw());
    }
  }

  private _draw(): void {
    this._frame = 0;
    const context = this.isVisible && this._width > 0 ? this.canvas.getContext('2d') : null;
    if (!context) {
      return;
    }
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(this._width * ratio), Math.round(this._height * ratio)];
    if (this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
    }
    this._refresh();
    this._motion.step(performance.now(), this._width, this._height);
    if (this._picture) {
      this._painter.paint(context, this._picture, this._motion.camera, this._width, this._height, ratio, {
        ...this._look,
        hovered: this._hovered === '' ? -1 : this._picture.index(this._hovered),
        before: this._motion.before,
        progress: this._motion.progress,
        focused: document.activeElement === this.canvas
      });
    } else {
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.fillStyle = this._theme.colors.background;
      context.fillRect(0, 0, width, height);
    }
    if (this._motion.moving) {
      this._schedule();
    }
  }

  private _asked = new Signal<this, 'search' | 'card' | 'escape'>(this);
  private _gestures: Gestures;
  private _painter = new Painter();
  private _picture: Picture | null = null;
  private _motion = new Motion();
  private _look!: ILook;
  private _fills: IFills = { fills: [], entries: [], scale: false, unmeasured: false };
  private _stale = true;
  private _touched = false;
  private _fitted = false;
  private _clicking = false;
  private _toggledAt = -1e9;
  private _hovered = '';
  private _bring = '';
  private _width = 0;
  private _height = 0;
  private _frame = 0;
  private _saving = 0;
}
