import { ISeries } from '../model';
import { Curve } from '../views/curves/curve';
import { bestBy, bestOf } from '../views/curves/best';
import { directionOf } from '../views/curves/direction';
import { courseText, extremesOf, trendOf, trendText } from '../views/curves/trend';
import { trans } from './page';

export function seriesOf(
  values: readonly number[],
  steps = values.map((_, i) => i + 1),
  name = 'loss',
  run = 1
): ISeries {
  const length = values.length;
  return {
    info: { id: `${run}/${name}`, name, kind: 'loss', run, count: length, kept: length, every: 1 },
    version: 0,
    length,
    steps: Float64Array.from(steps),
    values: Float64Array.from(values),
    times: Float64Array.from(steps, step => step / 10)
  };
}

const STEP = { axis: 'step', epoch: 1 } as const;

describe('what is known of a curve', () => {
  it('is brought up to date as points come', () => {
    const series = seriesOf([3, NaN, 1, 2, -Infinity, -1]);
    const curve = new Curve(series);
    series.length = 2;
    expect(curve.sync()).toBe(true);
    expect([curve.lowest, curve.highest, curve.last, curve.odd]).toEqual([0, 0, 0, [1]]);
    series.length = 6;
    expect(curve.sync(2)).toBe(true);
    expect(curve.behind).toBe(true);
    curve.sync();
    expect([curve.lowest, curve.highest, curve.last, curve.odd, curve.nonPositive]).toEqual([5, 0, 5, [1, 4], 1]);
    expect(curve.sync()).toBe(false);
    expect(curve.range(STEP)).toEqual([1, 6]);
    expect(curve.range({ axis: 'epoch', epoch: 2 })).toEqual([0.5, 3]);
  });

  it('begins anew where other points took the place of those before, even as many', () => {
    const series = seriesOf([5, 4, 3, 2]);
    const curve = new Curve(series);
    curve.sync();
    series.steps.set([2, 4, 6, 8]);
    series.values.set([4, 2, 1, 9]);
    expect(curve.sync()).toBe(true);
    expect([curve.lowest, curve.highest]).toEqual([2, 3]);
    series.length = 1;
    expect(curve.sync()).toBe(true);
    expect([curve.length, curve.lowest]).toEqual([1, 0]);
  });

  it('does not mistake NaN that stays for other points', () => {
    const curve = new Curve(seriesOf([NaN, NaN]));
    expect(curve.sync()).toBe(true);
    expect(curve.sync()).toBe(false);
  });

  it('finds the nearest point and the part within a range, in order or not', () => {
    const sorted = new Curve(seriesOf([1, 2, 3, 4], [0, 10, 20, 30]));
    sorted.sync();
    expect([-5, 4, 6, 14, 16, 99].map(at => sorted.nearest(at, STEP))).toEqual([0, 0, 1, 1, 2, 3]);
    expect(sorted.within(10, 20, STEP)).toEqual([0, 4]);
    expect(sorted.within(11, 12, STEP)).toEqual([1, 3]);
    const wild = new Curve(seriesOf([1, 2, 3, 4], [0, 30, 10, NaN]));
    wild.sync();
    expect(wild.nearest(11, STEP)).toBe(2);
    expect(wild.within(5, 6, STEP)).toEqual([0, 4]);
    const none = new Curve(seriesOf([]));
    none.sync();
    expect(none.nearest(1, STEP)).toBe(-1);
  });
});

