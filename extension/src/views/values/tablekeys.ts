import { BasicMouseHandler, DataGrid } from '@lumino/datagrid';
import { SortKey } from './rows';
import { Column, COLUMNS } from './tablemodel';

/** What keys and clicks do to the table. */
export interface IRowActions {
  select(row: number): void;
  /** Moves the choice by lines. */
  move(by: number): void;
  open(): void;
  unpin(): void;
  sortBy(key: SortKey): void;
  /** What is said of a line where the mouse rests on it, or on one of its cells. */
  describe(row: number, column?: Column): string;
}

/** Keys of the table, in which whole lines are chosen. */
export class TableKeys implements DataGrid.IKeyHandler {
  constructor(table: IRowActions) {
    this._table = table;
  }

  isDisposed = false;

  dispose(): void {
    this.isDisposed = true;
  }

  onKeyDown(grid: DataGrid, event: KeyboardEvent): void {
    const page = Math.max(1, Math.floor(grid.pageHeight / grid.defaultSizes.rowHeight) - 1);
    const actions: { [key: string]: () => void } = {
      ArrowUp: () => this._table.move(-1),
      ArrowDown: () => this._table.move(1),
      PageUp: () => this._table.move(-page),
      PageDown: () => this._table.move(page),
      Home: () => this._table.select(0),
      End: () => this._table.select(Infinity),
      ArrowLeft: () => grid.scrollByStep('left'),
      ArrowRight: () => grid.scrollByStep('right'),
      Enter: () => this._table.open(),
      Delete: () => this._table.unpin()
    };
    const copy = (event.ctrlKey || event.metaKey) && event.key === 'c';
    const action = copy ? () => grid.copyToClipboard() : event.ctrlKey || event.altKey ? undefined : actions[event.key];
    if (action) {
      event.preventDefault();
      event.stopPropagation();
      action();
    }
  }

  private _table: IRowActions;
}

/** Clicks: on a heading sorts, twice on a line opens; the borders of headings still resize columns. */
export class TableMouse extends BasicMouseHandler {
  constructor(table: IRowActions) {
    super();
    this._table = table;
  }

  onMouseDown(grid: DataGrid, event: MouseEvent): void {
    const hit = grid.hitTest(event.clientX, event.clientY);
    const heading = hit.region === 'column-header' || hit.region === 'corner-header';
    if (heading && hit.x > 6 && hit.x < hit.width - 6) {
      const column = hit.region === 'corner-header' ? 'name' : COLUMNS[hit.column];
      if (column !== 'trend' && column !== 'task') {
        this._table.sortBy(column === 'health' ? 'nan' : column);
      }
    } else if (heading) {
      super.onMouseDown(grid, event);
    } else if (hit.region !== 'void') {
      this._table.select(hit.row);
    }
  }

  onMouseHover(grid: DataGrid, event: MouseEvent): void {
    super.onMouseHover(grid, event);
    const { region, row, column } = grid.hitTest(event.clientX, event.clientY);
    const text =
      region === 'body' || region === 'row-header'
        ? this._table.describe(row, region === 'body' ? COLUMNS[column] : undefined)
        : '';
    if (grid.viewport.node.title !== text) {
      grid.viewport.node.title = text;
    }
  }

  onMouseDoubleClick(grid: DataGrid, event: MouseEvent): void {
    const { region } = grid.hitTest(event.clientX, event.clientY);
    if (region === 'body' || region === 'row-header') {
      this._table.open();
    }
  }

  private _table: IRowActions;
}
