import { TranslationBundle } from '@jupyterlab/translation';
import { ISignal, Signal } from '@lumino/signaling';
import { Theme } from '../../theme';
import { CanvasWidget, hatch } from './canvas';
import { IScale, paint } from './scale';
import { ITile } from './shapes';

/** Pictures of one size beside each other. */
export interface ITileSheet {
  tiles: readonly ITile[];
  height: number;
  width: number;
  /** The scale of each, the same one where it is common. */
  scales: readonly IScale[];
}

/** How many columns, and how large, so that all pictures fit into the room and are as large as can be. */
export function arrangeTiles(
  count: number,
  tile: { height: number; width: number },
  room: { height: number; width: number },
  caption: number
): { columns: number; rows: number; scale: number } {
  let best = { columns: 1, rows: Math.max(1, count), scale: 0 };
  const gap = 4;
  for (let columns = 1; columns <= Math.max(1, count); columns++) {
    const rows = Math.ceil(Math.max(1, count) / columns);
    const wide = (room.width - gap * (columns + 1)) / columns / tile.width;
    const high = ((room.height - gap * (rows + 1)) / rows - caption) / tile.height;
    let scale = Math.min(wide, high, 96 / Math.max(tile.width, tile.height) + 8);
    // Whole pixels for each number look even; below one there is no choice.
    scale = scale >= 2 ? Math.floor(scale * 2) / 2 : scale;
    if (scale > best.scale) {
      best = { columns, rows, scale };
    }
  }
  return best;
}

/**
 * A grid of small pictures: filters, or the weights of a layer folded to pictures. Arrows move from one to the next, Enter or a
 * click opens one.
 */
export class TileView extends CanvasWidget {
  constructor(theme: Theme, trans: TranslationBundle) {
    super(theme, 'application');
    this.canvas.setAttribute('aria-label', trans.__('Pictures. Arrows move from one to the next, Enter opens one.'));
    for (const type of ['keydown', 'pointermove', 'pointerleave', 'click', 'focus', 'blur']) {
      this.canvas.addEventListener(type, this);
    }
  }

  /** The picture under the mouse or, without one, the keyboard's. */
  get pointed(): ISignal<this, { at: number | null; keyboard: boolean }> {
    return this._pointed;
  }

  /** A picture was chosen to be seen large: its index on the sheet. */
  get opened(): ISignal<this, number> {
    return this._opened;
  }

  get at(): number | null {
    return this._sheet && this._sheet.tiles.length ? (this._hover ?? this._cursor) : null;
  }

  get sheet(): ITileSheet | null {
    return this._sheet;
  }

  set(sheet: ITileSheet | null): void {
    this._sheet = sheet;
    const last = Math.max(0, (sheet?.tiles.length ?? 0) - 1);
    this._cursor = Math.min(this._cursor, last);
    this._hover = this._hover !== null && this._hover > last ? null : this._hover;
    this._image = null;
    this.invalidate();
  }

  handleEvent(event: Event): void {
    switch (event.type) {
      case 'keydown':
        this._onKey(event as KeyboardEvent);
        break;
      case 'pointermove': {
        const at = this._tileAt(this.place(event as MouseEvent));
        if (at !== this._hover) {
          this._hover = at;
          this.canvas.style.cursor = at === null ? '' : 'pointer';
          this._tell(false);
        }
        break;
      }
      case 'pointerleave':
        this._hover = null;
        this._tell(false);
        break;
      case 'click': {
        const at = this._tileAt(this.place(event as MouseEvent));
        if (at !== null) {
          this._cursor = at;
          this._opened.emit(at);
        }
        break;
      }
      default:
        this.invalidate();
    }
  }

  protected reset(): void {
    this._image = null;
  }

  protected draw(context: CanvasRenderingContext2D, width: number, height: number): void {
    const sheet = this._sheet;
    if (!sheet || sheet.tiles.length === 0) {
      return;
    }
    const caption = this._layOut(sheet, width, height);
    this._image = this._image ?? this._strip(sheet);
    this.setFont(context, 0.75);
    context.textAlign = 'center';
    context.textBaseline = 'bottom';
    context.imageSmoothingEnabled = this._plan.scale < 1;
    const focused = document.activeElement === this.canvas;
    sheet.tiles.forEach((tile, i) => {
      const r = this._rectangle(i);
      if (this._image) {
        const { width, height } = sheet;
        context.drawImage(this._image, 0, i * height, width, height, r.x, r.y, r.width, r.height);
      }
      if (sheet.scales[i].palette !== 'color') {
        this._drawOdd(context, tile, sheet, r);
      }
      context.strokeStyle = this.colors.line;
      context.lineWidth = 1;
      context.strokeRect(r.x - 0.5, r.y - 0.5, r.width + 1, r.height + 1);
      if (i === this._hover || (focused && i === this._cursor)) {
        context.strokeStyle = i === this._hover ? this.colors.ink : this.colors.focus;
        context.lineWidth = 2;
        context.strokeRect(r.x - 2, r.y - 2, r.width + 4, r.height + 4);
      }
      if (caption) {
        context.fillStyle = this.colors.faint;
        context.fillText(String(tile.number), r.x + r.width / 2, r.y - 1);
      }
    });
  }