describe('the trend in words', () => {
  const direction = (values: number[]) => trendOf(seriesOf(values), 'min')?.direction;
  const noise = (i: number) => Math.sin(i * 12.9898 + 78.233 * i * i) * 0.5;

  it('tells falling, rising, level, noisy and too little', () => {
    const many = Array.from({ length: 400 }, (_, i) => i);
    expect(direction(many.map(i => 10 - i / 50))).toBe('falling');
    expect(direction(many.map(i => 10 - i / 50 + noise(i)))).toBe('falling');
    expect(direction(many.map(i => i / 50 + noise(i)))).toBe('rising');
    expect(direction(many.map(() => 4))).toBe('level');
    expect(direction(many.map(() => 0))).toBe('level');
    expect(direction(many.map(i => 100 + noise(i)))).toBe('level');
    expect(direction(many.map(i => 1 + noise(i)))).toBe('noisy');
    expect(direction(many.map(i => (i % 2 ? 1e308 : -1e308)))).toBe('noisy');
    expect(direction([1])).toBe('short');
    expect(trendOf(seriesOf([NaN, Infinity]), 'min')).toBeNull();
  });

  it('is not led astray by a jump at the start, by decades, or by a single point', () => {
    expect(direction([0.106, 0.912, 0.941, 0.95, 0.967, 0.975, 0.98, 0.987])).toBe('rising');
    const many = Array.from({ length: 2000 }, (_, i) => i);
    expect(direction(many.map(i => 10 ** (-i / 200 + 0.4 * noise(i))))).toBe('falling');
    expect(direction(many.map(i => 2 - i / 2000 + (i === 1900 ? 1e6 : 0)))).toBe('falling');
    expect(direction([0.5, 0.7, 0.9])).toBe('rising');
    expect(direction([3, 1, 2])).toBe('noisy');
    expect(direction(many.map(i => 5 + Math.sin(i / 40)))).toBe('noisy');
  });

  it('does not flip where it is near the border', () => {
    // The drift is so small against the noise that chance decides of each part of the curve.
    const values = Array.from({ length: 3000 }, (_, i) => 0.06 - i * 4e-6 + 0.03 * noise(i));
    const known = extremesOf(seriesOf(values));
    const said: string[] = [];
    const fresh: string[] = [];
    for (let length = 400; length <= 3000; length += 7) {
      const points = { ...seriesOf(values), length };
      said.push(trendOf(points, 'min', Object.assign(known, { last: length - 1 }))!.direction);
      fresh.push(trendOf(points, 'min')!.direction);
    }
    expect(said.filter((word, at) => at > 0 && word !== said[at - 1]).length).toBeLessThan(4);
    // Nor where the page is loaded anew.
    expect(fresh).toEqual(said);
    expect([undefined, 'noisy', 'level'].map(before => directionOf([1, 2, 3, 4], before as never))).toEqual([
      'rising',
      'rising',
      'rising'
    ]);
  });

  it('says where a curve stands, where it came from, and its best', () => {
    const steps = Array.from({ length: 100 }, (_, i) => (i + 1) * 20);
    const values = steps.map(step => 0.31 + (2000 - step) / 4000);
    values[70] = 0.29;
    expect(trendText('loss', seriesOf(values, steps), 'min', trans)).toBe(
      'loss: 0.31 at step 2,000, falling: it was 0.54 at step 1,080; lowest 0.29 at step 1,420.'
    );
    expect(trendText('acc', seriesOf([0.5, 0.7, 0.9]), 'max', trans)).toBe(
      'acc: 0.9 at step 3, rising: it was 0.5 at step 1; highest 0.9 at step 3.'
    );
  });

  it('says a whole curve in a sentence', () => {
    const said = (values: number[], best: 'min' | 'max' = 'min') => courseText('loss', seriesOf(values), best, trans);
    expect(said([2.3, 1, 0.29, 0.31])).toBe('loss fell from 2.3 to 0.31 over 3 steps, lowest 0.29 at step 3.');
    expect(said([0.5, 0.9, 0.8], 'max')).toBe('loss rose from 0.5 to 0.8 over 2 steps, highest 0.9 at step 2.');
    expect(said([NaN, 2, 1, 2])).toBe('loss is 2 as it was 2 steps before, lowest 1 at step 3.');
    expect(said([3, 2, 1, NaN, Infinity])).toBe(
      'loss fell from 3 to 1 over 2 steps, lowest 1 at step 3. Since step 4 it is no number (first NaN, now ∞).'
    );
    expect(said([1])).toBe('loss: 1 at step 1; lowest 1 at step 1.');
    expect(said([])).toBe('loss: no points yet.');
  });

  it('says since when there is no number, and how many were none', () => {
    expect(trendText('loss', seriesOf([3, 2, NaN, NaN]), 'min', trans)).toBe(
      'loss: NaN since step 3; the last number was 2 at step 2; lowest 2 at step 2.'
    );
    expect(trendText('loss', seriesOf([3, NaN, 2]), 'min', trans)).toBe(
      'loss: 2 at step 3; lowest 2 at step 3. 1 value is NaN or infinite.'
    );
    expect(trendText('x', seriesOf([NaN, -Infinity]), 'min', trans)).toBe(
      'x: no number among its points; the last is −∞ at step 2.'
    );
    expect(trendText('<b>"%1"</b>', seriesOf([]), 'min', trans)).toBe('<b>"%1"</b>: no points yet.');
  });

  it('takes the highest for what measures success, and the lowest for what is to be small', () => {
    const best = (names: string[]) => names.map(name => bestOf(name));
    const good = ['accuracy', 'val_acc', 'test/Accuracy', 'trainAcc', 'AUC', 'precision@5', 'recall', 'f1'];
    good.push('validation', 'validation/digits', 'F1Score', 'high_scores', 'right');
    expect(best(good)).toEqual(good.map(() => 'max'));
    const bad = ['loss', 'perplexity', 'cross_entropy', 'validation_loss', 'test/error', 'cost', 'val_losses', 'err'];
    expect(best(bad)).toEqual(bad.map(() => 'min'));
    expect(bestOf('accuracy', 'loss')).toBe('min');
  });

  it('goes by where a curve goes where the name could be either', () => {
    const either = ['acceleration', 'brightness', 'learning_rate', 'costume', ''];
    expect(either.map(name => bestOf(name))).toEqual(either.map(() => null));
    expect(bestBy('rising')).toBe('max');
    expect(bestBy('falling', 'max')).toBe('min');
    expect([bestBy('noisy'), bestBy('noisy', 'max')]).toEqual(['min', 'max']);
  });
});
