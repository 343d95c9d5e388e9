import { reachOf } from '../views/curves/ends';
import { decayOf, Smoother } from '../views/curves/smooth';

function points(n: number, value: (i: number) => number, step: (i: number) => number = i => i) {
  return {
    length: n,
    steps: Float64Array.from({ length: n }, (_, i) => step(i)),
    values: Float64Array.from({ length: n }, (_, i) => value(i))
  };
}

/** The same by its definition, but for the ends: two weighted fits of a line at each point. The points are mere noise. */
function slowly(given: ReturnType<typeof points>, weight: number): Float64Array {
  const decay = decayOf(weight, given.length, 1);
  let values = given.values;
  for (let pass = 0; pass < 2; pass++) {
    const before = values;
    values = Float64Array.from({ length: given.length }, (_, i) => {
      const s = [0, 0, 0, 0, 0];
      for (let j = 0; j < given.length; j++) {
        if (Number.isFinite(given.values[j])) {
          const w = decay ** Math.abs(i - j);
          const d = given.steps[j] - given.steps[i];
          [w, w * d, w * d * d, w * before[j], w * d * before[j]].forEach((x, k) => (s[k] += x));
        }
      }
      const determinant = s[0] * s[2] - s[1] * s[1];
      return determinant > 1e-9 * s[0] * s[2] ? (s[2] * s[3] - s[1] * s[4]) / determinant : s[3] / s[0];
    });
  }
  return values.map((v, i) => (Number.isFinite(given.values[i]) ? v : NaN));
}

const noise = (i: number) => Math.sin(i * 12.9898) * 43758.5453 - Math.floor(Math.sin(i * 12.9898) * 43758.5453);

function expectSame(a: Float64Array, b: Float64Array, n: number, tolerance: number) {
  let worst = 0;
  for (let i = 0; i < n; i++) {
    if (Number.isNaN(b[i])) {
      expect(a[i]).toBeNaN();
    } else {
      worst = Math.max(worst, Math.abs(a[i] - b[i]) / (1 + Math.abs(b[i])));
    }
  }
  expect(worst).toBeLessThan(tolerance);
}

