import uPlot from 'uplot';
import { IColors } from '../../theme';
import { IAxis, Range } from './curve';
import { formatStep, formatValue } from './numbers';
import { ILine } from './read';
import { IThinned } from './thin';

/** A line and what of it is to be drawn. */
export interface IDrawn {
  line: ILine;
  raw: IThinned;
  smooth: IThinned | null;
}

/** A chart's picture beyond its axes. */
export interface IPainting {
  drawn: readonly IDrawn[];
  by: IAxis;
  log: boolean;
  x: Range;
  y: Range;
  colors: IColors;
  /** Whether the best of a line is its lowest value. */
  lowest(line: ILine): boolean;
  /** What a mark at the edge says. */
  oddText(value: string, step: string): string;
}

/** Far enough outside that no one sees where a line really goes, near enough for a canvas. */
const FAR = 20000;

type Place = (value: number) => number;

/** Draws the lines, their last and best points, and marks for what is no number, on the plotting area of a chart. */
export function paint(u: uPlot, painting: IPainting): void {
  const { ctx, bbox } = u;
  const { x, y, log, drawn } = painting;
  const ratio = uPlot.pxRatio || 1;
  const px: Place = value => bbox.left + ((value - x[0]) / (x[1] - x[0])) * bbox.width;
  const flat = log ? Math.log10 : (value: number) => value;
  const [low, high] = [flat(y[0]), flat(y[1])];
  const py: Place = value => {
    const at = bbox.top + bbox.height * (1 - (flat(value) - low) / (high - low));
    return Math.min(bbox.top + FAR, Math.max(bbox.top - FAR, at));
  };
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.lineJoin = 'bevel';
  const { dark, strong } = painting.colors;
  const behind = strong ? 0.6 : dark ? 0.32 : 0.26;
  for (const { line, raw, smooth } of drawn) {
    const { look } = line;
    ctx.strokeStyle = ctx.fillStyle = look.color;
    if (smooth) {
      // Dashes on a line that goes up and down in every column are only noise.
      stroke(ctx, raw, px, py, 1 * ratio, [], look.alpha * behind, bbox.width);
    }
    const width = look.width * ratio * (strong ? 1.25 : 1);
    const dash = look.dash.map(d => d * ratio);
    const away = smooth ? outside(smooth, px, py, bbox) : [];
    if (away.length > 0) {
      // Where the smoothed line is out of sight, the line itself is as strong as that would be.
      ctx.save();
      ctx.beginPath();
      away.forEach(([from, to]) => ctx.rect(from, bbox.top, to - from, bbox.height));
      ctx.clip();
      stroke(ctx, raw, px, py, width, dash, look.alpha, bbox.width);
      ctx.restore();
    }
    stroke(ctx, smooth ?? raw, px, py, width, dash, look.alpha, bbox.width);
    if (raw.length * 10 * ratio < bbox.width) {
      dots(ctx, raw, px, py, 2.2 * ratio, look.alpha * (smooth ? 0.5 : 1));
    }
  }
  ctx.restore();
  const few = drawn.length > 8 ? drawn.filter(({ line }) => line.look.alpha === 1).slice(0, 8) : drawn;
  few.forEach(({ line }) => ends(ctx, line, painting, px, py, ratio));
  odd(ctx, painting, px, bbox, ratio);
}

/** From where to where along x, in pixels, a line is above or below what is shown. */
export function outside(
  { length, x, y }: IThinned,
  px: Place,
  py: Place,
  { top, height }: { top: number; height: number }
): Range[] {
  const found: Range[] = [];
  let before: [number, number] | null = null;
  for (let i = 0; i < length; i++) {
    if (y[i] !== y[i]) {
      before = null;
      continue;
    }
    const [left, at] = [px(x[i]), py(y[i])];
    if (before) {
      const [fromLeft, fromAt] = before;
      const crossing = (edge: number) => fromLeft + ((edge - fromAt) / (at - fromAt)) * (left - fromLeft);
      for (const [edge, beyond] of [
        [top, (p: number) => p < top],
        [top + height, (p: number) => p > top + height]
      ] as const) {
        const [begins, ends] = [beyond(fromAt), beyond(at)];
        if (begins || ends) {
          const [from, to] = [begins ? fromLeft : crossing(edge), ends ? left : crossing(edge)];
          const last = found[found.length - 1];
          if (last && from === last[1]) {
            last[1] = to;
          } else {
            found.push([from, to]);
          }
        }
      }
    }
    before = [left, at];
  }
  return found;
}

