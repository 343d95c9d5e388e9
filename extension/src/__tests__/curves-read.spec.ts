import { trans } from './page';
import { Curve } from '../views/curves/curve';
import { figuresOf } from '../views/curves/legend';
import { fullRange, ILine, keptText, oddTexts, readAt, scaled, spoken, yRange } from '../views/curves/read';
import { cell, tableFile, tableOf } from '../views/curves/save';
import { keyPressed } from '../views/curves/keys';
import { lookOf } from '../views/curves/look';
import { ISeriesInfo } from '../protocol';
const STEP = { axis: 'step', epoch: 1 } as const;

function lineOf(values: number[], run = 1, label = `run ${run}`, info: Partial<ISeriesInfo> = {}): ILine {
  const length = values.length;
  const curve = new Curve({
    info: { id: label, name: 'loss', kind: 'loss', run, count: length, kept: length, every: 1, ...info },
    version: 0,
    length,
    steps: Float64Array.from(values, (_, i) => i + 1),
    values: Float64Array.from(values),
    times: Float64Array.from(values, (_, i) => i / 10)
  });
  curve.sync();
  return { curve, name: 'loss', run: { run, label, began: run }, look: lookOf(['red'], 0, 1), label, title: 'loss' };
}

describe('reading a chart', () => {
  it('gives the nearest point of each line, not of lines that have ended', () => {
    const lines = [lineOf([1, 2, 3, 4, 5], 1), lineOf([9, 8], 2), lineOf([], 3)];
    expect(readAt(lines, 2.2, STEP, 0.5, false).map(r => r.value)).toEqual([2, 8]);
    expect(readAt(lines, 5.4, STEP, 0.5, false).map(r => r.value)).toEqual([5]);
    const all = readAt(lines, 2, STEP, 0.5, false);
    expect(spoken(all[1], all, STEP, trans)).toBe('Step 2, 0.1 s: run 2 8; run 1 2');
  });

  it('says what is kept of the points, and what cannot be drawn', () => {
    expect(keptText(lineOf([1], 1, 'a', { every: 8, count: 9 }), trans)).toBe(
      'about every 8th step · thinned, extremes kept'
    );
    expect(keptText(lineOf([1]), trans)).toBe('');
    const texts = oddTexts([lineOf([1, NaN]), lineOf([-Infinity, 0, -1, NaN], 2)], true, trans);
    expect(texts).toEqual([
      'run 1: NaN at step 2.',
      'run 2: −∞ at step 1, and 1 more that is NaN or infinite.',
      '2 values at or below 0 are left out: a logarithmic axis has no place for them.'
    ]);
    expect(oddTexts([lineOf([-1])], false, trans)).toEqual([]);
  });

  it('says the last value as it is, and the best of the numbers', () => {
    expect(figuresOf(lineOf([3, 1, NaN]), 'min')).toEqual({ last: 'NaN', best: '1', bestStep: '2' });
    expect(figuresOf(lineOf([3, 1]), 'max')).toEqual({ last: '1', best: '3', bestStep: '1' });
    expect(figuresOf(lineOf([]), 'max').best).toBe('–');
  });

  it('always has ranges that can be drawn', () => {
    expect(fullRange([], STEP)).toEqual([0, 1]);
    expect(fullRange([lineOf([1])], STEP)).toEqual([0.5, 1.5]);
    const extremes = [
      [0, 0],
      [5, 5],
      [-1e308, 1e308],
      [1.7e308, 1.7e308],
      [1, 1 + 1e-16],
      [Infinity, -Infinity],
      [5e-324, 1e-320]
    ];
    for (const [low, high] of extremes) {
      for (const log of [false, true]) {
        const [from, to] = yRange(log ? Math.max(low, 5e-324) : low, Math.max(high, log ? 5e-324 : high), log);
        expect(to).toBeGreaterThan(from);
        expect(Number.isFinite(to - from)).toBe(true);
      }
    }
    expect(scaled([0, 10], 2, 0.5)).toEqual([1, 6]);
  });
});

describe('keys', () => {
  const lines = [lineOf([1, 2, 3], 1), lineOf([4, 5, 6, 7], 2)];
  const press = (key: string, lead: { line: ILine; index: number } | null = null, cursor: number | null = null) => {
    const did: unknown[] = [];
    const used = keyPressed(key, {
      lines,
      lead,
      cursor,
      x: [0, 10],
      moveTo: (line, index) => did.push([lines.indexOf(line), index]),
      zoomTo: x => did.push(x),
      reset: () => did.push('reset'),
      leave: () => did.push('leave')
    });
    return [used, ...did];
  };

  it('move from point to point and line to line, and stay within', () => {
    expect(press('ArrowLeft')).toEqual([true, [1, 3]]);
    expect(press('ArrowLeft', { line: lines[1], index: 3 })).toEqual([true, [1, 2]]);
    expect(press('ArrowRight', { line: lines[1], index: 3 })).toEqual([true, [1, 3]]);
    expect(press('Home', { line: lines[0], index: 2 })).toEqual([true, [0, 0]]);
    expect(press('ArrowUp', { line: lines[1], index: 3 })).toEqual([true, [0, 2]]);
    expect(press('x')).toEqual([false]);
    expect(press('toString')).toEqual([false]);
  });

  it('zoom about the cursor, and show all', () => {
    expect(press('+')).toEqual([true, [2.5, 7.5]]);
    expect(press('+', null, 2)).toEqual([true, [1, 6]]);
    expect(press('-', null, 99)).toEqual([true, [-5, 15]]);
    expect(press('0')).toEqual([true, 'reset']);
    expect(press('Escape', null, null)[0]).toBe(false);
    expect(press('Escape', null, 3)).toEqual([true, 'leave']);
  });
});

describe('the table', () => {
  it('quotes what has to be, and writes numbers in full', () => {
    const line = lineOf([0.1 + 0.2, NaN, Infinity], 1, 'cell "a", [1]\n🙂');
    line.name = '=a,b';
    expect([...tableOf([line])].join('')).toBe(
      'name,run,label,step,seconds,value\r\n' +
        '"=a,b",1,"cell ""a"", [1]\n🙂",1,0,0.30000000000000004\r\n' +
        '"=a,b",1,"cell ""a"", [1]\n🙂",2,0.1,NaN\r\n' +
        '"=a,b",1,"cell ""a"", [1]\n🙂",3,0.2,Infinity\r\n'
    );
    expect(cell('plain')).toBe('plain');
  });

  it('has every point of a long curve, once', async () => {
    const line = lineOf(Array.from({ length: 12001 }, (_, i) => i));
    const rows = [...tableOf([line])].join('').trimEnd().split('\r\n');
    expect(rows).toHaveLength(12002);
    expect(rows[12001]).toBe('loss,1,run 1,12001,1200,12000');
    let pauses = 0;
    const file = await tableFile([line], async () => void (pauses += 1));
    expect(file.size).toBe(rows.join('\r\n').length + 2);
  });
});
