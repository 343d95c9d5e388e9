import { IPoint } from './camera';

/** What a user does on a canvas with mouse, pen or fingers. Points are relative to the canvas. */
export interface IGestures {
  pan(dx: number, dy: number): void;
  zoom(at: IPoint, factor: number): void;
  click(at: IPoint): void;
  doubleClick(at: IPoint): void;
  /** Where the pointer is, or null where it left. */
  hover(at: IPoint | null): void;
}

/** How far a pointer may move and still click. */
const SLACK = 4;

/** Turns an element's pointer and wheel events into gestures; disposing of it takes its listeners away. */
export class Gestures {
  constructor(
    private _node: HTMLElement,
    private _does: IGestures
  ) {
    const { signal } = this._abort;
    _node.addEventListener('pointerdown', event => this._down(event), { signal });
    _node.addEventListener('pointermove', event => this._move(event), { signal });
    _node.addEventListener('pointerup', event => this._up(event, true), { signal });
    _node.addEventListener('pointercancel', event => this._up(event, false), { signal });
    _node.addEventListener('pointerleave', () => this._pointers.size === 0 && _does.hover(null), { signal });
    _node.addEventListener('dblclick', event => _does.doubleClick(this._at(event)), { signal });
    _node.addEventListener('wheel', event => this._wheel(event), { signal, passive: false });
  }

  /** Whether the picture is being dragged. */
  get dragging(): boolean {
    return this._dragged;
  }

  dispose(): void {
    this._abort.abort();
  }

  private _at(event: MouseEvent): IPoint {
    const { left, top } = this._node.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }

  private _down(event: PointerEvent): void {
    if (event.button > 1) {
      return;
    }
    this._pointers.set(event.pointerId, this._at(event));
    this._start = this._at(event);
    // A second finger makes it a pinch, which never clicks.
    this._dragged = this._pointers.size > 1;
    this._node.setPointerCapture?.(event.pointerId);
  }

  private _move(event: PointerEvent): void {
    const at = this._at(event);
    const before = this._pointers.get(event.pointerId);
    if (!before) {
      this._does.hover(at);
      return;
    }
    if (!this._dragged && Math.hypot(at.x - this._start.x, at.y - this._start.y) <= SLACK) {
      return;
    }
    if (!this._dragged) {
      this._dragged = true;
      this._does.hover(null);
    }
    const others = [...this._pointers].filter(([id]) => id !== event.pointerId).map(([, point]) => point);
    this._pointers.set(event.pointerId, at);
    if (others.length === 0) {
      this._does.pan(at.x - before.x, at.y - before.y);
      return;
    }
    const other = others[0];
    const spread = (point: IPoint) => Math.max(10, Math.hypot(point.x - other.x, point.y - other.y));
    this._does.pan((at.x - before.x) / 2, (at.y - before.y) / 2);
    this._does.zoom({ x: (at.x + other.x) / 2, y: (at.y + other.y) / 2 }, spread(at) / spread(before));
  }

  private _up(event: PointerEvent, done: boolean): void {
    if (!this._pointers.delete(event.pointerId)) {
      return;
    }
    if (done && !this._dragged && event.button === 0) {
      this._does.click(this._at(event));
    }
    if (this._pointers.size === 0) {
      this._dragged = false;
    }
  }

  private _wheel(event: WheelEvent): void {
    event.preventDefault();
    // Lines and pages, as some mice count, in pixels; a pinch on a trackpad comes with ctrl and in small steps.
    const unit = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1;
    const delta = Math.max(-240, Math.min(240, event.deltaY * unit));
    if (delta !== 0) {
      this._does.zoom(this._at(event), Math.exp(-delta * (event.ctrlKey ? 0.01 : 0.002)));
    }
  }

  private _abort = new AbortController();
  private _pointers = new Map<number, IPoint>();
  private _start: IPoint = { x: 0, y: 0 };
  private _dragged = false;
}