function stroke(
  ctx: CanvasRenderingContext2D,
  line: IThinned,
  px: Place,
  py: Place,
  width: number,
  dash: number[],
  alpha: number,
  room: number // pixels along x
): void {
  const { length, x, y } = line;
  ctx.globalAlpha = alpha;
  if (length > 2 * room && travel(line, py) > 12 * room) {
    bars(ctx, line, px, py, width);
    ctx.globalAlpha = 1;
    return;
  }
  ctx.lineWidth = width;
  ctx.setLineDash(dash);
  ctx.beginPath();
  let before = NaN;
  for (let i = 0; i < length; i++) {
    const at = y[i];
    if (at === at) {
      const [left, top] = [px(x[i]), py(at)];
      if (before === before) {
        ctx.lineTo(left, top);
      } else if (i + 1 < length && y[i + 1] === y[i + 1]) {
        ctx.moveTo(left, top);
      } else {
        // A number alone among what is none.
        ctx.moveTo(left - width, top);
        ctx.lineTo(left + width, top);
      }
    }
    before = at;
  }
  ctx.stroke();
  ctx.setLineDash([]);
  ctx.globalAlpha = 1;
}

/** The points themselves, where there are few. */
function dots(ctx: CanvasRenderingContext2D, line: IThinned, px: Place, py: Place, r: number, alpha: number): void {
  ctx.globalAlpha = alpha;
  for (let i = 0; i < line.length; i++) {
    if (line.y[i] === line.y[i]) {
      ctx.beginPath();
      ctx.arc(px(line.x[i]), py(line.y[i]), r, 0, 2 * Math.PI);
      ctx.fill();
    }
  }
  ctx.globalAlpha = 1;
}

/** How far a line goes up and down, in pixels. */
function travel({ length, y }: IThinned, py: Place): number {
  let sum = 0;
  for (let i = 1; i < length; i++) {
    sum += Math.abs(py(y[i]) - py(y[i - 1])) || 0;
  }
  return sum;
}

/**
 * A line that goes up and down within each column of pixels, as one upright bar in each: it looks the same and is drawn
 * many times faster. Each bar begins where the one before ended.
 */
function bars(ctx: CanvasRenderingContext2D, line: IThinned, px: Place, py: Place, width: number): void {
  const { length, x, y } = line;
  const wide = Math.max(1, Math.round(width));
  const aside = Math.floor(wide / 2);
  ctx.beginPath();
  let column = NaN;
  let [top, bottom, before] = [0, 0, NaN];
  const put = () => {
    if (column === column) {
      ctx.rect(column - aside, top - width / 2, wide, bottom - top + width);
    }
  };
  for (let i = 0; i < length; i++) {
    const value = y[i];
    if (value !== value) {
      before = NaN;
      continue;
    }
    const at = py(value);
    const here = Math.floor(px(x[i]));
    if (here !== column) {
      put();
      column = here;
      top = bottom = before === before ? before : at;
    }
    top = Math.min(top, at);
    bottom = Math.max(bottom, at);
    before = at;
  }
  put();
  ctx.fill();
}

