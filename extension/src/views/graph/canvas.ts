import { TranslationBundle } from '@jupyterlab/translation';
import { Message } from '@lumino/messaging';
import { ISignal, Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import { Measure } from '../../graph/sizes';
import { Theme } from '../../theme';
import { bringing, fitting, held, ICamera, inSight, panned, resized, seenRect, showing, zoomed } from './camera';
import { IFills } from './coloring';
import { lessMotion, make } from './dom';
import { Gestures } from './gestures';
import { actionOf } from './keys';
import { labelSteps } from './labels';
import { fillsOf, lookOf } from './look';
import { anchorOf, firstCamera, foundView, keptView } from './anchor';
import { Motion } from './motion';
import { Direction, neighbour } from './navigate';
import { ILook, moves, Painter } from './painter';
import { allClosed, IPlaced, opens, Picture } from './picture';
import { Pointing } from './pointing';
import { Slices } from './slices';
import { Change } from './change';
import { GraphStore } from './store';

/** More boxes than this do not travel: they are there at once. */
const TRAVELLERS = 2500;
/** A graph is not shown smaller than this at first: nobody could read it. */
const FIRST_SCALE = 0.6;
const LEGEND = 40;

/** The graph's picture on a canvas, with camera, mouse and keyboard. */
export class GraphCanvas extends Widget {
  constructor(
    private _store: GraphStore,
    private _theme: Theme,
    private _trans: TranslationBundle,
    private _measure: Measure
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
    this._pointing = new Pointing(
      _store,
      this.canvas,
      () => ({ picture: this._picture, camera: this._motion.camera }),
      () => this._schedule()
    );
    this._gestures = new Gestures(this.canvas, {
      pan: (dx, dy) => this._setCamera(panned(this._motion.camera, dx, dy)),
      zoom: (at, factor) => this._setCamera(zoomed(this._motion.camera, at, factor)),
      click: at => this._pointing.click(at),
      doubleClick: at => this._pointing.doubleClick(at),
      hover: at => this._pointing.hover(at)
    });
    _store.changed.connect(this._onChange, this);
    _theme.changed.connect(this._invalidate, this);
  }

  readonly canvas: HTMLCanvasElement;
  /** Whether the camera stays though something is selected. */
  still = false;

  /** Emitted when the user asks for something else than the canvas: the search field, or the card. */
  get asked(): ISignal<GraphCanvas, 'search' | 'card' | 'escape'> {
    return this._asked;
  }

  get camera(): ICamera {
    return this._motion.camera;
  }

  /** Whether what is selected was just clicked, so that a second click may follow. */
  get clicking(): boolean {
    return this._pointing.clicking;
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
      this._fly(fitting(this._picture.rect, this._width, this._height - this._below));
      this._touched = false;
      this._fitted = true;
      this._store.set({ camera: null, seen: null });
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
    this._slices.cancel();
    this._gestures.dispose();
    Signal.disconnectReceiver(this);
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
    if (width <= 0 || height <= 0 || (width === this._width && height === this._height)) {
      return;
    }
    const [wider, higher] = [width - this._width, height - this._height];
    const seen = this._seesSelected();
    this._width = width;
    this._height = height;
    if (this._picture) {
      if (this._touched && this._placed) {
        this._motion.jump(resized(this._motion.goal, wider, higher));
      } else {
        this._place(this._picture);
      }
    }
    // The card took room: what it is about must not be behind it.
    if (seen && !this._fitted && this._chosen) {
      const { goal } = this._motion;
      const next = showing(goal, this._chosen, width, height);
      if (next.x !== goal.x || next.y !== goal.y) {
        this._motion.jump(next);
        this._touched = true;
      }
    }
    this._schedule();
  }

  private _seesSelected(): boolean {
    return !!this._chosen && inSight(this._chosen, this._motion.goal, this._width, this._height);
  }

  /** The box that shows what is selected. */
  private get _chosen(): IPlaced | undefined {
    return this._picture?.boxes[this._store.boxIndex(this._store.selected)];
  }

  private _onChange(sender: GraphStore, change: Change): void {
    if (change === 'graph') {
      this._picture = null;
      this._slices.cancel();
      this._touched = this._fitted = this._placed = false;
      this._pointing.hovered = '';
    } else if (change === 'picture') {
      this._take(this._store.picture);
    } else if (change === 'selection') {
      this._bring = this._pointing.clicking || this.still ? '' : this._store.selected;
      this._bringNow();
    }
    this._invalidate();
  }

  /** Takes a new picture; what the user looks at stays where it is on the screen. */
  private _take(picture: Picture | null): void {
    const before = this._picture;
    const { _motion: motion, _store: store } = this;
    this._picture = picture;
    this._findLabels();
    motion.travel(null, 0);
    if (!picture || this._width === 0) {
      return;
    }
    if (!before || !this._placed || before.boxes.length === 0) {
      this._place(picture);
      return;
    }
    const anchor = anchorOf(before, picture, seenRect(motion.camera, this._width, this._height), [
      store.anchor,
      store.selected
    ]);
    const [from, to] = [before.boxes[before.index(anchor)], picture.boxes[picture.index(anchor)]];
    const [dx, dy] = from && to ? [to.x - from.x, to.y - from.y] : [0, 0];
    motion.shift(dx, dy);
    if (picture.boxes.length <= TRAVELLERS && !lessMotion()) {
      const places = before.boxes.map(({ id, x, y, w, h }) => [id, { x: x + dx, y: y + dy, w, h }] as const);
      const stays = places.every(([id, rect]) => !moves(picture.boxes[picture.index(id)] ?? rect, rect));
      motion.travel(stays ? null : new Map(places), performance.now());
    }
    if (store.anchor === '' && allClosed(before, picture) && this._seesLittle(picture)) {
      this.fit();
    } else if (!this._touched && store.anchor === '' && !this._findCamera(picture)) {
      this._fly(this._firstCamera(picture));
    }
    this._bringNow();
    this._bring = '';
  }

  private _seesLittle(picture: Picture): boolean {
    const { x, y, w, h } = seenRect(this._motion.goal, this._width, this._height);
    return picture.boxesIn(x, y, x + w, y + h).length < picture.boxes.length / 2;
  }

  private _findLabels(): void {
    this._labels = new Map();
    if (this._picture) {
      this._slices.run(labelSteps(this._picture, this._measure), labels => {
        this._labels = labels;
        this._invalidate();
      });
    }
  }

  /** Puts the camera where it was when the graph was seen last, else where it is at first. */
  private _place(picture: Picture): void {
    this._touched = false;
    if (this._placed || !this._findCamera(picture)) {
      this._motion.jump(this._firstCamera(picture));
    }
    this._placed = true;
  }

  /** Puts the camera where it was kept, once what it looked at is there. */
  private _findCamera(picture: Picture): boolean {
    const kept = foundView(picture, this._store.settings);
    if (kept) {
      this._touched = true;
      this._motion.jump(held(kept, picture.rect, this._width, this._height));
    }
    return kept !== null;
  }

  /** Height of the room that the legend takes. */
  private get _below(): number {
    return this._store.settings.coloring === 'none' ? 0 : Math.min(LEGEND, this._height / 4);
  }

  private _firstCamera(picture: Picture): ICamera {
    const least = this._fitted ? undefined : FIRST_SCALE;
    return firstCamera(picture, this._width, this._height - this._below, least);
  }

  private _bringNow(): void {
    const placed = this._picture?.boxes[this._store.boxIndex(this._bring)];
    if (placed && this._width > 0) {
      const bring = this._bring;
      const next = bringing(this._motion.goal, placed, this._width, this._height);
      if (next !== this._motion.goal) {
        this._touch();
        this._fly(next);
      }
      // What is selected may not be there yet, but only the closed box around it.
      this._bring = bring;
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
      this._store.set(keptView(this._picture, this._motion.goal, this._width, this._height));
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
    const placed = this._chosen;
    if (placed && opens(placed.box)) {
      this._store.toggle(placed.id);
    } else if (placed) {
      this._asked.emit('card');
    }
  }

  private _step(direction: Direction): void {
    if (this._picture) {
      const at = this._store.boxIndex(this._store.selected);
      const next = neighbour(this._picture, at, direction, placed =>
        inSight(placed, this._motion.goal, this._width, this._height)
      );
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
      this._look = lookOf(this._store, this._theme.colors, this._fills.fills, this._labels);
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
        hovered: this._picture.index(this._pointing.hovered),
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
  private _labels: ILook['labels'] = new Map();
  private _slices = new Slices();
  private _motion = new Motion();
  private _look!: ILook;
  private _fills: IFills = { fills: [], entries: [], scale: false, unmeasured: false };
  private _stale = true;
  private _touched = false;
  private _fitted = false;
  private _placed = false;
  private _pointing: Pointing;
  private _bring = '';
  private _width = 0;
  private _height = 0;
  private _frame = 0;
  private _saving = 0;
}
