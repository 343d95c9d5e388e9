import { History, HistogramHistory, rebin } from '../views/values/histories';
import {
  fileName,
  fitNumber,
  formatExact,
  formatNumber,
  formatShape,
  formatShare,
  niceTicks
} from '../views/values/numbers';

describe('numbers', () => {
  it('shows four digits that count, and says what is no number', () => {
    const texts = [0, -0, 1, -1, 0.123456, 1234.567, 123456.7, 1e-9, -2.5e-7, 1e12, 12345678, NaN, Infinity, -Infinity];
    expect(texts.map(x => formatNumber(x))).toEqual([
      '0',
      '0',
      '1',
      '-1',
      '0.1235',
      '1235',
      '123457',
      '1e-9',
      '-2.5e-7',
      '1e12',
      '1.235e7',
      'NaN',
      '∞',
      '-∞'
    ]);
  });

  it('leaves out digits where there is little room, never what follows them', () => {
    const fit = (text: string, room: number) => fitNumber(text, short => short.length <= room);
    expect([10, 9, 8, 7, 6].map(room => fit('-8.691e199', room))).toEqual([
      '-8.691e199',
      '-8.69e199',
      '-8.7e199',
      '-9e199',
      '-9e199'
    ]);
    expect([fit('1234567', 6), fit('0.1235', 5), fit('-9e199', 5), fit('NaN', 2)]).toEqual([
      '1.23e6',
      '1e-1',
      '…',
      '…'
    ]);
  });

  it('shows a float32 with all of its digits and no more', () => {
    expect(formatExact(Math.fround(0.1), 'float32')).toBe('0.1');
    expect(formatExact(0.1, 'float64')).toBe('0.1');
    expect(formatExact(Math.fround(0.1), 'float64')).toBe('0.10000000149011612');
    const x = Math.fround(Math.PI);
    expect(Math.fround(Number(formatExact(x, 'float32')))).toBe(x);
    expect(formatExact(NaN, 'float32')).toBe('NaN');
  });

  it('never rounds a few to none, nor most to all', () => {
    expect([0, 1, 500, 999999, 1e6].map(n => formatShare(n, 1e6))).toEqual([
      '0 %',
      '<0.1 %',
      '<0.1 %',
      '>99.9 %',
      '100 %'
    ]);
    expect([formatShare(1, 0), formatShare(NaN, 5), formatShare(1, 16)]).toEqual(['–', '–', '6.3 %']);
  });

  it('writes shapes', () => {
    expect([[], [7], [784, 10], [-1, 3], [0, 10]].map(s => formatShape(s))).toEqual([
      'scalar',
      '7',
      '784×10',
      '?×3',
      '0×10'
    ]);
  });

  it('finds round ticks, and few of them for any ends', () => {
    expect(niceTicks(0, 10, 5)).toEqual([0, 2, 4, 6, 8, 10]);
    expect(niceTicks(0, 2, 10, true)).toEqual([0, 1, 2]);
    expect(niceTicks(3, 3, 5)).toEqual([3]);
    expect(niceTicks(NaN, 1, 5)).toEqual([]);
    expect(niceTicks(0, Infinity, 5).length).toBeLessThan(2);
    expect(niceTicks(-1e30, 1e30, 4).length).toBeLessThanOrEqual(6);
  });

  it('makes names that may be those of files', () => {
    expect(fileName('layer1/W:0', 12, 'png')).toBe('layer1_W_0-step12.png');
    expect(fileName('../../<b>"x"\u{1F389}', 0, 'csv')).toBe('b_x-step0.csv');
    expect(fileName('///', 0, 'csv')).toBe('tensor-step0.csv');
  });
});

describe('histories', () => {
  it('keeps the last numbers, one for each step, and begins anew after a restart', () => {
    const history = new History(3);
    [1, 2, 2, 3, 4].forEach(step => history.add(step, step * 10));
    expect([history.steps, history.values]).toEqual([
      [2, 3, 4],
      [20, 30, 40]
    ]);
    history.add(4, NaN);
    expect(history.values[2]).toBeNaN();
    history.add(1, 5);
    expect(history.steps).toEqual([1]);
  });

  it('keeps the sum of counts when bins change', () => {
    const histogram = { step: 0, low: -1, high: 3, counts: [4, 0, 2, 6] };
    const wider = rebin(histogram, -5, 5, 7);
    expect(wider.reduce((a, b) => a + b, 0)).toBeCloseTo(12);
    expect([...rebin(histogram, -1, 3, 2)]).toEqual([4, 8]);
    expect([...rebin(histogram, -1, 3, 4)]).toEqual([4, 0, 2, 6]);
  });

  it('puts equal numbers in one bin', () => {
    const all = rebin({ step: 0, low: 2, high: 2, counts: [0, 9, 0] }, 0, 4, 4);
    expect([...all]).toEqual([0, 0, 9, 0]);
    expect([...rebin({ step: 0, low: 1, high: 1, counts: [3] }, 0, 1, 2)]).toEqual([0, 3]);
    expect([...rebin({ step: 0, low: 0, high: 1, counts: [3] }, 1, 1, 2)]).toEqual([0, 0]);
  });

  it('joins histograms of different ranges, the greatest numbers above', () => {
    const history = new HistogramHistory(2);
    history.add({ step: 1, low: NaN, high: NaN, counts: [1] });
    expect([history.list.length, history.ends]).toEqual([0, [0, 1]]);
    history.add({ step: 1, low: 0, high: 1, counts: [10] });
    history.add({ step: 2, low: 0, high: 2, counts: [0, 4] });
    expect(history.ends).toEqual([0, 2]);
    expect([...history.matrix(2)]).toEqual([0, 1, 1, 0]);
    history.add({ step: 3, low: 0, high: 2, counts: [1, 0] });
    expect(history.list.map(h => h.step)).toEqual([2, 3]);
    history.add({ step: 1, low: 5, high: 5, counts: [1] });
    expect(history.ends).toEqual([4.5, 5.5]);
  });
});
