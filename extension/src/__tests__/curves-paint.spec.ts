import './page';
import { outside } from '../views/curves/paint';
import { IThinned } from '../views/curves/thin';

const line = (values: number[]): IThinned => ({
  length: values.length,
  x: Float64Array.from(values, (_, i) => 10 * i),
  y: Float64Array.from(values),
  low: 0,
  high: 0
});
/** Pixels from the top, 0 to 100, of values from 0 to 1. */
const away = (values: number[]) =>
  outside(
    line(values),
    x => x,
    y => 100 * (1 - y),
    { top: 0, height: 100 }
  );

describe('a smoothed line', () => {
  it('is in sight where it is within the range', () => {
    expect(away([0, 0.5, 1])).toEqual([]);
    expect(away([])).toEqual([]);
  });

  it('is out of sight from where it crosses an edge until it comes back', () => {
    expect(away([0.5, 1.5, 1.5, 0.5])).toEqual([[5, 25]]);
    expect(away([-1, 1])).toEqual([[0, 5]]);
    expect(away([2, 2])).toEqual([[0, 10]]);
    expect(away([-1, 2])).toEqual([
      [expect.closeTo(20 / 3), 10],
      [0, expect.closeTo(10 / 3)]
    ]);
  });

  it('is nowhere between what is no number', () => {
    expect(away([2, NaN, 2, 2])).toEqual([[20, 30]]);
  });
});
