import { Message } from '@lumino/messaging';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import { IColors, Theme } from '../../theme';
import { rgbOf } from './scale';

/**
 * A widget that draws itself on a canvas, at most once per frame and only while it is seen.
 *
 * The canvas lies over the widget without taking room in the layout, so it can never push its own size up.
 */
export abstract class CanvasWidget extends Widget {
  constructor(theme: Theme, role: 'img' | 'application') {
    super();
    this.addClass('jp-glnb-values-canvas');
    this.theme = theme;
    this.canvas = document.createElement('canvas');
    this.canvas.setAttribute('role', role);
    if (role === 'application') {
      this.canvas.tabIndex = 0;
    }
    this.node.appendChild(this.canvas);
    theme.changed.connect(this._onTheme, this);
  }

  readonly canvas: HTMLCanvasElement;

  dispose(): void {
    if (this.isDisposed) {
      return;
    }
    this._stop();
    Signal.disconnectReceiver(this);
    super.dispose();
  }

  /** Draws with the next frame. */
  invalidate(): void {
    if (this._frame || !this.isVisible) {
      return;
    }
    this._frame = requestAnimationFrame(() => {
      this._frame = 0;
      this._draw();
    });
  }

  /** Size in CSS pixels. */
  protected get size(): { width: number; height: number } {
    return { width: this._width, height: this._height };
  }

  protected get colors(): IColors {
    return this.theme.colors;
  }

  protected abstract draw(context: CanvasRenderingContext2D, width: number, height: number): void;

  /** The theme or the size changed: what was prepared for drawing is stale. */
  protected reset(): void {
    /* nothing is prepared */
  }

  protected setFont(context: CanvasRenderingContext2D, scale = 0.85): void {
    context.font = `${Math.round(this.colors.size * scale)}px ${this.colors.font}`;
  }

  /** Where an event of the mouse is, in CSS pixels. */
  protected place(event: MouseEvent): { x: number; y: number } {
    const box = this.canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  protected onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    if (typeof ResizeObserver !== 'undefined') {
      // Rows of controls wrap without any message from Lumino.
      this._observer = new ResizeObserver(() => this._measure());
      this._observer.observe(this.node);
    }
    this._measure();
  }

  protected onBeforeDetach(message: Message): void {
    this._stop();
    super.onBeforeDetach(message);
  }

  protected onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this._measure();
    this.invalidate();
  }

  protected onResize(message: Widget.ResizeMessage): void {
    super.onResize(message);
    this._measure();
  }

  protected readonly theme: Theme;

  private _measure(): void {
    const width = this.node.clientWidth;
    const height = this.node.clientHeight;
    const ratio = window.devicePixelRatio || 1;
    if (width === this._width && height === this._height && ratio === this._ratio) {
      return;
    }
    [this._width, this._height, this._ratio] = [width, height, ratio];
    this.reset();
    this.invalidate();
  }

  private _draw(): void {
    const context = this.canvas.getContext('2d');
    if (!context || !this.isVisible || this._width < 2 || this._height < 2) {
      return;
    }
    const [wide, high] = [Math.round(this._width * this._ratio), Math.round(this._height * this._ratio)];
    // Setting the size clears the canvas: only together with drawing, or it would flash.
    if (this.canvas.width !== wide || this.canvas.height !== high) {
      this.canvas.width = wide;
      this.canvas.height = high;
    }
    context.setTransform(this._ratio, 0, 0, this._ratio, 0, 0);
    context.fillStyle = this.colors.background;
    context.fillRect(0, 0, this._width, this._height);
    this.draw(context, this._width, this._height);
  }

  private _stop(): void {
    cancelAnimationFrame(this._frame);
    this._frame = 0;
    this._observer?.disconnect();
    this._observer = null;
  }

  private _onTheme(): void {
    this.reset();
    this.invalidate();
  }

  private _observer: ResizeObserver | null = null;
  private _frame = 0;
  private _width = 0;
  private _height = 0;
  private _ratio = 1;
}

/** A CSS colour of the theme, partly transparent; unchanged where it is written in a way that is not understood. */
export function withAlpha(color: string, alpha: number): string {
  const rgb = rgbOf(color);
  return rgb ? `rgba(${rgb.join(', ')}, ${alpha})` : color;
}

/** Diagonal lines over a rectangle: what is not a number is told by its pattern too, not by its colour alone. */
export function hatch(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  width: number,
  height: number,
  color: string
): void {
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.beginPath();
  const gap = 4;
  for (let at = -height; at < width; at += gap) {
    context.moveTo(x + at, y + height);
    context.lineTo(x + at + height, y);
  }
  context.strokeStyle = color;
  context.lineWidth = 1;
  context.stroke();
  context.restore();
}
