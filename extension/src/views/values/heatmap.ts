import { TranslationBundle } from '@jupyterlab/translation';
import { ISignal, Signal } from '@lumino/signaling';
import { Theme } from '../../theme';
import { CanvasWidget, hatch } from './canvas';
import { drawIndices } from './indices';
import { ICell, IDrag, IGrid, IPart, moved, partBetween, placeIn, zoomed } from './parts';
import { groundOf, IScale, paint, rangeOf, reduceGrid, scaleOf, scaleOfDrawn } from './scale';

const MOST_CELL = 44;
const MOST_STRETCH = 3;
const TYPES = 'keydown pointerdown pointermove pointerup pointercancel pointerleave dblclick wheel focus blur'.split(
  ' '
);
const LEAST_DRAG = 6;

/** A picture, of which a pixel stands for `high` times `wide` cells. */
interface IImage {
  canvas: HTMLCanvasElement;
  high: number;
  wide: number;
}

/** How a picture was drawn: with which scale, whether numbers are beyond its ends, and how many numbers a pixel is the mean of. */
export interface IDrawn {
  scale: IScale;
  cut: boolean;
  mean: [high: number, wide: number];
}

/**
 * A matrix as colours. The arrow keys move a cursor from cell to cell, dragging marks a part to zoom into, plus and minus zoom,
 * shift with the arrows or with the mouse moves the part, and 0 shows all.
 */
export class HeatMap extends CanvasWidget {
  constructor(theme: Theme, trans: TranslationBundle) {
    super(theme, 'application');
    this.canvas.setAttribute(
      'aria-label',
      trans.__('Heat map. Arrows move from number to number, plus and minus zoom, shift and arrows move the part.')
    );
    for (const type of TYPES) {
      this.canvas.addEventListener(type, this, { passive: false });
    }
  }

  /** The cell under the mouse or, without one, the keyboard's; `keyboard` tells whether it is to be read aloud. */
  get pointed(): ISignal<this, { cell: ICell | null; keyboard: boolean }> {
    return this._pointed;
  }

  /** The user wants to see another part; null for all. */
  get wanted(): ISignal<this, IPart | null> {
    return this._wanted;
  }

  /** The picture was drawn anew. */
  get drawn(): ISignal<this, IDrawn> {
    return this._drawn;
  }

  /** Whether this is a matrix, to be zoomed and stretched, or a picture, whose cells are square. */
  zoomable = true;

  get cell(): ICell | null {
    return this._hover ?? (this._grid ? this._cursor : null);
  }

  get grid(): IGrid | null {
    return this._grid;
  }

  /** The row and column of the matrix under the mouse, or in the middle of the keyboard's cell; a cell may hold many of them. */
  get number(): [row: number, column: number] | null {
    const { cell, _grid: grid } = this;
    if (!cell || !grid) {
      return null;
    }
    const inside = (at: number, cell: number, block: number, [from, to]: readonly [number, number]) =>
      Math.min(Math.max(Math.floor(at), from + cell * block), Math.min(from + (cell + 1) * block, to) - 1);
    const at = (this._hover && this._mouse) || this._tensorPlace(cell);
    return [
      inside(at[0], cell.row, grid.block[0], grid.part.rows),
      inside(at[1], cell.column, grid.block[1], grid.part.columns)
    ];
  }

  /**
   * Shows numbers; `part` is what is to be seen, which a newer answer may not hold yet. Means of many numbers lie closer together
   * than these: with `robust` such a picture has a scale of its own, or it would be pale.
   */
  set(grid: IGrid | null, scale: IScale, part: IPart | null, robust = false): void {
    this._grid = grid;
    this._scale = scale;
    this._robust = robust;
    this._part = part ?? grid?.part ?? null;
    if (grid) {
      this._cursor = {
        row: Math.min(this._cursor.row, Math.max(0, grid.rows - 1)),
        column: Math.min(this._cursor.column, Math.max(0, grid.columns - 1))
      };
      if (this._hover && (this._hover.row >= grid.rows || this._hover.column >= grid.columns)) {
        this._hover = null;
      }
    }
    this._image = null;
    this.invalidate();
  }

  /** Zooms about the cursor; below 1 shows less. */
  zoom(factor: number): void {
    if (this._grid && this._part && this.zoomable) {
      const at = this._tensorPlace(this.cell ?? this._cursor);
      this._want(zoomed(this._part, this._grid.shape, factor, at));
    }
  }

