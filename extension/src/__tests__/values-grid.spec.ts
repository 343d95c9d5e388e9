import { trans } from './page';
import { CellRenderer, DataModel, GraphicsContext, TextRenderer } from '@lumino/datagrid';
import { MessageLoop } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import { Theme } from '../theme';
import { textRenderer } from '../views/values/cells';
import { PlainGrid } from '../views/values/grid';
import { History } from '../views/values/histories';
import { IRow, joinRows } from '../views/values/rows';
import { COLUMNS, rowSummary, TableModel } from '../views/values/tablemodel';

const rows = (numbers: number[], name = 'W'): IRow[] =>
  joinRows(
    numbers.map((_, i) => ({
      name: `${name}${i}`,
      node: i,
      dtype: 'float32',
      shape: [10],
      initialized: true,
      trainable: true,
      pinned: false
    })),
    // The mean is the first statistic.
    Float64Array.from(numbers.flatMap(x => [x, 1, 1, 1, 1, 1, 1, 0, 0]))
  );

describe('changes of the table of values', () => {
  const made = () => {
    const model = new TableModel(trans);
    model.setRows(rows([1, 2, 3, 4]));
    const seen: DataModel.ChangedArgs[] = [];
    model.changed.connect((_, args) => seen.push(args));
    return { model, seen };
  };
  const mean = COLUMNS.indexOf('mean');

  it('are only those of cells that show something else', () => {
    const { model, seen } = made();
    model.setRows(rows([1, 2, 3, 4]));
    expect(seen).toEqual([]);
    model.setRows(rows([1, 2.5, 3.5, 4]));
    expect(seen).toEqual([{ type: 'cells-changed', region: 'body', row: 1, column: mean, rowSpan: 2, columnSpan: 1 }]);
  });

  it('are not told of lines that are out of sight', () => {
    const { model, seen } = made();
    model.seen = () => [0, 2];
    model.setRows(rows([1, 2, 9, 9]));
    expect(seen).toEqual([]);
    model.setRows(rows([0, 2, 9, 9]));
    expect(seen).toMatchObject([{ row: 0, rowSpan: 1 }]);
  });

  it('tell of names apart, and of another number of lines as a whole', () => {
    const { model, seen } = made();
    model.setRows(rows([1, 2, 3, 4], 'V'));
    expect(seen).toMatchObject([{ region: 'row-header', row: 0, rowSpan: 4 }]);
    model.setRows(rows([1]));
    expect(seen[1]).toEqual({ type: 'model-reset' });
  });

  it('have a column for tasks only where a cluster has the variables', () => {
    const { model, seen } = made();
    expect(model.columnCount('body')).toBe(COLUMNS.length - 1);
    model.setRows(rows([1, 2, 3, 4]).map(row => ({ ...row, task: '/job:ps/task:0' })));
    expect(seen).toEqual([{ type: 'model-reset' }]);
    expect(model.columnCount('body')).toBe(COLUMNS.length);
    expect(model.data('column-header', 0, COLUMNS.length - 1)).toBe('Task');
    expect(model.data('body', 2, COLUMNS.length - 1)).toBe('/job:ps/task:0');
    expect(rowSummary(model.rows[0], trans)).toContain('W0, 10 on /job:ps/task:0, mean 1');
    model.setRows(rows([1, 2, 3, 4]));
    expect(model.columnCount('body')).toBe(COLUMNS.length - 1);
  });

  it('take small lines along where they have grown, and when it is their turn', () => {
    const { model, seen } = made();
    const history = new History();
    model.trends = new Map([['W2', history]]);
    history.add(1, 5);
    model.setRows(rows([1, 2, 3, 4]), false);
    expect(seen).toEqual([]);
    model.setRows(rows([1, 2, 3, 4]));
    expect(seen).toMatchObject([{ region: 'body', row: 2, column: COLUMNS.indexOf('trend'), columnSpan: 1 }]);
    model.setRows(rows([1, 2, 3, 4]));
    expect(seen).toHaveLength(1);
  });
});

/** Notes which cells are painted, and where. */
class Noting extends TextRenderer {
  painted: string[] = [];

  paint(_: GraphicsContext, { region, row, column, x, y, width, height }: CellRenderer.CellConfig): void {
    this.painted.push(`${region} ${row} ${column}: ${x} ${y} ${width} ${height}`);
  }
}

