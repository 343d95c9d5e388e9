import { Integers, Numbers } from '../../arrays';

/** A number as a person reads it: four digits that count, whole numbers whole, NaN and infinities by name. */
export function formatNumber(x: number, digits = 4): string {
  if (Number.isNaN(x)) {
    return 'NaN';
  }
  if (!Number.isFinite(x)) {
    return x > 0 ? '∞' : '-∞';
  }
  const size = Math.abs(x);
  if (size === 0) {
    return '0'; // of -0 too
  }
  if (Number.isInteger(x) && size < 1e7) {
    return String(x);
  }
  if (size >= 1e6 || size < 1e-3) {
    const [mantissa, exponent] = x.toExponential(digits - 1).split('e');
    return `${trimZeros(mantissa)}e${exponent.replace('+', '')}`;
  }
  return trimZeros(x.toPrecision(digits).includes('e') ? String(Math.round(x)) : x.toPrecision(digits));
}

/** A number's text in as many of its digits as there is room for: one whose end is cut off would read as another. */
export function fitNumber(text: string, fits: (text: string) => boolean): string {
  const x = Number(text);
  for (let digits = 3; digits > 0 && !fits(text) && Number.isFinite(x); digits--) {
    const [mantissa, exponent] = x.toExponential(digits - 1).split('e');
    text = `${trimZeros(mantissa)}e${exponent.replace('+', '')}`;
  }
  return fits(text) ? text : '…';
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/**
 * A number with all the digits that tell it from others of its type, for what is under the cursor: reading the text gives the same
 * number again.
 */
export function formatExact(x: number | bigint, dtype: string): string {
  if (dtype === 'bool') {
    return x ? 'True' : 'False';
  }
  if (typeof x === 'bigint') {
    return String(x);
  }
  if (!Number.isFinite(x)) {
    return formatNumber(x);
  }
  if (Object.is(x, -0)) {
    return '-0';
  }
  if (dtype !== 'float32' || Number.isSafeInteger(x)) {
    return String(x);
  }
  // The shortest text that is still the same float32.
  for (let digits = 6; digits < 10; digits++) {
    const text = Number(x.toPrecision(digits));
    if (Math.fround(text) === Math.fround(x)) {
      return String(text);
    }
  }
  return String(x);
}

/** Numbers as they were sent. */
export interface ISent {
  values: Numbers;
  /** The same, where they are integers of 64 bits. */
  exact?: Integers | null;
  /** The type that they were sent in. */
  dtype: string;
}

/** A number as it was sent. */
export function numberAt({ values, exact }: Omit<ISent, 'dtype'>, at: number): number | bigint {
  return exact ? exact[at] : values[at];
}

/** A number that was sent, with all its digits. */
export function exactText(sent: ISent, at: number): string {
  return formatExact(numberAt(sent, at), sent.dtype);
}

/** A number with all its digits, as programs read it from a table file. */
export function exactField(x: number | bigint, dtype: string): string {
  if (typeof x === 'bigint' || Number.isFinite(x)) {
    return dtype === 'bool' ? String(x) : formatExact(x, dtype);
  }
  return Number.isNaN(x) ? 'nan' : x > 0 ? 'inf' : '-inf';
}

/** A share of a count in percent: never 0 % where there are some, never 100 % where some are not. */
export function formatShare(part: number, count: number): string {
  if (!(count > 0) || !Number.isFinite(part)) {
    return '–';
  }
  const percent = (100 * part) / count;
  if (part > 0 && percent < 0.1) {
    return '<0.1 %';
  }
  if (part < count && percent > 99.9) {
    return '>99.9 %';
  }
  return `${percent < 10 && percent % 1 ? percent.toFixed(1) : Math.round(percent)} %`;
}

/** Dimensions as they are said: "784×10", and "scalar" where there are none. */
export function formatShape(shape: readonly number[], scalar = 'scalar'): string {
  return shape.length === 0 ? scalar : shape.map(n => (n < 0 ? '?' : String(n))).join('×');
}

export function countOf(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

/** Round steps between two ends, at most `most` of them. */
export function niceTicks(from: number, to: number, most: number, whole = false): number[] {
  const span = to - from;
  if (!(span > 0) || !Number.isFinite(span) || most < 1) {
    return Number.isFinite(from) ? [from] : [];
  }
  const raw = span / most;
  const power = Math.pow(10, Math.floor(Math.log10(raw)));
  let step = [1, 2, 5, 10].map(m => m * power).find(s => s >= raw) ?? raw;
  if (whole) {
    step = Math.max(1, Math.round(step));
  }
  const first = Math.ceil(from / step);
  const ticks: number[] = [];
  for (let i = first; i * step <= to + step * 1e-9 && ticks.length <= most + 1; i++) {
    ticks.push(i * step);
  }
  return ticks;
}

/** A name that may be a file's, of a tensor's. */
export function fileName(tensor: string, step: number, extension: string): string {
  const stem = tensor.replace(/[^A-Za-z0-9_.-]+/g, '_').replace(/^[_.]+|_+$/g, '') || 'tensor';
  return `${stem.slice(0, 80)}-step${step}.${extension}`;
}
