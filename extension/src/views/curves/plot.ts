import uPlot from 'uplot';
import { IColors } from '../../theme';
import { Range } from './curve';
import { linearTicks, logTicks, logTickTexts, tickTexts } from './numbers';

/** What a plot tells of. */
export interface IPlotEvents {
  /** The pointer is at a place of x, or away. */
  pointed(at: number | null, event: MouseEvent | undefined): void;
  /** A part was marked: to be seen larger. y is null where it stays as it is. */
  marked(x: Range, y: Range | null): void;
  /** The whole is asked for. */
  reset(): void;
  /** Draws what is between the axes. */
  draw(u: uPlot): void;
}

/** A plot that was made. */
export interface IPlot {
  plot: uPlot;
  /** Sets ranges and draws at once; or, where it is `queued` to be drawn as it is new or resized, with that. */
  set(x: Range, y: Range, queued: boolean): void;
}

/**
 * The width of the y axis: the same, so that charts below one another align and nothing jumps as numbers grow, but where numbers
 * that lie close together take more digits to be told apart.
 */
const GUTTER = 62;

/** What stands beside the numbers of the y axis. */
const BESIDE = 12;

/** The width of a y axis with these numbers. */
export function gutterFor(texts: readonly string[] | null, widthOf: (text: string) => number): number {
  return Math.max(GUTTER, ...(texts ?? []).map(text => Math.ceil(widthOf(text)) + BESIDE));
}

/** Ticks of the y axis, and of the x axis, are this far apart, at least. */
const SPACE = 34;
const ACROSS = 60;

/** An axis without a width of its own would have no ticks beyond 1e32; ours are found by `splits` alone. */
const anyWidth = (u: uPlot, at: number, min: number, max: number): number[] => [Math.max(5, max - min)];

/**
 * Makes a chart's axes, grid, cursor and box for marking; `whole` is what lies along x, such as steps. It has no data of its own:
 * ranges are set from outside, and lines are drawn by `events.draw`, thinned for the width that there is.
 */
export function makePlot(
  host: HTMLElement,
  size: { width: number; height: number },
  log: boolean,
  whole: boolean,
  label: string,
  colors: () => IColors,
  events: IPlotEvents
): IPlot {
  const limits = { x: [0, 1] as Range, y: (log ? [0.1, 1] : [0, 1]) as Range };
  const font = `11px ${colors().font}`;
  const axis = {
    stroke: () => colors().faint,
    font,
    grid: { stroke: () => colors().grid, width: 1 },
    ticks: { stroke: () => colors().line, width: 1, size: 4 },
    gap: 4
  };
  const context = document.createElement('canvas').getContext('2d');
  const widthOf = (text: string) => {
    if (!context) {
      return 6.5 * text.length;
    }
    context.font = font;
    return context.measureText(text).width;
  };
  let quiet = false;
  const plot = new uPlot(
    {
      ...size,
      legend: { show: false },
      scales: {
        x: { time: false, auto: false, range: () => limits.x },
        y: { auto: false, distr: log ? 3 : 1, range: () => limits.y }
      },
      axes: [
        {
          ...axis,
          size: 26,
          space: ACROSS,
          incrs: anyWidth,
          splits: (u: uPlot, at: number, min: number, max: number) =>
            linearTicks(min, max, Math.floor(u.bbox.width / (uPlot.pxRatio || 1) / ACROSS), whole),
          label,
          labelSize: 15,
          labelGap: 0,
          labelFont: font,
          values: (u, ticks) => tickTexts(ticks)
        },
        {
          ...axis,
          size: (u, texts) => gutterFor(texts, widthOf),
          space: SPACE,
          incrs: anyWidth,
          splits: (u: uPlot, at: number, min: number, max: number) => {
            const height = u.bbox.height / (uPlot.pxRatio || 1);
            return log
              ? logTicks(min, max, Math.floor(height / 24))
              : linearTicks(min, max, Math.floor(height / SPACE));
          },
          ...(log ? { filter: (u: uPlot, ticks: number[]) => ticks } : {}),
          values: (u, ticks) => (log ? logTickTexts(ticks) : tickTexts(ticks))
        }
      ],
      series: [{}, { show: true, points: { show: false }, paths: () => null }],
      padding: [10, 22, 0, 0],
      cursor: {
        x: true,
        y: false,
        points: { show: false },
        drag: { x: true, y: false, dist: 6, setScale: false },
        bind: {
          mousedown: (u, target, handler) => event => {
            if (event.button === 0 && u.cursor.drag) {
              u.cursor.drag.y = event.shiftKey;
              host.focus({ preventScroll: true });
              handler(event);
            }
            return null;
          },
          dblclick: () => () => {
            events.reset();
            return null;
          }
        }
      },
      hooks: {
        draw: [u => events.draw(u)],
        setCursor: [
          u => {
            if (!quiet) {
              const left = u.cursor.left ?? -1;
              events.pointed(left >= 0 ? u.posToVal(left, 'x') : null, u.cursor.event);
            }
          }
        ],
        setSelect: [
          u => {
            const { left, top, width, height } = u.select;
            if (quiet || width < 1) {
              return;
            }
            const both = u.cursor.drag?.y === true;
            quiet = true;
            u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            quiet = false;
            events.marked(
              [u.posToVal(left, 'x'), u.posToVal(left + width, 'x')],
              both ? [u.posToVal(top + height, 'y'), u.posToVal(top, 'y')] : null
            );
          }
        ]
      }
    },
    [
      [0, 1],
      [null, null]
    ],
    host
  );
  return {
    plot,
    set: (x, y, queued) => {
      limits.x = x;
      limits.y = y;
      const scale = () => {
        plot.setScale('x', { min: x[0], max: x[1] });
        plot.setScale('y', { min: y[0], max: y[1] });
      };
      if (queued) {
        scale();
        return;
      }
      quiet = true; // the cursor stays where the pointer is: that its value changed is told by who sets the ranges
      plot.batch(scale);
      quiet = false;
    }
  };
}
