/** Points at an end that a line is fitted to, counted in standard deviations of the kernel; never more than half. */
const REACH = 9;

/** Shares of noise below and above which an end is taken as bare of it, and as nothing else. */
const BARE = 0.2;
const FULL = 0.6;

/** How many points at an end are smoothed together where there are `count`, and the kernel is `width` points wide. */
export function reachOf(width: number, count: number): number {
  return Math.min(Math.ceil(REACH * width) + 1, Math.floor(count / 2));
}

/**
 * How much of what bends a curve is noise, 0 to 1, by the points at some places. Bends follow each other with the same
 * sign where a curve is smooth, and with signs that alternate where it is noise: of white noise, bends of neighbours
 * have a correlation of -2/3.
 */
export function noiseOf(steps: Float64Array, values: Float64Array, at: ArrayLike<number>): number {
  let squares = 0;
  let products = 0;
  let last = 0;
  for (let k = 1; k + 1 < at.length; k++) {
    const [a, b, c] = [at[k - 1], at[k], at[k + 1]];
    const share = (steps[b] - steps[a]) / (steps[c] - steps[a]);
    const bend = values[b] - values[a] - (share >= 0 && share <= 1 ? share : 0.5) * (values[c] - values[a]);
    squares += bend * bend;
    products += bend * last;
    last = bend;
  }
  if (at.length < 4 || !(squares > 0)) {
    return 0;
  }
  const correlation = products / (at.length - 3) / (squares / (at.length - 2));
  const t = Math.min(1, Math.max(0, (-1.5 * correlation - BARE) / (FULL - BARE)));
  return t * t * (3 - 2 * t);
}

/**
 * Smooths an end of a curve, whose points are at the places given from the end inwards. There a kernel has points on one
 * side only, and would follow the last few. A line fitted to more of them calms noise as the middle does; where the
 * points bend without noise, they themselves are right. `smooth` holds what the kernel gave, and gets the answers.
 */
export function smoothEnd(
  steps: Float64Array,
  values: Float64Array,
  at: ArrayLike<number>,
  smooth: (place: number) => number,
  give: (place: number, value: number) => void
): void {
  const size = at.length;
  const origin = steps[at[0]];
  const s = [0, 0, 0, 0, 0];
  for (let k = 0; k < size; k++) {
    const w = 1 - (k / size) ** 2;
    const [d, y] = [steps[at[k]] - origin, values[at[k]]];
    s[0] += w;
    s[1] += w * d;
    s[2] += w * d * d;
    s[3] += w * y;
    s[4] += w * d * y;
  }
  const [mx, my] = [s[1] / s[0], s[3] / s[0]];
  const variance = s[2] / s[0] - mx * mx;
  if (!(variance > 1e-12 * mx * mx)) {
    return; // all at one step: there is no line
  }
  const slope = (s[4] / s[0] - mx * my) / variance;
  const noise = noiseOf(steps, values, at);
  for (let k = 0; 2 * k < size; k++) {
    const i = at[k];
    const line = my + slope * (steps[i] - origin - mx);
    const t = (2 * k) / size;
    const inner = t * t * (3 - 2 * t);
    give(i, inner * smooth(i) + (1 - inner) * (noise * line + (1 - noise) * values[i]));
  }
}