  handleEvent(event: Event): void {
    switch (event.type) {
      case 'keydown':
        this._onKey(event as KeyboardEvent);
        break;
      case 'pointerdown':
        this._onDown(event as PointerEvent);
        break;
      case 'pointermove':
        this._onMove(event as PointerEvent);
        break;
      case 'pointerup':
        this._onUp(event as PointerEvent);
        break;
      case 'pointerleave':
        this._hover = null;
        this._tell(false);
        break;
      case 'pointercancel':
        this._drag = null;
        this.invalidate();
        break;
      case 'dblclick':
        this._wanted.emit(null);
        break;
      case 'wheel':
        this._onWheel(event as WheelEvent);
        break;
      default:
        this.invalidate();
    }
  }

  protected reset(): void {
    this._image = null;
  }

  protected draw(context: CanvasRenderingContext2D, width: number, height: number): void {
    const grid = this._grid;
    const part = this._part;
    if (!grid || !part || grid.rows === 0 || grid.columns === 0) {
      return;
    }
    this._layOut(part, width, height);
    const box = this._box;
    const x = (column: number) =>
      box.x + ((column - part.columns[0]) / (part.columns[1] - part.columns[0])) * box.width;
    const y = (row: number) => box.y + ((row - part.rows[0]) / (part.rows[1] - part.rows[0])) * box.height;
    const from = { x: x(grid.part.columns[0]), y: y(grid.part.rows[0]) };
    // The last blocks may be smaller than the others: what is too much of them is clipped.
    const end = (begin: number, cells: number, block: number) => begin + cells * block;
    const to = {
      x: x(end(grid.part.columns[0], grid.columns, grid.block[1])),
      y: y(end(grid.part.rows[0], grid.rows, grid.block[0]))
    };
    context.save();
    context.beginPath();
    context.rect(box.x, box.y, box.width, box.height);
    context.clip();
    const image = this._picture(grid, to.x - from.x, to.y - from.y);
    if (image) {
      context.imageSmoothingEnabled = false;
      const { canvas, high, wide } = image;
      const stretch = { x: (canvas.width * wide) / grid.columns, y: (canvas.height * high) / grid.rows };
      context.drawImage(canvas, from.x, from.y, (to.x - from.x) * stretch.x, (to.y - from.y) * stretch.y);
    }
    this._drawOdd(context, grid);
    context.restore();
    context.strokeStyle = this.colors.line;
    context.lineWidth = 1;
    context.strokeRect(box.x - 0.5, box.y - 0.5, box.width + 1, box.height + 1);
    this.setFont(context);
    drawIndices(context, box, part, this.colors);
    this._drawCursor(context);
    if (this._drag && this._drag.zoom) {
      const inside = (at: number, from: number, size: number) => Math.min(Math.max(at, from), from + size);
      let [x0, x1] = [this._drag.x0, this._drag.x1].map(x => inside(x, box.x, box.width));
      let [y0, y1] = [this._drag.y0, this._drag.y1].map(y => inside(y, box.y, box.height));
      [x0, x1] = Math.abs(x1 - x0) > LEAST_DRAG ? [x0, x1] : [box.x, box.x + box.width];
      [y0, y1] = Math.abs(y1 - y0) > LEAST_DRAG ? [y0, y1] : [box.y, box.y + box.height];
      context.setLineDash([4, 3]);
      context.strokeStyle = this.colors.ink;
      context.strokeRect(Math.min(x0, x1) + 0.5, Math.min(y0, y1) + 0.5, Math.abs(x1 - x0), Math.abs(y1 - y0));
      context.setLineDash([]);
    }
  }

  /** Where the picture is: stretched to the room there is, but no cell larger than is pleasant. */
  private _layOut(part: IPart, width: number, height: number): void {
    const [left, top] = [this.colors.size * 3, this.colors.size * 1.4];
    const rows = Math.max(1, part.rows[1] - part.rows[0]);
    const columns = Math.max(1, part.columns[1] - part.columns[0]);
    let wide = Math.min((width - left - 2) / columns, MOST_CELL);
    let high = Math.min((height - top - 2) / rows, MOST_CELL);
    // Not too far from square, where cells are large enough to have a shape.
    if (!this.zoomable) {
      wide = high = Math.min(wide, high);
    } else if (Math.min(wide, high) > 4) {
      [wide, high] = [Math.min(wide, MOST_STRETCH * high), Math.min(high, MOST_STRETCH * wide)];
    }
    this._box = { x: left, y: top, width: Math.max(1, wide * columns), height: Math.max(1, high * rows) };
  }

