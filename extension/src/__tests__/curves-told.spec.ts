import { trans } from './page';
import { directionOf } from '../views/curves/direction';
import { courseText, trendText } from '../views/curves/trend';

function points(values: number[]) {
  return {
    length: values.length,
    steps: Float64Array.from(values, (_, i) => i + 1),
    values: Float64Array.from(values)
  };
}

describe('what is said of a curve', () => {
  it('that makes one step up or down, or never turns back, is that it rose or fell', () => {
    expect(directionOf([2, 2, 2, 2, 2, 3, 3, 3, 3, 3])).toBe('rising');
    expect(directionOf([3, 3, 3, 3, 3, 3, 2, 2, 2, 2, 2, 2, 2])).toBe('falling');
    expect(directionOf([2, 2, 2, 3, 2, 2, 2])).not.toBe('rising');
    expect(directionOf([2, 2, 2, 2, 2, 2, 2, 2, 2.0001])).toBe('level');
    const text = trendText('loss', points([2, 2, 2, 2, 2, 3, 3, 3, 3, 3]), 'min', trans);
    expect(text).toBe('loss: 3 at step 10, rising: it was 2 at step 5; lowest 2 at step 1.');
  });

  it('that is no number any more is the same in all texts, and true of all its points since', () => {
    const both = points([2, 1, Infinity, Infinity, NaN]);
    expect(trendText('loss', both, 'min', trans)).toContain('loss: no number (first ∞, now NaN) since step 3;');
    expect(courseText('loss', both, 'min', trans)).toContain('Since step 3 it is no number (first ∞, now NaN).');
    const one = points([2, 1, Infinity, Infinity]);
    expect(trendText('loss', one, 'min', trans)).toContain('loss: ∞ since step 3;');
    expect(courseText('loss', one, 'min', trans)).toContain('Since step 3 it is ∞.');
  });
});