class Open extends PlainGrid {
  paintPart(x: number, y: number, width: number, height: number): void {
    this.paintContent(x, y, width, height);
  }
  get context(): CanvasRenderingContext2D {
    return this.canvasGC;
  }
}

describe('the grid of values', () => {
  const noting = new Noting();
  const open = (height: number) => {
    const grid = new Open({
      headerVisibility: 'all',
      defaultSizes: { rowHeight: 20, columnWidth: 50, rowHeaderWidth: 100, columnHeaderHeight: 24 }
    });
    const model = new TableModel(trans);
    model.setRows(rows([1, 2, 3, 4]));
    grid.dataModel = model;
    Widget.attach(grid, document.body);
    MessageLoop.sendMessage(grid, new Widget.ResizeMessage(400, height));
    grid.cellRenderers.update({
      body: noting,
      'row-header': noting,
      'column-header': noting,
      'corner-header': noting
    });
    return grid;
  };

  it('paints only cells that touch what is dirty, each where it is seen, and copies none', () => {
    const grid = open(300);
    const copies = jest.spyOn(grid.context, 'drawImage');
    noting.painted = [];
    // In the body, from the second column on, and two lines.
    grid.paintPart(155, 50, 60, 20);
    expect(noting.painted).toEqual([
      'body 1 1: 150 44 50 20',
      'body 2 1: 150 64 50 20',
      'body 1 2: 200 44 50 20',
      'body 2 2: 200 64 50 20'
    ]);
    noting.painted = [];
    grid.paintPart(90, 10, 20, 20);
    expect(noting.painted.sort()).toEqual([
      'body 0 0: 100 24 50 20',
      'column-header 0 0: 100 0 50 24',
      'corner-header 0 0: 0 0 100 24',
      'row-header 0 0: 0 24 100 20'
    ]);
    noting.painted = [];
    grid.paintPart(110, 200, 20, 20); // below the last line
    expect(noting.painted).toEqual([]);
    expect(copies).not.toHaveBeenCalled();
    grid.dispose();
  });

  it('paints what is about to be scrolled where it still is', () => {
    const grid = open(80);
    MessageLoop.flush();
    const first = () => {
      noting.painted = [];
      grid.paintPart(110, 26, 20, 2);
      return noting.painted;
    };
    expect(first()).toEqual(['body 0 0: 100 24 50 20']);
    grid.scrollTo(0, 20);
    expect(grid.scrollY).toBe(20);
    expect(first()).toEqual(['body 0 0: 100 24 50 20']);
    MessageLoop.flush();
    expect(first()).toEqual(['body 1 0: 100 24 50 20']);
    grid.dispose();
  });

  it('paints the ground of rows below their cells', () => {
    const grid = open(300);
    const fills: string[] = [];
    jest.spyOn(grid.context, 'fillRect').mockImplementation((...where) => {
      fills.push(`${grid.context.fillStyle} ${where.join(' ')}`);
    });
    grid.style = { ...grid.style, rowBackgroundColor: row => (row === 1 ? '#123456' : '') };
    MessageLoop.flush();
    fills.length = 0;
    grid.paintPart(100, 30, 60, 30);
    expect(fills.filter(fill => fill.startsWith('#123456'))).toEqual(['#123456 100 44 60 20']);
    grid.dispose();
  });
});

it('numbers in narrow cells have fewer digits, and their exponent', () => {
  const theme = { colors: { size: 10, font: 'sans', ink: '#000', error: '#f00' } } as Theme;
  const context = document.createElement('canvas').getContext('2d')!;
  jest.spyOn(context, 'measureText').mockImplementation(text => ({ width: 8 * text.length }) as TextMetrics);
  const drawn = jest.spyOn(context, 'fillText');
  const cell = { x: 0, y: 0, height: 20, width: 90, region: 'body', row: 0, column: 0, metadata: {} } as const;
  for (const kind of ['right', 'odd'] as const) {
    textRenderer(theme, kind).paint(new GraphicsContext(context), { ...cell, value: '-8.691e199' });
  }
  expect(drawn.mock.calls.map(([text]) => text)).toEqual(['-8.69e199', '-8.69e199']);
});