describe('smoothing', () => {
  it('leaves a straight line straight up to both ends, at even and uneven steps', () => {
    for (const step of [(i: number) => i, (i: number) => i * i + 5]) {
      const line = points(500, i => 3 - 0.25 * step(i), step);
      for (const weight of [0.1, 0.6, 0.9, 0.99]) {
        const smoother = new Smoother();
        expect(smoother.advance(line, weight, false)).toBe(true);
        expectSame(smoother.out, line.values, 500, 1e-8);
      }
    }
  });

  it('is what its definition says, with gaps and uneven steps', () => {
    const given = points(
      300,
      i => (i % 17 === 3 ? NaN : i === 100 ? Infinity : noise(i) + i / 50),
      i => i + (i % 7) / 10
    );
    for (const weight of [0, 0.5, 0.9, 0.99]) {
      const smoother = new Smoother();
      smoother.advance(given, weight, false);
      const decay = decayOf(weight, 300, 1);
      const end = Math.ceil(reachOf((2 * Math.sqrt(decay)) / (1 - decay), 300) / 2) + 10;
      expect(end).toBeLessThan(100);
      const [found, wanted] = [smoother.out, slowly(given, weight)].map(all => all.slice(end, 300 - end));
      expectSame(found, wanted, 300 - 2 * end, 1e-9);
    }
  });

  it('does not lag: a hill keeps its top where it was', () => {
    const hill = points(401, i => Math.exp(-(((i - 200) / 60) ** 2)));
    const smoother = new Smoother();
    smoother.advance(hill, 0.9, false);
    const top = smoother.out.subarray(0, 401).reduce((best, v, i, all) => (v > all[best] ? i : best), 0);
    expect(top).toBe(200);
  });

  it('calms noise as much as an exponential average of the same weight', () => {
    const given = points(20000, noise);
    const smoother = new Smoother();
    smoother.advance(given, 0.9, false);
    const inner = smoother.out.slice(500, 19500);
    const mean = inner.reduce((s, v) => s + v, 0) / inner.length;
    const deviation = Math.sqrt(inner.reduce((s, v) => s + (v - mean) ** 2, 0) / inner.length);
    expect(deviation / Math.sqrt(1 / 12)).toBeLessThan(0.25);
    expect(deviation / Math.sqrt(1 / 12)).toBeGreaterThan(0.1);
  });

  it('gives the same however the points came', () => {
    const n = 50000;
    const given = points(n, i => noise(i) + (i % 1000 === 7 ? NaN : 0));
    const once = new Smoother();
    once.advance(given, 0.99, false);
    const often = new Smoother();
    const sizes = [1, 2, 3, 100, 1500, 3000, 16384, 16385, 20000, 20001, 40000, 49999, n];
    for (const length of sizes) {
      let guard = 0;
      // A deadline in the past stops it after every block; it is gone on with, or overtaken by more points.
      while (!often.advance({ ...given, length }, 0.99, false, -1) && guard++ < (length % 2 ? 100 : 1)) {
        // again
      }
    }
    while (!often.advance(given, 0.99, false, -1)) {
      // again
    }
    expectSame(often.out, once.out, n, 1e-9);
  });

  it('is not harmed by one huge value later on', () => {
    const given = points(5000, i => (i === 1000 ? 1e20 : 1));
    const smoother = new Smoother();
    smoother.advance(given, 0.6, false);
    expect(smoother.out[4999]).toBe(1);
    expect(smoother.out[2000]).toBeCloseTo(1, 6);
  });

  it('smooths logarithms for a logarithmic axis, and skips what has none', () => {
    const given = points(300, i => (i === 150 ? -1 : i === 10 ? 0 : 10 ** (2 - i / 50)));
    const smoother = new Smoother();
    smoother.advance(given, 0.9, true);
    expect(smoother.out[150]).toBeNaN();
    expect(smoother.out[10]).toBeNaN();
    expect(smoother.out[299] / given.values[299]).toBeCloseTo(1, 8);
    expect(smoother.out[0] / given.values[0]).toBeCloseTo(1, 8);
  });

  it('lives with nothing, one point, equal steps and only NaN', () => {
    const smoother = new Smoother();
    expect(
      smoother.advance(
        points(0, () => 1),
        0.9,
        false
      )
    ).toBe(true);
    smoother.advance(
      points(1, () => 5),
      0.9,
      false
    );
    expect(smoother.out[0]).toBe(5);
    smoother.reset();
    smoother.advance(
      points(
        400,
        i => i,
        () => 7
      ),
      0.99,
      false
    );
    expect(smoother.out[0]).toBeGreaterThan(1);
    expect(smoother.out[0]).toBeLessThan(100);
    smoother.reset();
    smoother.advance(
      points(3, () => NaN),
      0.5,
      false
    );
    expect([...smoother.out.subarray(0, 3)]).toEqual([NaN, NaN, NaN]);
  });

  it('takes a hundred thousand points in little time, and more of them in almost none', () => {
    const given = points(100000, noise);
    const smoother = new Smoother();
    smoother.advance({ ...given, length: 99900 }, 0.99, false);
    const began = performance.now();
    smoother.advance(given, 0.99, false);
    expect(performance.now() - began).toBeLessThan(50);
  });

  it('passes close to all of a few points, and to the ends of more, at every setting', () => {
    const few = points(8, i => [0.106, 0.912, 0.941, 0.95, 0.967, 0.975, 0.98, 0.987][i]);
    const more = points(60, i => 1 - 0.9 * Math.exp(-i / 6) + 0.01 * noise(i));
    for (const weight of [0.3, 0.6, 0.9, 0.98]) {
      for (const given of [few, more]) {
        const smoother = new Smoother();
        smoother.advance(given, weight, false);
        const { length, values } = given;
        for (const i of length === 8 ? Array.from({ length }, (_, at) => at) : [0, length - 1]) {
          expect(Math.abs(smoother.out[i] - values[i])).toBeLessThan(0.06);
        }
      }
    }
  });

  it('is as wide as the weight says once there are enough points, and narrower before', () => {
    const widths = [8, 30, 100, 1000].map(count => decayOf(0.6, count));
    expect(widths).toEqual([...widths].sort((a, b) => a - b));
    expect(widths[3]).toBe(decayOf(0.6));
    expect(widths[0]).toBeLessThan(0.02);
    expect(decayOf(0.98, 50)).toBeGreaterThan(decayOf(0.6, 50));
  });

  it('never claims more than any point showed', () => {
    for (const values of [
      [0.08, 0.78, 0.82],
      [0.08, 0.78, 0.82, 0.94],
      [9, 4, 1, 0.9],
      [1, 1]
    ]) {
      const smoother = new Smoother();
      smoother.advance(
        points(values.length, i => values[i]),
        0.6,
        false
      );
      const out = [...smoother.out.subarray(0, values.length)];
      expect(Math.max(...out)).toBeLessThanOrEqual(Math.max(...values));
      expect(Math.min(...out)).toBeGreaterThanOrEqual(Math.min(...values));
    }
  });
});
