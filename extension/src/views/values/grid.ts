import { CellRenderer, DataGrid, DataModel, GraphicsContext } from '@lumino/datagrid';

/** A part of the grid: where its cells lie along one axis, on the canvas. */
interface IAlong {
  /** The first pixel and the one after the last that it may paint. */
  from: number;
  to: number;
  /** Its cells: number, place and size. */
  cells: { at: number; place: number; size: number }[];
}

/**
 * A grid that paints its cells where they are seen.
 *
 * Lumino's own paints each cell on a second canvas and copies it from there. Without a GPU each copy takes the whole of that canvas
 * along, since it changes between any two: some hundred cells are as many copies of millions of pixels, half a second in all.
 */
export class PlainGrid extends DataGrid {
  /** Paints what is dirty. Cells keep to their place by themselves, so that only the four parts are clipped. */
  protected paintContent(x: number, y: number, width: number, height: number): void {
    const context = this.canvasGC;
    const { canvas } = context;
    const ratio = canvas.width / (parseFloat(canvas.style.width) || canvas.width) || 1;
    const { style, dataModel } = this;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(x, y, width, height);
    context.fillStyle = style.voidColor || 'transparent';
    context.fillRect(x, y, width, height);
    if (!dataModel) {
      return;
    }
    const [right, bottom] = [x + width, y + height];
    const rows = this._rows('body', Math.max(y, this.headerHeight), bottom);
    const heads = this._rows('column-header', y, Math.min(bottom, this.headerHeight));
    const columns = this._columns('body', Math.max(x, this.headerWidth), right);
    const names = this._columns('row-header', x, Math.min(right, this.headerWidth));
    const line = style.gridLineColor ?? '';
    const headLine = style.headerGridLineColor ?? '';
    this._part('body', rows, columns, style.backgroundColor ?? '', line);
    this._part('row-header', rows, names, style.headerBackgroundColor ?? '', headLine);
    this._part('column-header', heads, columns, style.headerBackgroundColor ?? '', headLine);
    this._part('corner-header', heads, names, style.headerBackgroundColor ?? '', headLine);
  }

  /** How far what is on the canvas is scrolled: `scrollX` and `scrollY` run ahead of it until a message has moved it. */
  private get _painted(): { x: number; y: number } {
    return { x: this['_scrollX'], y: this['_scrollY'] };
  }

  private _rows(region: DataModel.RowRegion, from: number, to: number): IAlong {
    const start = region === 'body' ? this.headerHeight - this._painted.y : 0;
    const count = this.rowCount(region);
    const first = from < to ? this.rowAt(region, from - start) : -1;
    const place = (at: number) => start + this.rowOffset(region, at);
    return along(from, to, first, count, place, at => this.rowSize(region, at));
  }

  private _columns(region: DataModel.ColumnRegion, from: number, to: number): IAlong {
    const start = region === 'body' ? this.headerWidth - this._painted.x : 0;
    const count = this.columnCount(region);
    const first = from < to ? this.columnAt(region, from - start) : -1;
    const place = (at: number) => start + this.columnOffset(region, at);
    return along(from, to, first, count, place, at => this.columnSize(region, at));
  }

  /** Paints the cells of a part: their ground, that of rows which have one, what they show, and the lines below rows and, in headers, beside columns. */
  private _part(region: DataModel.CellRegion, rows: IAlong, columns: IAlong, ground: string, line: string): void {
    if (rows.cells.length === 0 || columns.cells.length === 0) {
      return;
    }
    const context = this.canvasGC;
    const [x, y] = [columns.from, rows.from];
    const [width, height] = [columns.to - x, rows.to - y];
    context.save();
    context.beginPath();
    context.rect(x, y, width, height);
    context.clip();
    if (ground) {
      context.fillStyle = ground;
      context.fillRect(x, y, width, height);
    }
    const { rowBackgroundColor } = this.style;
    if (region === 'body' && rowBackgroundColor) {
      for (const { at, place, size } of rows.cells) {
        context.fillStyle = rowBackgroundColor(at) || 'transparent';
        context.fillRect(x, place, width, size);
      }
    }
    const gc = new GraphicsContext(context);
    for (const { at: column, place: left, size: wide } of columns.cells) {
      for (const { at: row, place: top, size: high } of rows.cells) {
        this._cell(gc, { x: left, y: top, width: wide, height: high, region, row, column });
      }
    }
    gc.dispose();
    context.fillStyle = line || 'transparent';
    for (const { place, size } of rows.cells) {
      context.fillRect(x, place + size - 1, width, 1);
    }
    if (region !== 'body') {
      context.fillStyle = this.style.headerVerticalGridLineColor || 'transparent';
      for (const { place, size } of columns.cells) {
        context.fillRect(place + size - 1, y, 1, height);
      }
    }
    context.restore();
  }

  private _cell(gc: GraphicsContext, where: Omit<CellRenderer.CellConfig, 'value' | 'metadata'>): void {
    const model = this.dataModel as DataModel;
    const { region, row, column } = where;
    const config = {
      ...where,
      value: model.data(region, row, column) as unknown,
      metadata: model.metadata(region, row, column)
    };
    gc.save();
    try {
      this.cellRenderers.get(config).paint(gc, config);
    } catch (error) {
      console.error(error); // one cell that cannot be painted must not take the others along
    }
    gc.restore();
  }
}

function along(
  from: number,
  to: number,
  first: number,
  count: number,
  place: (at: number) => number,
  size: (at: number) => number
): IAlong {
  const cells: IAlong['cells'] = [];
  let end = from;
  for (let at = first; at >= 0 && at < count && end < to; at++) {
    const cell = { at, place: place(at), size: size(at) };
    end = cell.place + cell.size;
    if (cell.size > 0) {
      cells.push(cell);
    }
  }
  return { from, to: Math.min(to, Math.max(from, end)), cells };
}
