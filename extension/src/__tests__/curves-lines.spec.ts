import { trans } from './page';
import { ISeriesInfo } from '../protocol';
import { Curve } from '../views/curves/curve';
import { linesOf } from '../views/curves/lines';

const RUNS = [3, 4, 5, 6].map(run => ({ run, label: `In [${run}]`, began: run }));

function curveOf(run: number, session?: string): Curve {
  const info: ISeriesInfo = {
    ...{ id: `${run} ${session}`, name: 'loss', kind: 'loss', run, count: 0, kept: 0, every: 1 },
    ...(session ? { session } : {})
  };
  const none = new Float64Array(0);
  return new Curve({ info, version: 0, length: 0, steps: none, values: none, times: none });
}

function linesOfChart(curves: Curve[], open: [string, string][], shared = false) {
  return linesOf(
    { key: 'loss', names: ['loss'], shared },
    {
      byName: new Map([['loss', curves]]),
      runs: RUNS,
      shown: new Set(RUNS.map(({ run }) => run)),
      palette: ['red', 'green', 'blue'],
      sessions: new Map(open),
      trans
    }
  );
}

const OPEN: [string, string][] = [
  ['s1', 'sess'],
  ['s2', 'other']
];

describe('the lines of a chart', () => {
  it('say of which session they are, where several are open', () => {
    const lines = linesOfChart([curveOf(3, 's1'), curveOf(4, 's2'), curveOf(6, 's2')], OPEN);
    expect(lines.map(({ label }) => label)).toEqual(['In [3], sess', 'In [4], other', 'In [6], other']);
    expect(lines.map(({ run }) => run.label)).toEqual(lines.map(({ label }) => label));
    expect(lines[1].title).toBe('loss of other');
    expect(linesOfChart([curveOf(3, 's1'), curveOf(4, 's2')], OPEN, true)[0].label).toBe('loss (In [3], sess)');
  });

  it('of one cell that trained two sessions look different, and all say theirs', () => {
    const lines = linesOfChart([curveOf(4, 's1'), curveOf(6, 's1'), curveOf(6, 's2')], [['s1', 'sess']]);
    expect(lines.map(({ label }) => label)).toEqual(['In [4], sess', 'In [6], sess', 'In [6], session 2, closed']);
    expect(new Set(lines.map(({ look }) => JSON.stringify(look))).size).toBe(3);
    expect(lines[1].look.color).not.toBe(lines[2].look.color);
  });

  it('of a cell that makes its session anew are told apart by its number', () => {
    const lines = linesOfChart([curveOf(3, 's1'), curveOf(4, 's2'), curveOf(5)], [['s2', 'sess']]);
    expect(lines.map(({ label, title }) => [label, title])).toEqual([
      ['In [3]', 'loss'],
      ['In [4]', 'loss'],
      ['In [5]', 'loss']
    ]);
  });
});
