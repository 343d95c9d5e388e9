import { IPictureData } from '../model';
import { answers, gridOf, indicesOf, toCsv } from '../views/values/answers';
import { exactField } from '../views/values/numbers';
import { moved, partBetween, zoomed } from '../views/values/parts';
import { NO_LOOK, paletteOf, readLook, wayOf } from '../views/values/settings';
import {
  cutTiles,
  foldsOf,
  IChoice,
  matrixAxes,
  MOST_CELLS,
  NO_CHOICE,
  representations,
  requestFor,
  tilesPerPage
} from '../views/values/shapes';

const kinds = (shape: number[]) => representations(shape).map(way => way.kind);
const wayNamed = (shape: number[], kind: string) => representations(shape).find(way => way.kind === kind)!;

/** What the kernel would send for a request: each number is its own flat index in the tensor. */
function answer(shape: number[], asked: ReturnType<typeof requestFor>): IPictureData {
  const strides = shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * b, 1));
  const first = asked.axes.length === 1 ? asked.columns : asked.rows;
  const ends = asked.axes.map((axis, i) => (i === 0 ? first : i === 1 ? asked.columns : [0, shape[axis]]));
  const rest = shape.map((_, axis) => axis).filter(axis => !asked.axes.includes(axis));
  let places = [rest.reduce((sum, axis, i) => sum + asked.index[i] * strides[axis], 0)];
  ends.forEach(([from, to], i) => {
    places = places.flatMap(at =>
      Array.from({ length: to - from }, (_, k) => at + (from + k) * strides[asked.axes[i]])
    );
  });
  return {
    picture: {
      ...asked,
      key: '',
      session: '',
      tensor: '',
      step: 0,
      dtype: 'float32',
      shape,
      block: [1, 1],
      values: { buffer: 0, dtype: 'float32', shape: ends.map(([from, to]) => to - from) }
    },
    values: Float32Array.from(places),
    histogram: null,
    range: null,
    statistics: null
  };
}

