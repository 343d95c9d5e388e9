import { Numbers } from '../../arrays';

type RGB = readonly [number, number, number];

/** How numbers become colours: `signed` red, background, blue; `gray` black to white; `color` three channels. */
export type Palette = 'signed' | 'gray' | 'color';

export interface IScale {
  palette: Palette;
  /** What the ends of the colours stand for. */
  low: number;
  high: number;
  dark: boolean;
  /** The colour of zero, in a signed scale. */
  zero: RGB;
}

const BLUE_LIGHT: readonly RGB[] = [
  [146, 190, 235],
  [33, 102, 172],
  [5, 38, 86]
];
const RED_LIGHT: readonly RGB[] = [
  [244, 165, 130],
  [190, 34, 40],
  [92, 0, 20]
];
const BLUE_DARK: readonly RGB[] = [
  [22, 71, 122],
  [58, 142, 222],
  [178, 220, 255]
];
const RED_DARK: readonly RGB[] = [
  [118, 30, 30],
  [226, 84, 70],
  [255, 200, 184]
];

/** Colours that stand in no scale, for what is not a number; canvases add a pattern or a letter to them. */
export const NAN_COLOR: RGB = [214, 0, 214];
export const INF_COLOR: RGB = [0, 158, 96];
export const NEGATIVE_INF_COLOR: RGB = [222, 142, 0];