/** A dot at the last number of a line, a diamond around its best. */
function ends(
  ctx: CanvasRenderingContext2D,
  line: ILine,
  painting: IPainting,
  px: Place,
  py: Place,
  ratio: number
): void {
  const { curve, look } = line;
  const { by, colors, log, x, y } = painting;
  const best = painting.lowest(line) ? curve.lowest : curve.highest;
  const place = (index: number) => {
    const value = index < 0 ? NaN : curve.series.values[index];
    const at = index < 0 ? NaN : curve.xAt(index, by);
    // Not clipped, so that one at the very edge is seen whole.
    const inside = value >= y[0] && value <= y[1] && at >= x[0] && at <= x[1] && !(log && value <= 0);
    return inside ? [px(at), py(value)] : null;
  };
  ctx.save();
  ctx.lineWidth = 1.5 * ratio;
  const at = place(best);
  if (at) {
    const r = 5 * ratio;
    ctx.fillStyle = colors.background;
    ctx.strokeStyle = look.color;
    ctx.beginPath();
    ctx.moveTo(at[0], at[1] - r);
    ctx.lineTo(at[0] + r, at[1]);
    ctx.lineTo(at[0], at[1] + r);
    ctx.lineTo(at[0] - r, at[1]);
    ctx.closePath();
    ctx.globalAlpha = 0.85;
    ctx.fill();
    ctx.globalAlpha = 1;
    ctx.stroke();
  }
  const last = place(curve.last);
  if (last) {
    ctx.fillStyle = look.color;
    ctx.strokeStyle = colors.background;
    ctx.beginPath();
    ctx.arc(last[0], last[1], 4 * ratio, 0, 2 * Math.PI);
    ctx.fill();
    ctx.stroke();
  }
  ctx.restore();
}

/**
 * Marks at the edges: what is infinite points to where it went, what is NaN has a cross at the bottom; the first has
 * words.
 */
function odd(ctx: CanvasRenderingContext2D, painting: IPainting, px: Place, bbox: uPlot.BBox, ratio: number): void {
  const { drawn, by, colors, x } = painting;
  const r = 4 * ratio;
  const top = bbox.top + r + 2 * ratio;
  const bottom = bbox.top + bbox.height - r - 2 * ratio;
  const taken = new Set<string>();
  let words: { text: string; left: number; y: number; up: boolean } | undefined;
  ctx.save();
  ctx.lineWidth = 1.75 * ratio;
  ctx.lineJoin = 'round';
  ctx.strokeStyle = ctx.fillStyle = colors.error;
  for (const { line } of drawn) {
    const { curve } = line;
    const { values, steps } = curve.series;
    for (const index of curve.odd) {
      const at = curve.xAt(index, by);
      if (!(at >= x[0] && at <= x[1])) {
        continue;
      }
      const left = Math.min(bbox.left + bbox.width - r, Math.max(bbox.left + r, px(at)));
      const value = values[index];
      const key = `${Math.round(left / r)} ${value}`;
      if (taken.has(key)) {
        continue;
      }
      taken.add(key);
      const up = value === Infinity;
      const y = up ? top : bottom;
      ctx.beginPath();
      if (value !== value) {
        ctx.moveTo(left - r, y - r);
        ctx.lineTo(left + r, y + r);
        ctx.moveTo(left - r, y + r);
        ctx.lineTo(left + r, y - r);
        ctx.stroke();
      } else {
        const tip = up ? -r : r;
        ctx.moveTo(left, y + tip);
        ctx.lineTo(left - r, y - tip);
        ctx.lineTo(left + r, y - tip);
        ctx.closePath();
        ctx.fill();
      }
      words ??= { text: painting.oddText(formatValue(value), formatStep(steps[index])), left, y, up };
    }
  }
  if (words) {
    // Last, and beside the row of marks, so that none lies upon it.
    ctx.font = `${Math.round(11 * ratio)}px ${colors.font}`;
    ctx.textBaseline = words.up ? 'top' : 'bottom';
    const right = words.left + ctx.measureText(words.text).width < bbox.left + bbox.width;
    ctx.textAlign = right ? 'left' : 'right';
    const textX = words.left + (right ? -r : r);
    const textY = words.up ? words.y + 1.5 * r : words.y - 1.5 * r;
    ctx.lineWidth = 4 * ratio;
    ctx.strokeStyle = colors.background;
    ctx.strokeText(words.text, textX, textY);
    ctx.fillText(words.text, textX, textY);
  }
  ctx.restore();
}
