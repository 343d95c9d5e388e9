import { TranslationBundle } from '@jupyterlab/translation';
import { DataModel } from '@lumino/datagrid';
import { formatNumber, formatShape, formatShare } from './numbers';
import { History } from './histories';
import { health, IRow, ISort, SortKey, statisticOf } from './rows';

/** What a column shows; "health" and "trend" are drawn. */
export type Column =
  'health' | 'trend' | 'shape' | 'dtype' | 'task' | Exclude<SortKey, 'kernel' | 'name' | 'shape' | 'dtype'>;

/** All columns; the last one is there where a cluster's tasks have the variables. */
export const COLUMNS: readonly Column[] = [
  'health',
  'trend',
  'shape',
  'mean',
  'deviation',
  'min',
  'max',
  'norm',
  'zeros',
  'negative',
  'nan',
  'inf',
  'dtype',
  'task'
];

/** Widths in units of the font's size. */
export const WIDTHS: { [column in Column]: number } = {
  health: 9,
  trend: 7,
  shape: 8,
  dtype: 5.5,
  task: 11,
  mean: 6.6,
  deviation: 6.6,
  min: 6.6,
  max: 6.6,
  norm: 6.6,
  zeros: 5,
  negative: 5.5,
  nan: 4.5,
  inf: 4.5
};

/** The headings, translated. */
export function columnLabels(trans: TranslationBundle): { [key in Column | 'name']: string } {
  return {
    name: trans.__('Name'),
    health: trans.__('Health'),
    trend: trans.__('Trend'),
    shape: trans.__('Shape'),
    dtype: trans.__('Type'),
    task: trans.__('Task'),
    mean: trans.__('Mean'),
    deviation: trans.__('Deviation'),
    min: trans.__('Min'),
    max: trans.__('Max'),
    norm: trans.__('Norm'),
    zeros: trans.__('Zeros'),
    negative: trans.__('Negative'),
    nan: trans.__('NaN'),
    inf: trans.__('Inf')
  };
}

/** The text of a cell, for the grid, for copying, and for those who hear it. */
export function cellText(row: IRow, column: Column, trans: TranslationBundle): string {
  switch (column) {
    case 'health':
    case 'trend':
      return '';
    case 'shape':
      return formatShape(row.shape, trans.__('scalar'));
    case 'dtype':
      return row.dtype.replace(/_ref$/, '');
    case 'task':
      return row.task ?? '';
  }
  if (!row.statistics) {
    return '–';
  }
  const x = statisticOf(row, column);
  return column === 'zeros' || column === 'negative' ? formatShare(x, row.count) : formatNumber(x);
}

/** What there is to say of a line in place of its numbers; empty where it has some. */
export function rowProblem(row: IRow, trans: TranslationBundle): string {
  if (row.problem) {
    return row.problem;
  }
  return !row.initialized ? trans.__('not initialized') : row.count === 0 ? trans.__('empty') : '';
}

/** What the bar of a line's health shows, in words. */
export function healthText(row: IRow, trans: TranslationBundle): string {
  const problem = rowProblem(row, trans);
  if (problem || !row.statistics) {
    return problem || '–';
  }
  const [nan, inf] = [statisticOf(row, 'nan'), statisticOf(row, 'inf')];
  const odd: string[] = [];
  if (nan > 0) {
    odd.push(trans.__('%1 of %2 are NaN', nan.toLocaleString(), row.count.toLocaleString()));
  }
  if (inf > 0) {
    odd.push(trans.__('%1 of %2 are infinite', inf.toLocaleString(), row.count.toLocaleString()));
  }
  return odd.join(', ') || trans.__('no problem');
}

/** A line read aloud. */
export function rowSummary(row: IRow, trans: TranslationBundle): string {
  const plain = formatShape(row.shape, trans.__('scalar'));
  const shape = row.task ? trans.__('%1 on %2', plain, row.task) : plain;
  const problem = rowProblem(row, trans);
  if (problem) {
    return trans.__('%1, %2, %3', row.name, shape, problem);
  }
  const odd = statisticOf(row, 'nan') + statisticOf(row, 'inf');
  const text = trans.__(
    '%1, %2, mean %3, deviation %4, from %5 to %6',
    row.name,
    shape,
    formatNumber(statisticOf(row, 'mean')),
    formatNumber(statisticOf(row, 'deviation')),
    formatNumber(statisticOf(row, 'min')),
    formatNumber(statisticOf(row, 'max'))
  );
  if (odd > 0 && odd < row.count) {
    return trans.__('%1, all that of finite numbers; %2 numbers are NaN or infinite', text, odd);
  }
  return odd > 0 ? trans.__('%1, %2 numbers are NaN or infinite', text, odd) : text;
}

/** What a line has at its left. */
export function headOf(row: IRow): string {
  return (row.pinned ? '◆ ' : '') + row.name;
}