  private _picture(grid: IGrid, width: number, height: number): IImage | null {
    if (this._image) {
      return this._image;
    }
    const ratio = window.devicePixelRatio || 1;
    const colored = this._scale.palette === 'color';
    const small = colored
      ? { ...grid, high: 1, wide: 1 }
      : reduceGrid(grid.values, grid.rows, grid.columns, Math.round(height * ratio), Math.round(width * ratio));
    const canvas = document.createElement('canvas');
    canvas.width = small.columns;
    canvas.height = small.rows;
    const context = canvas.getContext('2d');
    if (!context) {
      return null;
    }
    const image = context.createImageData(small.columns, small.rows);
    const mean: [number, number] = [grid.block[0] * small.high, grid.block[1] * small.wide];
    const many = !colored && mean[0] * mean[1] > 1;
    const scale = many && this._robust ? scaleOfDrawn(small.values, this._scale) : this._scale;
    paint(small.values, 0, small.rows * small.columns, scale, image.data);
    context.putImageData(image, 0, 0);
    const range = rangeOf(small.values);
    this._drawn.emit({ scale, cut: !!range && (range[0] < scale.low || range[1] > scale.high), mean });
    return (this._image = { canvas, high: small.high, wide: small.wide });
  }

  /** A pattern over NaN and signs on infinities, where cells are large enough. */
  private _drawOdd(context: CanvasRenderingContext2D, grid: IGrid): void {
    const first = this._rectangle({ row: 0, column: 0 });
    if (this._scale.palette === 'color' || first.width < 5 || first.height < 5) {
      return;
    }
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    context.fillStyle = '#ffffff';
    this.setFont(context, 0.9);
    for (let i = 0; i < grid.rows * grid.columns; i++) {
      const value = grid.values[i];
      if (Number.isFinite(value)) {
        continue;
      }
      const r = this._rectangle({ row: Math.floor(i / grid.columns), column: i % grid.columns });
      if (Number.isNaN(value)) {
        hatch(context, r.x, r.y, r.width, r.height, '#ffffff');
      } else if (r.width >= 14 && r.height >= 12) {
        context.fillText(value > 0 ? '+∞' : '-∞', r.x + r.width / 2, r.y + r.height / 2);
      }
    }
  }

  private _drawCursor(context: CanvasRenderingContext2D): void {
    const focused = document.activeElement === this.canvas;
    const cell = this._hover ?? (focused ? this._cursor : null);
    if (!cell) {
      return;
    }
    const r = this._rectangle(cell);
    const grow = Math.max(0, (5 - Math.min(r.width, r.height)) / 2);
    const draw = (by: number, color: string, line: number) => {
      context.strokeStyle = color;
      context.lineWidth = line;
      context.strokeRect(r.x - by, r.y - by, r.width + 2 * by, r.height + 2 * by);
    };
    draw(grow + 1, this.colors.background, 4);
    draw(grow + 1, focused && !this._hover ? this.colors.focus : this.colors.ink, 2);
  }

  /** Where a cell of the answer is on the canvas. */
  private _rectangle(cell: ICell): { x: number; y: number; width: number; height: number } {
    const grid = this._grid as IGrid;
    const part = this._part as IPart;
    const [rows, columns] = [part.rows[1] - part.rows[0], part.columns[1] - part.columns[0]];
    const [high, wide] = grid.block;
    const box = this._box;
    return {
      x: box.x + ((grid.part.columns[0] + cell.column * wide - part.columns[0]) / columns) * box.width,
      y: box.y + ((grid.part.rows[0] + cell.row * high - part.rows[0]) / rows) * box.height,
      width: (wide / columns) * box.width,
      height: (high / rows) * box.height
    };
  }

  private _tensorPlace(cell: ICell): [number, number] {
    const grid = this._grid as IGrid;
    const [high, wide] = grid.block;
    return [grid.part.rows[0] + (cell.row + 0.5) * high, grid.part.columns[0] + (cell.column + 0.5) * wide];
  }

  private _cellAt(x: number, y: number): ICell | null {
    const grid = this._grid;
    if (!grid || !this._part || grid.rows === 0 || grid.columns === 0) {
      return null;
    }
    const r = this._rectangle({ row: 0, column: 0 });
    const cell = { row: Math.floor((y - r.y) / r.height), column: Math.floor((x - r.x) / r.width) };
    return cell.row >= 0 && cell.row < grid.rows && cell.column >= 0 && cell.column < grid.columns ? cell : null;
  }

  private _want(part: IPart): void {
    const shape = this._grid?.shape ?? [0, 0];
    const all =
      part.rows[0] === 0 && part.columns[0] === 0 && part.rows[1] === shape[0] && part.columns[1] === shape[1];
    this._part = part;
    this._image = null;
    this.invalidate();
    this._wanted.emit(all ? null : part);
  }