describe('representations', () => {
  it('fit the shape', () => {
    expect(kinds([])).toEqual(['number']);
    expect(kinds([1])[0]).toBe('number');
    expect(kinds([10])).toEqual(['line', 'strip']);
    expect(kinds([784, 10])[0]).toBe('columns');
    expect(kinds([1024, 10])).toEqual(['matrix', 'columns']);
    expect(kinds([100, 784])[0]).toBe('matrix');
    expect(kinds([100, 784])).toContain('rows');
    expect(kinds([3136, 1024])[0]).toBe('matrix');
    expect(kinds([5, 7])).toEqual(['matrix']);
    expect(kinds([5, 5, 32, 64])[0]).toBe('filters');
    expect(kinds([1, 1, 32, 64])[0]).toBe('matrix');
    expect(kinds([50, 28, 28, 32])[0]).toBe('channels');
    expect(kinds([50, 28, 28, 3])[0]).toBe('images');
    expect(kinds([2, 3, 4, 5, 6])).toEqual(['matrix']);
    expect(kinds([-1, 784])).toEqual([]);
  });

  it('offer no picture of what is empty or too large', () => {
    expect(kinds([0, 10])).toEqual(['matrix']);
    expect(kinds([28, 28, 1, 0])).toEqual(['matrix']);
    expect(kinds([4, 1000, 1000, 3])).not.toContain('images');
  });

  it('fold lengths into what looks like a picture', () => {
    expect(foldsOf(784)[0]).toBe(28);
    expect(foldsOf(12)).toEqual([3, 4]);
    expect(foldsOf(13)).toEqual([]);
    expect(foldsOf(0)).toEqual([]);
    expect(wayOf([784, 10], { ...NO_LOOK, fold: 14 })?.tiling).toMatchObject({ height: 14, width: 56 });
    expect(wayOf([784, 10], { ...NO_LOOK, fold: 5 })?.tiling).toMatchObject({ height: 28, width: 28 });
  });

  it('never ask for more numbers than are allowed, and name only dimensions that exist', () => {
    const shapes = [[], [1], [50000], [784, 10], [784, 5000], [11, 11, 3, 96], [5, 5, 32, 64], [3, 3, 512, 512]];
    shapes.push([64, 28, 28, 32], [64, 73, 73, 3], [100, 784], [2, 3, 4, 5, 6], [7, 30, 30], [0, 10], [0]);
    for (const shape of shapes) {
      for (const way of representations(shape)) {
        for (const color of [true, false]) {
          for (const page of [0, 1, 999]) {
            const choice = { ...NO_CHOICE, color, page, place: shape.map(() => 1e9) };
            const asked = requestFor(shape, way, choice);
            expect(asked.cells).toBeLessThanOrEqual(MOST_CELLS);
            expect(new Set(asked.axes).size).toBe(asked.axes.length);
            expect(asked.axes.every(axis => axis >= 0 && axis < shape.length)).toBe(true);
            expect(asked.index.length).toBe(shape.length < 2 ? 0 : shape.length - asked.axes.length);
            if (asked.axes.length > 2) {
              expect(answer(shape, asked).values!.length).toBeLessThanOrEqual(MOST_CELLS);
            }
            if (way.tiling) {
              expect(asked.rows[1]).toBeLessThanOrEqual(shape[asked.axes[0]]);
              expect(asked.rows[1]).toBeGreaterThan(asked.rows[0]);
            }
          }
        }
      }
    }
  });

  it('cut filters out of the answer', () => {
    const shape = [2, 3, 4, 6];
    const way = wayNamed(shape, 'filters');
    const asked = requestFor(shape, way, { ...NO_CHOICE, color: false, place: [0, 0, 3, 0] });
    expect([asked.axes, asked.index]).toEqual([[3, 0, 1], [3]]);
    const tiles = cutTiles(gridOf(answer(shape, asked))!, 0, way.tiling!, 1);
    expect(tiles.length).toBe(6);
    // Filter 5, channel 3, row 1, column 2.
    expect(tiles[5].values[1 * 3 + 2]).toBe(((1 * 3 + 2) * 4 + 3) * 6 + 5);
  });

  it('cut coloured pictures and folded columns out of the answer', () => {
    const shape = [3, 3, 3, 2];
    const way = wayNamed(shape, 'filters');
    const asked = requestFor(shape, way, { ...NO_CHOICE, color: true });
    expect(asked.axes).toEqual([3, 0, 1, 2]);
    const tiles = cutTiles(gridOf(answer(shape, asked))!, 0, way.tiling!, 3);
    expect(tiles[1].values.length).toBe(27);
    expect(tiles[1].values[(2 * 3 + 1) * 3 + 2]).toBe(((2 * 3 + 1) * 3 + 2) * 2 + 1);
    const columns = wayNamed([784, 30], 'columns');
    const second = requestFor([784, 30], columns, { ...NO_CHOICE, page: 1 });
    const size = tilesPerPage(columns.tiling!, false);
    expect([size, second.rows]).toEqual([20, [20, 30]]);
    const folded = cutTiles(gridOf(answer([784, 30], second))!, second.rows[0], columns.tiling!, 1);
    expect([folded.length, folded[0].number, folded[3].values[29]]).toEqual([10, 20, 29 * 30 + 23]);
  });

  it('cut nothing out of an answer of another size', () => {
    expect(
      cutTiles({ values: new Float32Array(7), dtype: 'float32' }, 0, wayNamed([784, 10], 'columns').tiling!, 1)
    ).toEqual([]);
  });

  it('show any two dimensions of any tensor', () => {
    expect(matrixAxes([2, 3, 4], [2, 0])).toEqual([2, 0]);
    for (const bad of [[], [1], [1, 1], [0, 9], [-1, 0], [NaN, 0]]) {
      expect(matrixAxes([2, 3, 4], bad)).toEqual([1, 2]);
    }
    const choice: IChoice = { ...NO_CHOICE, axes: [2, 0], place: [9, 2, 9], rows: [1, 3], columns: [-5, 100] };
    const asked = requestFor([2, 3, 4], wayNamed([2, 3, 4], 'matrix'), choice);
    expect(asked).toMatchObject({ axes: [2, 0], index: [2], rows: [1, 3], columns: [0, 2] });
  });
});

