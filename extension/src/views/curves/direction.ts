/** Where a curve goes: "short" where there are too few points to say. */
export type Direction = 'falling' | 'rising' | 'level' | 'noisy' | 'short';

/** Pairs of points that go the same way, in standard deviations of what chance makes: from here on a curve goes somewhere. */
const SURE = 4;
/** Of fewer points even the best of all orders is not so unlikely: then so large a part of the pairs must agree. */
const FEW = 12;
const AGREE = 0.7;
/** A change that counts, as a part of a curve's size or of its value; and what scatters more than this is not level. */
const CHANGE = 0.01;
const SCATTER = 0.05;
/** What was said stays until it holds by less than this part of what it took: words that come and go cannot be read. */
const STAYS = 0.5;

/** So many means of numbers that follow each other are compared. */
const MEANS = 64;

/**
 * Says where numbers go that stand in their order. It compares all pairs of them, or of means of a few, which is the same on
 * a logarithmic scale and heeds no single one, however far off it is; and the middles of the first and the last fifth, which
 * must differ. `before` is what was said of them last.
 */
export function directionOf(values: readonly number[], before?: Direction): Direction {
  if (values.length < 3) {
    return 'short';
  }
  // In parts of the largest, so that no square overflows.
  const size = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (size === 0) {
    return 'level';
  }
  const all = values.map(value => value / size);
  const mean = meanOf(all);
  const deviation = Math.sqrt(meanOf(all.map(part => (part - mean) ** 2)));
  const parts = meansOf(all);
  const n = parts.length;
  const scale = Math.max(Math.abs(median(parts)), 2 * deviation);

  const fifth = Math.max(1, Math.floor(n / 5));
  const [first, last] = [median(parts.slice(0, fifth)), median(parts.slice(n - fifth))];
  const { agree, strict } = agreement(parts);
  const rises = last > first;
  if (last !== first && agree > 0 === rises) {
    const said = before === (rises ? 'rising' : 'falling');
    const enough = said ? STAYS : 1;
    const chance = Math.sqrt((2 * (2 * n + 5)) / (9 * n * (n - 1)));
    // What never turns back goes there, however many of its numbers are the same.
    const least = strict ? 0 : n < FEW ? AGREE : SURE * chance;
    const part = Math.abs(last - first) / scale;
    const factor = first > 0 && last > 0 ? Math.abs(Math.log(last / first)) : 0;
    if (Math.abs(agree) >= enough * least && Math.max(part, factor) >= enough * CHANGE) {
      return rises ? 'rising' : 'falling';
    }
  }
  return deviation > (before === 'noisy' ? STAYS : 1) * SCATTER * scale ? 'noisy' : 'level';
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function meansOf(values: readonly number[]): readonly number[] {
  const n = values.length;
  const at = (k: number) => Math.floor((k * n) / MEANS);
  return n <= MEANS ? values : Array.from({ length: MEANS }, (_, k) => meanOf(values.slice(at(k), at(k + 1))));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** From -1, where each number is below all before it, to 1, where each is above them; and whether no two say otherwise. */
function agreement(values: readonly number[]): { agree: number; strict: boolean } {
  const n = values.length;
  let [up, down] = [0, 0];
  for (let i = 1; i < n; i++) {
    for (let j = 0; j < i; j++) {
      up += values[i] > values[j] ? 1 : 0;
      down += values[i] < values[j] ? 1 : 0;
    }
  }
  return { agree: (up - down) / ((n * (n - 1)) / 2), strict: Math.min(up, down) === 0 };
}