  private _tell(keyboard: boolean): void {
    this._pointed.emit({ cell: this.cell, keyboard });
    this.invalidate();
  }

  private _onKey(event: KeyboardEvent): void {
    const grid = this._grid;
    if (!grid || !this._part || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const steps: { [key: string]: [number, number] } = {
      ArrowUp: [-1, 0],
      ArrowDown: [1, 0],
      ArrowLeft: [0, -1],
      ArrowRight: [0, 1]
    };
    const step = steps[event.key];
    if (step && event.shiftKey && this.zoomable) {
      const by = (side: [number, number]) => Math.max(1, Math.round((side[1] - side[0]) / 4));
      const { rows, columns } = this._part;
      this._want(moved(this._part, grid.shape, step[0] * by(rows), step[1] * by(columns)));
    } else if (step) {
      this._hover = null;
      this._cursor = {
        row: Math.min(Math.max(this._cursor.row + step[0], 0), Math.max(0, grid.rows - 1)),
        column: Math.min(Math.max(this._cursor.column + step[1], 0), Math.max(0, grid.columns - 1))
      };
      this._tell(true);
    } else if ((event.key === '+' || event.key === '=' || event.key === '-') && this.zoomable) {
      this.zoom(event.key === '-' ? 2 : 0.5);
    } else if (event.key === '0' && this.zoomable) {
      this._wanted.emit(null);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  private _onDown(event: PointerEvent): void {
    if (event.button !== 0 || !this._part) {
      return;
    }
    const { x, y } = this.place(event);
    this._drag = { x0: x, y0: y, x1: x, y1: y, zoom: false, pan: event.shiftKey, part: this._part };
    this.canvas.setPointerCapture?.(event.pointerId);
  }

  private _onMove(event: PointerEvent): void {
    const { x, y } = this.place(event);
    const drag = this._drag;
    if (drag && this._grid && this.zoomable) {
      drag.x1 = x;
      drag.y1 = y;
      if (drag.pan) {
        const { rows, columns } = drag.part;
        const down = Math.round(((drag.y0 - y) / this._box.height) * (rows[1] - rows[0]));
        const right = Math.round(((drag.x0 - x) / this._box.width) * (columns[1] - columns[0]));
        this._want(moved(drag.part, this._grid.shape, down, right));
      } else {
        drag.zoom = Math.max(Math.abs(x - drag.x0), Math.abs(y - drag.y0)) > LEAST_DRAG;
      }
    }
    const before = this._hover && this.number;
    this._hover = this._cellAt(x, y);
    this._mouse = this._part && placeIn(this._part, this._box, x, y);
    const now = this._hover && this.number;
    if (before?.[0] !== now?.[0] || before?.[1] !== now?.[1] || drag) {
      this._tell(false);
    }
  }

  private _onUp(event: PointerEvent): void {
    const drag = this._drag;
    this._drag = null;
    const cell = this._cellAt(this.place(event).x, this.place(event).y);
    if (drag?.zoom && this._part) {
      const part = this._part;
      const box = this._box;
      // Dragged along a line, the other direction stays as it is.
      const side = (a: number, b: number, from: number, size: number): [number, number] =>
        Math.abs(a - b) > LEAST_DRAG ? [(a - from) / size, (b - from) / size] : [0, 1];
      const down = side(drag.y0, drag.y1, box.y, box.height);
      this._want(partBetween(part, down, side(drag.x0, drag.x1, box.x, box.width)));
    } else if (cell) {
      this._cursor = cell;
    }
    this.invalidate();
  }

  private _onWheel(event: WheelEvent): void {
    if (!event.ctrlKey || !this.zoomable) {
      return; // the page scrolls
    }
    event.preventDefault();
    this.zoom(event.deltaY > 0 ? 1.25 : 0.8);
  }

  private _drawn = new Signal<this, IDrawn>(this);
  private _robust = false;
  private _grid: IGrid | null = null;
  private _scale: IScale = scaleOf(null, false, 'signed', groundOf(this.theme.colors));
  private _part: IPart | null = null;
  private _image: IImage | null = null;
  private _cursor: ICell = { row: 0, column: 0 };
  private _hover: ICell | null = null;
  private _mouse: [number, number] | null = null;
  private _box = { x: 0, y: 0, width: 1, height: 1 };
  private _drag: IDrag | null = null;
  private _pointed = new Signal<this, { cell: ICell | null; keyboard: boolean }>(this);
  private _wanted = new Signal<this, IPart | null>(this);
}