describe('answers', () => {
  it('tell the indices of a cell in the order of the tensor', () => {
    const shape = [2, 3, 4];
    const asked = requestFor(shape, wayNamed(shape, 'matrix'), { ...NO_CHOICE, axes: [2, 0], place: [0, 1, 0] });
    const data = answer(shape, asked);
    const grid = gridOf(data)!;
    expect([grid.rows, grid.columns, grid.shape]).toEqual([4, 2, [4, 2]]);
    expect(indicesOf(data, grid, 3, 1)).toBe('1, 1, 3');
    expect(grid.values[3 * 2 + 1]).toBe(1 * 12 + 1 * 4 + 3);
  });

  it('say which numbers a mean is of', () => {
    const data = answer([10, 9], requestFor([10, 9], wayNamed([10, 9], 'matrix'), NO_CHOICE));
    const grid = { ...gridOf(data)!, block: [4, 1] as [number, number] };
    expect(indicesOf(data, grid, 2, 3)).toBe('8:10, 3');
  });

  it('are rows where the tensor is a vector or a number', () => {
    const vector = answer([5], requestFor([5], wayNamed([5], 'line'), { ...NO_CHOICE, columns: [1, 4] }));
    const grid = gridOf(vector)!;
    expect([grid.rows, grid.columns, grid.shape, indicesOf(vector, grid, 0, 2)]).toEqual([1, 3, [1, 5], '3']);
    const number = answer([], requestFor([], wayNamed([], 'number'), NO_CHOICE));
    expect([gridOf(number)!.rows, gridOf(number)!.columns]).toEqual([1, 1]);
    expect(gridOf({ ...vector, values: null })).toBeNull();
  });

  it('are known to be of another question', () => {
    const asked = requestFor([784, 30], wayNamed([784, 30], 'columns'), NO_CHOICE);
    const data = answer([784, 30], asked);
    expect(answers(data, asked)).toBe(true);
    expect(answers(data, { ...asked, axes: [0, 1] })).toBe(false);
    const banks = requestFor([5, 5, 32, 640], wayNamed([5, 5, 32, 640], 'filters'), { ...NO_CHOICE, page: 1 });
    expect(answers(answer([5, 5, 32, 640], banks), { ...banks, rows: [0, 256] })).toBe(false);
  });

  it('become table files with NaN, infinities and quotes', () => {
    const head = { corner: 'a,"b"', row: (r: number) => `r${r}`, column: (c: number) => `c${c}` };
    const csv = toCsv(4, 2, head, at => exactField([1, NaN, Infinity, -Infinity][at], 'float64'));
    expect(csv).toBe('"a,""b""",c0,c1\nr0,1,nan\nr1,inf,-inf\n');
    expect(toCsv(0, 0, head, String)).toBe('"a,""b"""\n');
  });
});

describe('parts', () => {
  const whole = { rows: [0, 100] as [number, number], columns: [0, 10] as [number, number] };

  it('zoom about a place, and stay inside', () => {
    expect(zoomed(whole, [100, 10], 0.5, [50, 5])).toEqual({ rows: [25, 75], columns: [3, 8] });
    expect(zoomed(whole, [100, 10], 0.5, [99, 0])).toEqual({ rows: [50, 100], columns: [0, 5] });
    expect(zoomed(whole, [100, 10], 1e-9, [99, 9])).toEqual({ rows: [99, 100], columns: [9, 10] });
    expect(zoomed({ rows: [3, 4], columns: [3, 4] }, [100, 10], 1e9, [3, 3])).toEqual(whole);
  });

  it('move no further than the border', () => {
    const part = { rows: [10, 20] as [number, number], columns: [0, 5] as [number, number] };
    expect(moved(part, [100, 10], -50, 2)).toEqual({ rows: [0, 10], columns: [2, 7] });
    expect(moved(part, [100, 10], 500, 50)).toEqual({ rows: [90, 100], columns: [5, 10] });
  });

  it('are cut out by dragging in any direction', () => {
    expect(partBetween(whole, [0.5, 0.1], [0, 1])).toEqual({ rows: [10, 50], columns: [0, 10] });
    expect(partBetween(whole, [2, 3], [-1, -1])).toEqual({ rows: [99, 100], columns: [0, 1] });
  });
});

describe('what is kept of a tensor', () => {
  it('is read only as far as it makes sense', () => {
    expect(readLook(undefined)).toEqual(NO_LOOK);
    const look = readLook({
      kind: 'matrix',
      axes: ['x'],
      place: [1, 2],
      rows: [1],
      columns: [0, 5],
      page: '3',
      own: 1
    });
    expect(look).toEqual({ ...NO_LOOK, kind: 'matrix', place: [1, 2], columns: [0, 5] });
    expect(wayOf([10], { ...NO_LOOK, kind: 'filters' })?.kind).toBe('line');
    expect(wayOf([-1], NO_LOOK)).toBeNull();
  });

  it('has the colours that fit', () => {
    const of = (shape: number[], kind: string) => paletteOf(shape, wayNamed(shape, kind), 'auto');
    expect(of([5, 5, 1, 32], 'filters')).toBe('gray');
    expect(of([5, 5, 3, 32], 'filters')).toBe('color');
    expect(of([5, 5, 8, 32], 'filters')).toBe('signed');
    expect(of([784, 10], 'columns')).toBe('signed');
    expect(paletteOf([5, 5], wayNamed([5, 5], 'matrix'), 'color')).toBe('signed');
  });

  it('has red and blue of itself for pictures with something below zero, gray where the user says so', () => {
    for (const [shape, kind] of [
      [[5, 5, 1, 32], 'filters'],
      [[100, 784], 'rows'],
      [[10, 28, 28, 1], 'images']
    ] as const) {
      const way = wayNamed([...shape], kind);
      const palettes = [true, false].map(negative => paletteOf(shape, way, 'auto', negative));
      expect([kind, ...palettes]).toEqual([kind, 'signed', 'gray']);
      expect(paletteOf(shape, way, 'gray', true)).toBe('gray');
    }
  });
});