/** What the bar of a line's health looks like, as fine as pixels can show it. */
function barOf(row: IRow, trans: TranslationBundle): string {
  const { negative, zero, positive, odd } = health(row);
  const parts = [negative, zero, positive, odd].map(share => Math.round(share * 100));
  // A few numbers that are NaN or infinite are told in words, too.
  return [rowProblem(row, trans), ...parts, odd && statisticOf(row, 'nan'), odd && statisticOf(row, 'inf')].join();
}

/** The smallest rectangle around some cells. */
class Box {
  constructor(
    public row = Infinity,
    public rowEnd = -1,
    public column = Infinity,
    public columnEnd = -1
  ) {}

  add(row: number, column: number): void {
    this.row = Math.min(this.row, row);
    this.rowEnd = Math.max(this.rowEnd, row);
    this.column = Math.min(this.column, column);
    this.columnEnd = Math.max(this.columnEnd, column);
  }
}

/** The lines as the grid wants them: names in the header of the rows, so that they stay in sight. */
export class TableModel extends DataModel {
  constructor(trans: TranslationBundle) {
    super();
    this._trans = trans;
    this._labels = columnLabels(trans);
  }

  get rows(): readonly IRow[] {
    return this._rows;
  }

  /** How many columns there are. */
  get width(): number {
    return COLUMNS.length - (this._far ? 0 : 1);
  }

  get sort(): ISort {
    return this._sort;
  }

  /** Histories of the trend column, by the tensor's name. */
  trends: ReadonlyMap<string, History> = new Map();

  /** Which lines are in sight, from and to; what is not is painted as it comes into it. */
  seen: () => [number, number] = () => [0, this._rows.length];

  /**
   * Replaces the lines; only where their number differs the grid arranges itself anew. `trends`: whether the small lines are drawn
   * further, too.
   */
  setRows(rows: readonly IRow[], trends = true): void {
    const before = this._rows;
    this._rows = rows;
    const wasFar = this._far;
    this._far = rows.some(row => row.task !== undefined);
    if (before.length !== rows.length || wasFar !== this._far) {
      this._drawn.clear();
      this.emitChanged({ type: 'model-reset' });
      return;
    }
    const [from, to] = this.seen();
    const names = new Box();
    const cells = new Box();
    for (let at = Math.max(0, from); at < Math.min(to, rows.length); at++) {
      if (headOf(before[at]) !== headOf(rows[at])) {
        names.add(at, 0);
      }
      COLUMNS.slice(0, this.width).forEach((column, i) => {
        if (column === 'trend' ? trends && this._grown(rows[at].name) : this._differ(before[at], rows[at], column)) {
          cells.add(at, i);
        }
      });
    }
    this._cells('body', cells);
    this._cells('row-header', names);
  }

  setSort(sort: ISort): void {
    this._sort = sort;
    this._cells('column-header', new Box(0, 0, 0, this.width - 1));
    this._cells('corner-header', new Box(0, 0, 0, 0));
  }

  rowCount(region: DataModel.RowRegion): number {
    return region === 'body' ? this._rows.length : 1;
  }

  columnCount(region: DataModel.ColumnRegion): number {
    return region === 'body' ? this.width : 1;
  }

  data(region: DataModel.CellRegion, row: number, column: number): IRow | string {
    switch (region) {
      case 'corner-header':
        return this._heading('name');
      case 'column-header':
        return this._heading(COLUMNS[column]);
      case 'row-header':
        return headOf(this._rows[row]);
      default: {
        const name = COLUMNS[column];
        return name === 'health' || name === 'trend' ? this._rows[row] : cellText(this._rows[row], name, this._trans);
      }
    }
  }

  private _heading(column: Column | 'name'): string {
    return this._labels[column] + (this._sort.key === column ? (this._sort.down ? ' ▼' : ' ▲') : '');
  }

  /** Whether a cell shows something else than before. */
  private _differ(before: IRow, now: IRow, column: Column): boolean {
    if (column === 'health') {
      return barOf(before, this._trans) !== barOf(now, this._trans);
    }
    return before !== now && cellText(before, column, this._trans) !== cellText(now, column, this._trans);
  }

  /** Whether a small line has grown since it was last drawn. */
  private _grown(name: string): boolean {
    const trend = this.trends.get(name);
    const last = (trend?.length ?? 0) - 1;
    const mark = trend && last >= 0 ? `${last} ${trend.steps[last]} ${trend.values[last]}` : '';
    const grown = mark !== (this._drawn.get(name) ?? '');
    this._drawn.set(name, mark);
    return grown;
  }

  private _cells(region: DataModel.CellRegion, { row, rowEnd, column, columnEnd }: Box): void {
    if (rowEnd >= row) {
      const [rowSpan, columnSpan] = [rowEnd - row + 1, columnEnd - column + 1];
      this.emitChanged({ type: 'cells-changed', region, row, column, rowSpan, columnSpan });
    }
  }

  private _drawn = new Map<string, string>();
  private _trans: TranslationBundle;
  private _labels: { [key in Column | 'name']: string };
  private _rows: readonly IRow[] = [];
  private _far = false;
  private _sort: ISort = { key: 'kernel', down: false };
}
