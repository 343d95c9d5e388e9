import './page';
import uPlot from 'uplot';
import { Theme } from '../theme';
import { gutterFor, makePlot } from '../views/curves/plot';

const made: uPlot.Options[] = [];
jest.mock('uplot', () => ({
  __esModule: true,
  default: class {
    static pxRatio = 2;
    constructor(options: uPlot.Options) {
      made.push(options);
    }
  }
}));

it('the axis of a chart is as wide as all others, unless its numbers need more', () => {
  const width = (...texts: string[]) => gutterFor(texts, text => 6 * text.length);
  expect([gutterFor(null, () => 99), width(), width('0.25', '-0.25'), width('1.5e-10')]).toEqual([62, 62, 62, 62]);
  expect(width('0', '1.000000075e9')).toBe(6 * 13 + 12);
});

describe('the axis of a chart', () => {
  const labels = (log: boolean, min: number, max: number): string[] => {
    const events = { pointed: jest.fn(), marked: jest.fn(), reset: jest.fn(), draw: jest.fn() };
    const size = { width: 400, height: 240 };
    makePlot(document.createElement('div'), size, log, true, 'step', () => new Theme().colors, events);
    const axis = made.pop()!.axes![1];
    const plot = { bbox: { height: 400 } } as uPlot; // 200 pixels of the page
    const widths = (axis.incrs as unknown as (...given: unknown[]) => number[])(plot, 1, min, max);
    expect(widths[0]).toBeGreaterThanOrEqual(max - min); // uPlot draws no ticks where none is as wide as they need
    const splits = (axis.splits as (u: uPlot, at: number, min: number, max: number) => number[])(plot, 1, min, max);
    return (axis.values as (u: uPlot, ticks: number[]) => string[])(plot, splits);
  };

  it('has several numbers, also where all that is drawn is very small', () => {
    expect(labels(false, 0, 1)).toEqual(['0.0', '0.2', '0.4', '0.6', '0.8', '1.0']);
    expect(labels(false, 0, 1e-30)).toEqual(['0', '2e-31', '4e-31', '6e-31', '8e-31', '1e-30']);
    expect(labels(false, 0, 1.6e35)).toEqual(['0', '5.0e34', '1.0e35', '1.5e35']);
    expect(labels(true, 1e-30, 1e-28)).toContain('1e-29');
  });
});
