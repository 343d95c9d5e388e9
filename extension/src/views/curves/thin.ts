/** A line made ready for drawing: points in data's coordinates, one after the other; NaN lifts the pen. */
export interface IThinned {
  length: number;
  x: Float64Array;
  y: Float64Array;
  /** Extremes of what lies within the range of x; Infinity and -Infinity where nothing does. */
  low: number;
  high: number;
}

/**
 * What of a line is drawn: points from `from` to `to` of x, which is multiplied by `factor`, within x0 to x1 on
 * `columns`.
 */
export interface IWindow {
  from: number;
  to: number;
  factor: number;
  x0: number;
  x1: number;
  columns: number;
  /** Leaves values at or below 0 out, as a logarithmic axis has no place for them. */
  positive: boolean;
}

export function emptyThinned(): IThinned {
  return { length: 0, x: new Float64Array(64), y: new Float64Array(64), low: Infinity, high: -Infinity };
}

/**
 * Keeps of each column of pixels what can be seen: the first, lowest, highest and last value, in their order, so that
 * no spike is lost however many points there are. Points need not be in order along x: consecutive ones of the same
 * column are joined.
 */
export function thin(x: Float64Array, y: Float64Array, window: IWindow, into: IThinned): IThinned {
  const { from, to, factor, x0, x1, columns, positive } = window;
  const scale = x1 > x0 ? columns / (x1 - x0) : 0;
  into.length = 0;
  into.low = Infinity;
  into.high = -Infinity;
  // Of the points that are being joined: their column and its ends along x, and indices. Nothing here is shared with
  // another function, which would make this loop several times slower.
  let column = NaN;
  let left = Infinity;
  let right = -Infinity;
  let [first, low, high, last] = [-1, -1, -1, -1];
  let [least, most] = [Infinity, -Infinity];
  let broken = false;
  for (let i = from; i < to; i++) {
    const at = x[i] * factor;
    const value = y[i];
    if (!(value - value === 0) || !(at - at === 0) || (positive && value <= 0)) {
      broken = broken || first >= 0;
      continue;
    }
    if (!(at >= left && at < right)) {
      const here = at < x0 ? -1 : at > x1 ? columns : Math.min(columns - 1, Math.floor((at - x0) * scale));
      if (here !== column) {
        if (first >= 0) {
          put(x, y, factor, first, low, high, last, into);
          if (column >= 0 && column < columns) {
            into.low = Math.min(into.low, least);
            into.high = Math.max(into.high, most);
          }
        }
        if (broken) {
          into.x[into.length] = NaN;
          into.y[into.length++] = NaN;
        }
        broken = false;
        column = here;
        // A little within, so that rounding leaves the question to the exact rule above.
        const margin = 1e-6 / (scale || 1);
        left = scale > 0 && here >= 0 && here < columns ? x0 + here / scale + margin : Infinity;
        right = x0 + (here + 1) / scale - margin;
        first = low = high = last = i;
        least = most = value;
        continue;
      }
    }
    broken = false;
    if (value < least) {
      least = value;
      low = i;
    } else if (value > most) {
      most = value;
      high = i;
    }
    last = i;
  }
  if (first >= 0) {
    put(x, y, factor, first, low, high, last, into);
    if (column >= 0 && column < columns) {
      into.low = Math.min(into.low, least);
      into.high = Math.max(into.high, most);
    }
  }
  return into;
}

/** Adds what is seen of a column, in its order, each point once; leaves room for a lifted pen. */
function put(
  x: Float64Array,
  y: Float64Array,
  factor: number,
  first: number,
  low: number,
  high: number,
  last: number,
  into: IThinned
): void {
  if (into.length + 5 > into.x.length) {
    const grow = (old: Float64Array) => {
      const larger = new Float64Array(2 * old.length);
      larger.set(old);
      return larger;
    };
    into.x = grow(into.x);
    into.y = grow(into.y);
  }
  let before = -1;
  for (const at of [first, Math.min(low, high), Math.max(low, high), last]) {
    if (at !== before) {
      into.x[into.length] = x[at] * factor;
      into.y[into.length++] = y[at];
    }
    before = at;
  }
}
