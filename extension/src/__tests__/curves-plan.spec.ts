import { ViewState } from '../viewstate';
import { ISeriesInfo } from '../protocol';
import {
  formatSeconds,
  formatStep,
  formatValue,
  linearTicks,
  logTicks,
  ordinal,
  tickTexts
} from '../views/curves/numbers';
import { AT_FIRST, groupsOf, namesOf, planOf, runsOf, shownNames } from '../views/curves/plan';
import { lookOf } from '../views/curves/look';
import { Settings } from '../views/curves/settings';
import { trans } from './page';

const info = (name: string, run = 1, kind: ISeriesInfo['kind'] = 'log'): ISeriesInfo => {
  return { id: `${run}/${name}`, name, kind, run, count: 1, kept: 1, every: 1 };
};
const runs = [1, 2, 3].map(run => ({ run, label: `cell [${run}]`, began: 100 + run }));

describe('the plan of charts', () => {
  it('names each curve once, losses first', () => {
    const names = namesOf([info('b'), info('a'), info('loss', 1, 'loss'), info('b', 2)]);
    expect(names.map(name => name.name)).toEqual(['loss', 'b', 'a']);
  });

  it('shows the first few of many, and what the user says', () => {
    const settings = new Settings(new ViewState());
    const names = namesOf(Array.from({ length: 200 }, (_, i) => info(`m${i}`)));
    expect(planOf(names, settings)).toHaveLength(AT_FIRST);
    settings.choose(['m199', '__proto__'], true);
    settings.choose(['m0'], false);
    const shown = shownNames(names, settings);
    expect([shown.has('m0'), shown.has('m1'), shown.has('m199'), shown.size]).toEqual([false, true, true, AT_FIRST]);
  });

  it('shows those of the latest run where there are too many', () => {
    const old = Array.from({ length: AT_FIRST }, (_, i) => info(`old${i}`, 1, i < 2 ? 'loss' : 'log'));
    const names = namesOf([...old, info('seen', 2, 'watch'), info('right', 2, 'summary'), info('old5', 2)]);
    const plans = planOf(names, new Settings(new ViewState()));
    const shown = plans.flatMap(plan => plan.names);
    expect([shown.length, shown.slice(0, 5)]).toEqual([AT_FIRST, ['old5', 'right', 'seen', 'old0', 'old1']]);
    expect(namesOf([info('b', 1), info('a', 2)]).map(name => name.name)).toEqual(['b', 'a']);
  });

  it('puts several names into one chart', () => {
    const settings = new Settings(new ViewState());
    settings.join(['a', 'c'], true);
    const plans = planOf(namesOf([info('a'), info('b'), info('c')]), settings);
    expect(plans.map(plan => plan.names)).toEqual([['a', 'c'], ['b']]);
    expect(plans[0].shared).toBe(true);
  });

  it('folds by prefix, not for one name, and finds all words', () => {
    const names = namesOf(['train/loss', 'train/acc', 'test/loss', '/odd', 'lr'].map(name => info(name)));
    const groups = (filter: string) => groupsOf(names, filter).map(g => [g.prefix, g.names.map(n => n.name)]);
    expect(groups('')).toEqual([
      ['', ['test/loss', '/odd', 'lr']],
      ['train/', ['train/loss', 'train/acc']]
    ]);
    expect(groups(' LOSS tra')).toEqual([['train/', ['train/loss']]]);
    expect(groups('(')).toEqual([]);
  });

  it('makes up runs that curves have and the list has not', () => {
    expect(runsOf(runs.slice(1, 2), [info('a', 1), info('a', 2)], run => `run ${run}`).map(run => run.label)).toEqual([
      'run 1',
      'cell [2]'
    ]);
  });
});

describe('settings', () => {
  it('hides runs, and those of another kernel not with them', () => {
    const settings = new Settings(new ViewState());
    settings.showRun(runs[1], false, runs);
    expect([...settings.shownRuns(runs)]).toEqual([1, 3]);
    expect([...settings.shownRuns([{ ...runs[1], began: 999 }])]).toEqual([2]);
    settings.onlyLast = true;
    expect([...settings.shownRuns(runs)]).toEqual([3]);
    settings.showRun(runs[0], true, runs);
    expect([...settings.shownRuns(runs)]).toEqual([1, 3]);
    settings.showAllRuns();
    expect(settings.shownRuns(runs).size).toBe(3);
  });

  it('comes back from what was kept, and from nonsense', () => {
    const state = new ViewState();
    const settings = new Settings(state);
    settings.smoothing = 0.9;
    settings.epoch = 550;
    settings.epoch = -1;
    settings.axis = 'time';
    settings.setBest('loss', 'max');
    const again = new Settings(new ViewState(JSON.parse(JSON.stringify(state.toJSON()))));
    expect([again.smoothing, again.epoch, again.axis, again.best('loss')]).toEqual([0.9, 550, 'time', 'max']);
    const kept = { 'curves.axis': 'w', 'curves.smoothing': 'x', 'curves.epoch': 0, 'curves.names': 7 };
    const odd = new Settings(new ViewState(kept));
    expect([odd.axis, odd.smoothing, odd.epoch, odd.chosen('a')]).toEqual(['step', 0.6, 100, undefined]);
  });
});