  private _layOut(sheet: ITileSheet, width: number, height: number): number {
    const room = { width, height };
    let caption = Math.round(this.colors.size);
    this._plan = arrangeTiles(sheet.tiles.length, sheet, room, caption);
    if (this._plan.scale * sheet.width < 1.5 * this.colors.size) {
      caption = 0;
      this._plan = arrangeTiles(sheet.tiles.length, sheet, room, 0);
    }
    this._caption = caption;
    return caption;
  }

  /** All pictures in one image, one below the other: one canvas to draw from, however many there are. */
  private _strip(sheet: ITileSheet): HTMLCanvasElement | null {
    const canvas = document.createElement('canvas');
    canvas.width = sheet.width;
    canvas.height = sheet.height * sheet.tiles.length;
    const context = canvas.getContext('2d');
    if (!context) {
      return null;
    }
    const cells = sheet.width * sheet.height;
    const image = context.createImageData(canvas.width, canvas.height);
    sheet.tiles.forEach((tile, i) =>
      paint(tile.values, 0, cells, sheet.scales[i], image.data.subarray(4 * i * cells, 4 * (i + 1) * cells))
    );
    context.putImageData(image, 0, 0);
    return canvas;
  }

  private _drawOdd(
    context: CanvasRenderingContext2D,
    tile: ITile,
    sheet: ITileSheet,
    r: { x: number; y: number; width: number; height: number }
  ): void {
    const [wide, high] = [r.width / sheet.width, r.height / sheet.height];
    let any = false;
    for (let i = 0; i < tile.values.length; i++) {
      if (Number.isFinite(tile.values[i])) {
        continue;
      }
      any = true;
      if (Number.isNaN(tile.values[i]) && wide >= 5) {
        const [column, row] = [i % sheet.width, Math.floor(i / sheet.width)];
        hatch(context, r.x + column * wide, r.y + row * high, wide, high, '#ffffff');
      }
    }
    if (any && wide < 5) {
      // The cells are too small for a pattern: the picture as a whole is marked.
      context.strokeStyle = this.colors.error;
      context.setLineDash([3, 2]);
      context.lineWidth = 2;
      context.strokeRect(r.x - 1, r.y - 1, r.width + 2, r.height + 2);
      context.setLineDash([]);
    }
  }

  private _rectangle(i: number): { x: number; y: number; width: number; height: number } {
    const sheet = this._sheet as ITileSheet;
    const { columns, scale } = this._plan;
    const [width, height] = [sheet.width * scale, sheet.height * scale];
    return {
      x: 4 + (i % columns) * (width + 4),
      y: 4 + this._caption + Math.floor(i / columns) * (height + 4 + this._caption),
      width,
      height
    };
  }

  private _tileAt({ x, y }: { x: number; y: number }): number | null {
    const count = this._sheet?.tiles.length ?? 0;
    for (let i = 0; i < count; i++) {
      const r = this._rectangle(i);
      if (x >= r.x && x < r.x + r.width && y >= r.y - this._caption && y < r.y + r.height) {
        return i;
      }
    }
    return null;
  }

  private _onKey(event: KeyboardEvent): void {
    const count = this._sheet?.tiles.length ?? 0;
    const { columns } = this._plan;
    const steps: { [key: string]: number } = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns };
    if (count === 0 || event.ctrlKey || event.altKey || event.metaKey) {
      return;
    }
    if (event.key in steps || event.key === 'Home' || event.key === 'End') {
      const to = event.key === 'Home' ? 0 : event.key === 'End' ? count - 1 : this._cursor + steps[event.key];
      this._hover = null;
      this._cursor = to >= 0 && to < count ? to : this._cursor;
      this._tell(true);
    } else if (event.key === 'Enter' || event.key === ' ') {
      this._opened.emit(this._cursor);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  private _tell(keyboard: boolean): void {
    this._pointed.emit({ at: this.at, keyboard });
    this.invalidate();
  }

  private _sheet: ITileSheet | null = null;
  private _image: HTMLCanvasElement | null = null;
  private _plan = { columns: 1, rows: 1, scale: 1 };
  private _caption = 0;
  private _cursor = 0;
  private _hover: number | null = null;
  private _pointed = new Signal<this, { at: number | null; keyboard: boolean }>(this);
  private _opened = new Signal<this, number>(this);
}
