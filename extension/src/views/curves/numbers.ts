import { TranslationBundle } from '@jupyterlab/translation';

const significant = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 4 });
const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const fraction = new Intl.NumberFormat(undefined, { maximumFractionDigits: 3 });

/** Whole numbers have all of their digits below this. */
const LONG = 1e10;

/** A value for people: four digits that matter, and an exponent where it is very large or small; what is whole in full. */
export function formatValue(value: number): string {
  if (Number.isNaN(value)) {
    return 'NaN';
  }
  if (!Number.isFinite(value)) {
    return value > 0 ? '∞' : '−∞';
  }
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e6 || size < 1e-4)) {
    const short = value.toExponential(3);
    if (Number.isInteger(value) && size < LONG && Number(short) !== value) {
      return whole.format(value);
    }
    return short.replace(/\.?0+e/, 'e').replace('e+', 'e');
  }
  return size >= 1000 ? whole.format(value) : significant.format(value);
}

/** A step, an epoch or another position along x: whole where it is whole. */
export function formatStep(step: number): string {
  return Number.isFinite(step) ? fraction.format(step) : formatValue(step);
}

/** Seconds since a run began, in the units that one would say. */
export function formatSeconds(seconds: number, trans: TranslationBundle): string {
  if (!Number.isFinite(seconds)) {
    return formatValue(seconds);
  }
  if (seconds < 60) {
    return trans.__('%1 s', significant.format(seconds));
  }
  const total = Math.round(seconds);
  const hours = Math.floor(total / 3600);
  const minutes = Math.floor((total % 3600) / 60);
  return hours > 0 ? trans.__('%1 h %2 min', hours, minutes) : trans.__('%1 min %2 s', minutes, total % 60);
}

/** "1st", "2nd", "3rd", "4th", "11th". */
export function ordinal(n: number): string {
  const tens = n % 100;
  const suffix = tens > 10 && tens < 14 ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th');
  return `${whole.format(n)}${suffix}`;
}

/** Labels of an axis' ticks, with as many decimals as it takes to write each as it is, and no more. */
export function tickTexts(ticks: readonly (number | null)[]): string[] {
  const given = ticks.filter((tick): tick is number => tick !== null && Number.isFinite(tick));
  let gap = Infinity;
  for (let i = 1; i < given.length; i++) {
    gap = Math.min(gap, Math.abs(given[i] - given[i - 1]) || Infinity);
  }
  const largest = Math.max(0, ...given.map(Math.abs));
  const slack = Number.isFinite(gap) ? gap / 1000 : largest / 1000;
  /** The fewest digits with which `write` writes every tick so that it can be read back. */
  const digits = (write: (tick: number, digits: number) => string) => {
    let enough = 0;
    while (enough < 9 && given.some(tick => !(Math.abs(Number(write(tick, enough)) - tick) <= slack))) {
      enough += 1;
    }
    return enough;
  };
  if (largest >= 1e6 || (largest > 0 && largest < 1e-4)) {
    const count = digits((tick, n) => tick.toExponential(n));
    return ticks.map(tick => (tick === null ? '' : tick === 0 ? '0' : tick.toExponential(count).replace('e+', 'e')));
  }
  const count = digits((tick, n) => tick.toFixed(n));
  const format = new Intl.NumberFormat(undefined, { minimumFractionDigits: count, maximumFractionDigits: count });
  return ticks.map(tick => (tick === null ? '' : format.format(tick === 0 ? 0 : tick)));
}

/**
 * Places of a straight axis' ticks, at most about so many, however small or large the numbers are. Where they are `whole`, there
 * are none between unless less than one is shown.
 */
export function linearTicks(min: number, max: number, most: number, whole = false): number[] {
  const ones = whole && max - min >= 1;
  const raw = Math.max((max - min) / Math.max(2, most), ones ? 1 : 0);
  if (!(raw > 0) || !Number.isFinite(raw)) {
    return [];
  }
  const power = Math.floor(Math.log10(raw));
  // Read from text: 10 ** -24 is not 1e-24.
  const step =
    (ones ? [1, 2, 5, 10] : [1, 2, 2.5, 5, 10]).map(digit => Number(`${digit}e${power}`)).find(size => size >= raw) ??
    raw;
  const first = Math.ceil(min / step - 1e-9);
  const found: number[] = [];
  for (let n = 0; n <= 2 * Math.max(2, most) && (first + n) * step <= max + 1e-9 * step; n++) {
    found.push(Number(((first + n) * step).toPrecision(15)) + 0);
  }
  return found;
}

/**
 * Places of a logarithmic axis' ticks: decades, with 2 and 5 between, or all digits, as far as there is room for
 * `most`.
 */
export function logTicks(min: number, max: number, most: number): number[] {
  const [low, high] = [Math.floor(Math.log10(min)), Math.ceil(Math.log10(max))];
  const every = Math.max(1, Math.ceil((high - low) / Math.max(2, most)));
  let found: number[] = [];
  for (const digits of [[1], [1, 2, 5], [1, 2, 3, 4, 5, 6, 7, 8, 9]]) {
    const ticks: number[] = [];
    for (let power = Math.floor(low / every) * every; power <= high; power += every) {
      // Read from text: 10 ** -3 * 5 is not 0.005.
      digits.forEach(digit => ticks.push(Number(`${digit}e${power}`)));
    }
    const inside = ticks.filter(tick => tick >= min && tick <= max);
    if (found.length > 1 && (inside.length > most || every > 1)) {
      return found;
    }
    found = inside;
  }
  if (found.length > 1) {
    return found;
  }
  // Less than a digit's width is as good as straight.
  const step = 10 ** Math.floor(Math.log10((max - min) / 2));
  return Array.from({ length: 25 }, (_, i) => Number(((Math.ceil(min / step) + i) * step).toPrecision(12))).filter(
    tick => tick <= max
  );
}

/** Labels of a logarithmic axis' ticks, each for itself: they lie decades apart. */
export function logTickTexts(ticks: readonly (number | null)[]): string[] {
  return ticks.map(tick => (tick === null ? '' : formatValue(tick)));
}