describe('looks', () => {
  it('keep the colour of a run, and make the latest solid and strongest', () => {
    const palette = ['a', 'b', 'c'];
    expect(lookOf(palette, 0, 1).color).toBe(lookOf(palette, 0, 5).color);
    expect(lookOf(palette, 4, 5)).toMatchObject({ color: 'b', dash: [] });
    expect(lookOf(palette, 4, 5).width).toBeGreaterThan(lookOf(palette, 3, 5).width);
    const all = [0, 1, 2, 3, 4].map(name => JSON.stringify(lookOf(palette, 0, 1, name, 5)));
    expect(new Set(all).size).toBe(5);
  });

  it('differ in colour or dashes, however many runs and names there are', () => {
    const palette = 'abcdefghij'.split('');
    for (const names of [1, 2, 3, 7, 10, 23]) {
      for (const runs of [2, 7, 12, 24, 60]) {
        const looks = new Set<string>();
        for (let run = 0; run < runs; run++) {
          for (let name = 0; name < names; name++) {
            const { color, dash } = lookOf(palette, run, runs, name, names);
            looks.add(JSON.stringify([color, dash]));
          }
        }
        expect([names, runs, looks.size]).toEqual([names, runs, runs * names]);
      }
    }
  });
});

describe('numbers', () => {
  it('are short and say what is no number', () => {
    expect([0, -0.12345, 1234.56, 1e-7, 1.5e300, NaN, Infinity, -Infinity].map(formatValue)).toEqual([
      '0',
      '-0.1235',
      '1,235',
      '1e-7',
      '1.5e300',
      'NaN',
      '∞',
      '−∞'
    ]);
    expect([1e6, 1000000099, -1234567, 1234567.5, 12345678901].map(formatValue)).toEqual([
      '1e6',
      '1,000,000,099',
      '-1,234,567',
      '1.235e6',
      '1.235e10'
    ]);
    expect([1200, 0.5, NaN].map(formatStep)).toEqual(['1,200', '0.5', 'NaN']);
    expect([0.1234567, 75, 7260].map(s => formatSeconds(s, trans))).toEqual(['0.1235 s', '1 min 15 s', '2 h 1 min']);
    expect([1, 2, 3, 8, 11, 12, 13, 21, 112].map(ordinal)).toEqual([
      '1st',
      '2nd',
      '3rd',
      '8th',
      '11th',
      '12th',
      '13th',
      '21st',
      '112th'
    ]);
  });

  it('label ticks so that they differ', () => {
    expect(tickTexts([0, 0.5, 1])).toEqual(['0.0', '0.5', '1.0']);
    expect(tickTexts([0.001, 0.00101, 0.00102])).toEqual(['0.00100', '0.00101', '0.00102']);
    expect(tickTexts([-0, 2e8, 4e8])).toEqual(['0', '2e8', '4e8']);
    expect(tickTexts([0.25, 0.5, 0.75])).toEqual(['0.25', '0.50', '0.75']);
    expect(tickTexts([2.5e7, 5e7])).toEqual(['2.5e7', '5.0e7']);
    expect(tickTexts([0.1 + 0.2, 0.4])).toEqual(['0.3', '0.4']);
    expect(tickTexts([null, 5])).toEqual(['', '5']);
    expect(tickTexts([])).toEqual([]);
  });

  it('marks a straight axis at round places, however small or large its numbers are', () => {
    expect(linearTicks(0, 1, 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(linearTicks(-0.3, 0.7, 4)).toEqual([-0.25, 0, 0.25, 0.5]);
    for (const size of [1e-300, 1e-30, 1e-16, 1e-5, 1, 1e9, 1e30]) {
      const ticks = linearTicks(-0.05 * size, 1.05 * size, 6);
      expect([size, ticks.length >= 4 && ticks.length <= 8]).toEqual([size, true]);
      expect(new Set(tickTexts(ticks)).size).toBe(ticks.length);
      expect(Math.abs(ticks[ticks.length - 1] / size - 1)).toBeLessThan(0.21);
    }
    expect(tickTexts(linearTicks(0, 1e-30, 3))).toEqual(['0', '5e-31', '1e-30']);
    expect(linearTicks(1000, 1000.01, 3)).toEqual([1000, 1000.005, 1000.01]);
    expect(linearTicks(1, 1, 5)).toEqual([]);
    expect(linearTicks(0, Infinity, 5)).toEqual([]);
  });

  it('mark whole steps where these are seen', () => {
    expect(linearTicks(-0.5, 0.5, 9, true)).toEqual([0]);
    expect(linearTicks(0, 10, 4, true)).toEqual([0, 5, 10]);
    expect(linearTicks(0, 100, 30, true).every(Number.isInteger)).toBe(true);
    expect(linearTicks(0.25, 0.75, 2, true)).toEqual([0.25, 0.5, 0.75]);
  });

  it('place ticks of a logarithmic axis within its range, few enough', () => {
    expect(logTicks(0.15, 3, 8)).toEqual([0.2, 0.5, 1, 2]);
    expect(logTicks(1e-3, 1e3, 8)).toEqual([0.001, 0.01, 0.1, 1, 10, 100, 1000]);
    for (const [min, max] of [
      [1e-320, 1.7e308],
      [1, 1.0001],
      [3, 4],
      [1e-9, 1]
    ]) {
      const ticks = logTicks(min, max, 8);
      expect(ticks.length).toBeGreaterThan(1);
      expect(ticks.length).toBeLessThan(26);
      expect(ticks.every(tick => tick >= min && tick <= max)).toBe(true);
      expect(ticks).toEqual([...new Set(ticks)].sort((a, b) => a - b));
    }
  });
});