/** A CSS colour in hexadecimal or rgb() form as numbers; null of what is not understood. */
export function rgbOf(color: string): RGB | null {
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(color);
  if (hex) {
    const digits = hex[1].length === 3 ? hex[1].replace(/./g, '$&$&') : hex[1];
    const [r, g, b] = [0, 2, 4].map(at => parseInt(digits.slice(at, at + 2), 16));
    return [r, g, b];
  }
  const rgb = /^rgba?\(\s*([\d.]+)[\s,]+([\d.]+)[\s,]+([\d.]+)/i.exec(color);
  return rgb ? [Number(rgb[1]), Number(rgb[2]), Number(rgb[3])] : null;
}

/** What of the theme a scale needs: its zero is the background, whatever that is. */
export function groundOf(colors: { background: string; dark: boolean }): { dark: boolean; zero: RGB } {
  return { dark: colors.dark, zero: rgbOf(colors.background) ?? (colors.dark ? [17, 17, 17] : [255, 255, 255]) };
}

export function css(color: RGB): string {
  return `rgb(${color[0]}, ${color[1]}, ${color[2]})`;
}

/**
 * The ends of a scale. The kernel's `range` is [min, max, 1 %, 99 %] of the finite numbers; a robust scale ends at the
 * quantiles, so that a few outliers do not leave the rest pale. A signed one is symmetric about zero.
 */
export function scaleOf(
  range: ArrayLike<number> | null,
  robust: boolean,
  palette: Palette,
  ground: { dark: boolean; zero: RGB }
): IScale {
  let low = range ? range[0] : 0;
  let high = range ? range[1] : 0;
  if (range && robust && range.length >= 4 && range[3] > range[2]) {
    [low, high] = [range[2], range[3]];
  }
  low = Number.isFinite(low) ? low : 0;
  high = Number.isFinite(high) ? high : 0;
  if (palette === 'signed') {
    const end = Math.max(Math.abs(low), Math.abs(high)) || 1;
    return { palette, low: -end, high: end, ...ground };
  }
  if (low === high) {
    [low, high] = low === 0 ? [0, 1] : [Math.min(0, low), Math.max(0, high)];
  }
  return { palette, low, high, ...ground };
}

/** Least and greatest finite number of a part, or null where there is none. */
export function rangeOf(values: ArrayLike<number>, from = 0, to = values.length): [number, number] | null {
  let low = Infinity;
  let high = -Infinity;
  for (let i = from; i < to; i++) {
    const x = values[i];
    if (Number.isFinite(x)) {
      low = Math.min(low, x);
      high = Math.max(high, x);
    }
  }
  return low <= high ? [low, high] : null;
}

/** So many numbers of a picture are looked at for its quantiles. */
const SAMPLE = 20000;

/** So many bins the kernel finds the quantiles of a range by; that two lie within so few of them says little about where. */
const BINS = 1024;
const CLOSE = 8;

/** Of fewer numbers the 1 and 99 percent quantiles are among the outermost ones. */
const FEW = 200;

/** What lies so many times the distance of the quartiles beyond them is left out of a robust scale in any case. */
const FAR = 10;

/**
 * A range whose quantiles can be relied on: where one number far off leaves all others in a few of the kernel's bins, or where
 * there are few numbers, its quantiles are those of the numbers that were sent.
 */
export function robustRange(range: ArrayLike<number>, values: ArrayLike<number>): ArrayLike<number> {
  if (range.length < 4) {
    return range;
  }
  const [least, most, low, high] = Array.from(range);
  const bin = most / BINS - least / BINS;
  const ends = high - low <= CLOSE * bin || values.length < FEW ? robustEnds(values) : null;
  // In the outermost bin it is the end itself: of true and false, 1 and not a bit less.
  const told = [low - least < bin ? least : low, most - high < bin ? most : high];
  return [least, most, ...(ends ?? told)];
}

/**
 * A robust scale for what is drawn, in the colours of another: it ends at the 1 and 99 percent quantiles, those of a sample of
 * many numbers.
 */
export function scaleOfDrawn(values: ArrayLike<number>, { palette, dark, zero }: IScale): IScale {
  const range = rangeOf(values);
  return scaleOf(range && [...range, ...(robustEnds(values) ?? range)], true, palette, { dark, zero });
}

/** The 1 and 99 percent quantiles of finite numbers, or of a sample of them, without what is far off; null where there are none. */
function robustEnds(values: ArrayLike<number>): [number, number] | null {
  // An odd stride meets all columns by and by.
  const stride = Math.ceil(values.length / SAMPLE) | 1;
  const some: number[] = [];
  for (let i = 0; i < values.length; i += stride) {
    if (Number.isFinite(values[i])) {
      some.push(values[i]);
    }
  }
  if (some.length === 0) {
    return null;
  }
  const sorted = Float64Array.from(some).sort();
  const quantile = (share: number) => sorted[Math.round(share * (sorted.length - 1))];
  const [least, low, high, most] = [0.01, 0.25, 0.75, 0.99].map(quantile);
  const far = high > low ? FAR * (high - low) : Infinity;
  return [Math.max(least, low - far), Math.min(most, high + far)];
}

function between(stops: readonly RGB[], at: number): RGB {
  const place = Math.min(Math.max(at, 0), 1) * (stops.length - 1);
  const i = Math.min(Math.floor(place), stops.length - 2);
  const rest = place - i;
  const mix = (k: number) => Math.round(stops[i][k] + (stops[i + 1][k] - stops[i][k]) * rest);
  return [mix(0), mix(1), mix(2)];
}

/** The colour of one number. */
export function colorOf(x: number, scale: IScale): RGB {
  if (Number.isNaN(x)) {
    return NAN_COLOR;
  }
  if (x === Infinity) {
    return INF_COLOR;
  }
  if (x === -Infinity) {
    return NEGATIVE_INF_COLOR;
  }
  if (scale.palette === 'signed') {
    const at = Math.abs(x) / scale.high;
    const [red, blue] = scale.dark ? [RED_DARK, BLUE_DARK] : [RED_LIGHT, BLUE_LIGHT];
    return between([scale.zero, ...(x < 0 ? red : blue)], at);
  }
  const gray = level(x, scale);
  return [gray, gray, gray];
}

function level(x: number, scale: IScale): number {
  return Math.round(255 * Math.min(Math.max((x - scale.low) / (scale.high - scale.low), 0), 1));
}

/**
 * Paints `count` cells from `first` on into RGBA bytes. With the palette "color" a cell is three numbers, red, green and blue;
 * one that is not finite makes the cell stand out as such.
 */
export function paint(values: Numbers, first: number, count: number, scale: IScale, out: Uint8ClampedArray): void {
  if (scale.palette === 'color') {
    for (let i = 0; i < count; i++) {
      const at = first + 3 * i;
      const odd = [values[at], values[at + 1], values[at + 2]].find(x => !Number.isFinite(x));
      const rgb: RGB =
        odd === undefined
          ? [level(values[at], scale), level(values[at + 1], scale), level(values[at + 2], scale)]
          : colorOf(odd, scale);
      out.set(rgb, 4 * i);
      out[4 * i + 3] = 255;
    }
    return;
  }
  for (let i = 0; i < count; i++) {
    out.set(colorOf(values[first + i], scale), 4 * i);
    out[4 * i + 3] = 255;
  }
}

/** What numbers are added up as: their sum may be beyond the largest number. */
const SHARE = 2 ** -20;

/** Means of blocks where a grid has more cells than there are pixels; what is not a number is never averaged away. */
export function reduceGrid(
  values: Numbers,
  rows: number,
  columns: number,
  mostRows: number,
  mostColumns: number
): { values: Numbers; rows: number; columns: number; high: number; wide: number } {
  const high = Math.ceil(rows / Math.max(1, mostRows));
  const wide = Math.ceil(columns / Math.max(1, mostColumns));
  if (high <= 1 && wide <= 1) {
    return { values, rows, columns, high: 1, wide: 1 };
  }
  const outRows = Math.ceil(rows / high);
  const outColumns = Math.ceil(columns / wide);
  const out = new Float64Array(outRows * outColumns);
  for (let r = 0; r < outRows; r++) {
    for (let c = 0; c < outColumns; c++) {
      let sum = 0;
      let count = 0;
      let odd: number | null = null;
      for (let i = r * high; i < Math.min((r + 1) * high, rows); i++) {
        for (let j = c * wide; j < Math.min((c + 1) * wide, columns); j++) {
          const x = values[i * columns + j];
          if (Number.isFinite(x)) {
            sum += x * SHARE;
            count++;
          } else if (odd === null || Number.isNaN(x)) {
            odd = x;
          }
        }
      }
      out[r * outColumns + c] = odd ?? sum / count / SHARE;
    }
  }
  return { values: out, rows: outRows, columns: outColumns, high, wide };
}

/** How many cells are NaN, infinity and minus infinity. */
export function countOdd(values: ArrayLike<number>): { nan: number; inf: number; negativeInf: number } {
  let [nan, inf, negativeInf] = [0, 0, 0];
  for (let i = 0; i < values.length; i++) {
    const x = values[i];
    if (Number.isNaN(x)) {
      nan++;
    } else if (x === Infinity) {
      inf++;
    } else if (x === -Infinity) {
      negativeInf++;
    }
  }
  return { nan, inf, negativeInf };
}
