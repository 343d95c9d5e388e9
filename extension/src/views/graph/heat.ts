import { Numbers } from '../../arrays';
import { IColors } from '../../theme';
import { groundOf, paint, scaleOf } from '../values/scale';

/** Colours of a matrix's numbers as RGBA bytes, with the meaning that they have among the values: red below zero, blue above. */
export function heat(values: Numbers, low: number, high: number, colors: IColors): Uint8ClampedArray {
  const bytes = new Uint8ClampedArray(4 * values.length);
  paint(values, 0, values.length, scaleOf([low, high], false, 'signed', groundOf(colors)), bytes);
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
