import { Numbers } from '../../arrays';
import { IColors } from '../../theme';
import { rgbOf } from './coloring';

/**
 * Colours of a matrix's numbers as RGBA bytes: away from the background with growing size, one colour for what is negative and
 * one for what is positive; what is no number has the colour of warnings.
 */
export function heat(values: Numbers, low: number, high: number, colors: IColors): Uint8ClampedArray {
  const zero = rgbOf(colors.background) ?? [255, 255, 255];
  const plus = rgbOf(colors.palette[1]) ?? [196, 80, 27];
  const minus = rgbOf(colors.palette[0]) ?? [31, 111, 208];
  const odd = rgbOf(colors.warning) ?? [255, 0, 255];
  const reach = Math.max(Math.abs(low), Math.abs(high)) || 1;
  const bytes = new Uint8ClampedArray(4 * values.length);
  for (let k = 0; k < values.length; k++) {
    const value = values[k];
    const t = Math.min(1, Math.abs(value) / reach);
    const end = value < 0 ? minus : plus;
    for (let part = 0; part < 3; part++) {
      bytes[4 * k + part] = t >= 0 ? zero[part] + (end[part] - zero[part]) * t : odd[part];
    }
    bytes[4 * k + 3] = 255;
  }
  return bytes;
}

/** The least and largest of the finite numbers; 0 and 0 where there are none. */
export function span(values: Numbers): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (isFinite(value)) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return low <= high ? [low, high] : [0, 0];
}
