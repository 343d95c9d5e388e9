import { trans } from './page';
import { Widget } from '@lumino/widgets';
import { IRow, ISort, joinRows } from '../views/values/rows';
import { ValuesTable } from '../views/values/table';
import { shortName } from '../views/values/cards';
import { nearest } from '../views/values/lineplot';
import { Splitter } from '../views/values/splitter';
import { arrangeTiles } from '../views/values/tiles';
import { Theme } from '../theme';

function rows(...names: string[]): IRow[] {
  const plain = { node: 0, dtype: 'float32', shape: [4], initialized: true, trainable: true, pinned: false };
  return joinRows(
    names.map(name => ({ ...plain, name })),
    new Float64Array(names.length * 9).fill(1)
  );
}

describe('tiles', () => {
  it('fit into the room, as large as can be', () => {
    for (const [count, height, width] of [
      [1, 5, 5],
      [64, 5, 5],
      [256, 28, 28],
      [3, 1, 100]
    ]) {
      for (const room of [
        { width: 300, height: 180 },
        { width: 1200, height: 90 }
      ]) {
        const { columns, rows, scale } = arrangeTiles(count, { height, width }, room, 12);
        expect(columns * rows).toBeGreaterThanOrEqual(count);
        expect(columns * (width * scale + 4)).toBeLessThanOrEqual(room.width);
        expect(rows * (height * scale + 16)).toBeLessThanOrEqual(Math.max(room.height, rows * 16));
      }
    }
    expect(arrangeTiles(10, { height: 28, width: 28 }, { width: 600, height: 160 }, 0).columns).toBeGreaterThan(4);
  });

  it('are nowhere where there is no room', () => {
    expect(arrangeTiles(4, { height: 5, width: 5 }, { width: 0, height: 0 }, 12).scale).toBe(0);
    expect(arrangeTiles(0, { height: 5, width: 5 }, { width: 100, height: 100 }, 12).columns).toBe(1);
  });
});

describe('nearest', () => {
  it('finds the place under the mouse', () => {
    const places = [0, 10, 11, 50];
    expect([-5, 0, 4, 6, 10.6, 30, 31, 99].map(x => nearest(places, x))).toEqual([0, 0, 0, 1, 2, 2, 3, 3]);
    expect([nearest([7], 100), nearest([], 1)]).toEqual([0, 0]);
  });
});

describe('names on tabs', () => {
  it('are as short as tells them apart', () => {
    expect(['W', 'a/W', 'a/b/c/W'].map(shortName)).toEqual(['W', 'a/W', '…/c/W']);
  });
});

describe('splitter', () => {
  it('moves by keys, and never hides either side', () => {
    let share = 0;
    const splitter = new Splitter('Border', 0.4, s => (share = s));
    const press = (key: string) => splitter.node.dispatchEvent(new KeyboardEvent('keydown', { key }));
    press('ArrowDown');
    expect(share).toBeCloseTo(0.45);
    Array.from({ length: 30 }, () => press('ArrowUp'));
    expect([share, splitter.node.getAttribute('aria-valuenow')]).toEqual([0.15, '15']);
    splitter.share = NaN;
    expect(splitter.share).toBe(0.4);
  });
});

describe('table', () => {
  let table: ValuesTable;
  const press = (key: string) =>
    table.node
      .querySelector('[role=application]')!
      .dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));

  beforeEach(() => {
    table = new ValuesTable(new Theme(), trans);
    Widget.attach(table, document.body);
  });

  afterEach(() => table.dispose());

  it('is moved through and opened by keys, and says the line', () => {
    const opened: string[] = [];
    table.opened.connect((_, row) => opened.push(row.name));
    press('Enter');
    table.setRows(rows('a', 'b', 'c'));
    press('ArrowDown');
    press('ArrowDown');
    press('Enter');
    expect(opened).toEqual(['b']);
    expect(table.node.querySelector('[role=status]')!.textContent).toContain('b, 4, mean 1');
    press('End');
    press('ArrowDown');
    expect(table.current?.name).toBe('c');
    press('Home');
    press('PageUp');
    expect(table.current?.name).toBe('a');
  });

  it('keeps a line chosen wherever it goes, and none where it is gone', () => {
    table.setRows(rows('a', 'b', 'c'));
    table.selectName('c');
    table.setRows(rows('c', 'a', 'b'));
    expect(table.current?.name).toBe('c');
    table.setRows(rows('c', 'a'));
    expect(table.current?.name).toBe('c');
    const said = () => table.node.querySelector('[role=status]')!.textContent;
    press('ArrowDown');
    press('ArrowUp');
    expect(said()).toContain('c, 4, mean 1');
    table.setRows(rows('a'));
    expect([table.current, said()]).toEqual([null, '']);
    table.setRows([]);
    press('ArrowDown');
    expect(table.current).toBeNull();
  });

  it('asks to be sorted, and to take away pins only', () => {
    const sorts: ISort[] = [];
    const unpinned: string[] = [];
    table.sorted.connect((_, sort) => sorts.push(sort));
    table.unpinned.connect((_, row) => unpinned.push(row.name));
    table.sortBy('norm');
    expect(sorts).toEqual([{ key: 'norm', down: true }]);
    const [free, pinned] = rows('free', 'pinned');
    table.setRows([free, { ...pinned, pinned: true }]);
    press('ArrowDown');
    press('Delete');
    press('ArrowDown');
    press('Delete');
    expect(unpinned).toEqual(['pinned']);
  });
});
