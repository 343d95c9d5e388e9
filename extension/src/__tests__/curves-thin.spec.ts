import { emptyThinned, IWindow, thin } from '../views/curves/thin';

const array = (values: readonly number[]) => Float64Array.from(values);
const count = (n: number, of: (i: number) => number) => Float64Array.from({ length: n }, (_, i) => of(i));

function run(x: Float64Array, y: Float64Array, window: Partial<IWindow> = {}) {
  const all = { from: 0, to: x.length, factor: 1, x0: x[0], x1: x[x.length - 1], columns: 10, positive: false };
  const found = thin(x, y, { ...all, ...window }, emptyThinned());
  return { ...found, points: [...found.x.subarray(0, found.length)].map((at, i) => [at, found.y[i]]) };
}

describe('thinning', () => {
  it('keeps the first, lowest, highest and last value of every column, in their order', () => {
    const n = 10000;
    const y = count(n, i => Math.sin(i * 0.37) * Math.cos(i * 0.011));
    y[5432] = 40;
    y[7777] = -30;
    const x = count(n, i => i);
    const found = run(x, y, { columns: 100 });
    expect(found.length).toBeLessThanOrEqual(400);
    expect([found.low, found.high]).toEqual([-30, 40]);
    expect(found.points).toContainEqual([5432, 40]);
    expect(found.points).toContainEqual([7777, -30]);
    expect(found.points[found.length - 1]).toEqual([n - 1, y[n - 1]]);
    for (let column = 0; column < 100; column++) {
      const inside = (at: number) => Math.min(99, Math.floor((at * 100) / (n - 1))) === column;
      const kept = found.points.filter(([at]) => inside(at));
      const begin = x.findIndex(inside);
      let end = begin;
      while (end + 1 < n && inside(x[end + 1])) {
        end += 1;
      }
      const all = y.subarray(begin, end + 1);
      expect(Math.max(...kept.map(p => p[1]))).toBe(Math.max(...all));
      expect(Math.min(...kept.map(p => p[1]))).toBe(Math.min(...all));
      expect(kept[0]).toEqual([begin, y[begin]]);
      expect(kept[kept.length - 1]).toEqual([end, y[end]]);
    }
    const steps = found.points.map(p => p[0]);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
  });

  it('lifts the pen where there is no number, also beside single ones', () => {
    const found = run(
      count(5, i => i),
      array([1, NaN, 2, Infinity, 3]),
      { columns: 100 }
    );
    expect(found.points.map(p => p[1])).toEqual([1, NaN, 2, NaN, 3]);
    expect([found.low, found.high]).toEqual([1, 3]);
  });

  it('leaves values at or below 0 out for a logarithmic axis, and finds nothing where nothing is', () => {
    expect(
      run(
        count(4, i => i),
        array([-1, 0, 5, 7]),
        { positive: true }
      ).points.map(p => p[1])
    ).toEqual([5, 7]);
    const none = run(
      count(3, i => i),
      array([NaN, NaN, -Infinity])
    );
    expect([none.length, none.low, none.high]).toEqual([0, Infinity, -Infinity]);
    expect(run(array([]), array([])).length).toBe(0);
  });

  it('leads lines out of the range, whose extremes do not count what is outside', () => {
    const found = run(
      count(10, i => i),
      array([90, 1, 2, 3, 4, 5, 6, 7, 8, -90]),
      { x0: 0.5, x1: 8.5, columns: 100 }
    );
    expect(found.points[0]).toEqual([0, 90]);
    expect(found.points[found.length - 1]).toEqual([9, -90]);
    expect([found.low, found.high]).toEqual([1, 8]);
  });

  it('takes one point, equal places, places out of order, and a factor', () => {
    expect(run(array([3]), array([7])).points).toEqual([[3, 7]]);
    expect(run(array([3, 3, 3]), array([7, 9, 8]), { x0: 2, x1: 4 }).points.map(p => p[1])).toEqual([7, 9, 8]);
    const back = run(array([0, 9, 1, 8]), array([1, 2, 3, 4]), { x0: 0, x1: 9 });
    expect(back.points).toEqual([
      [0, 1],
      [9, 2],
      [1, 3],
      [8, 4]
    ]);
    expect(run(array([0, 100]), array([1, 2]), { factor: 0.01, x0: 0, x1: 1 }).points[1]).toEqual([1, 2]);
  });
});
