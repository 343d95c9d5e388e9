import { noiseOf } from '../views/curves/ends';
import { Smoother } from '../views/curves/smooth';

function smooth(values: number[], weight = 0.6, steps = values.map((_, i) => i)): number[] {
  const smoother = new Smoother();
  const { length } = values;
  smoother.advance({ length, steps: Float64Array.from(steps), values: Float64Array.from(values) }, weight, false);
  return [...smoother.out.subarray(0, length)];
}

function series(n: number, value: (i: number) => number): number[] {
  return Array.from({ length: n }, (_, i) => value(i));
}

/** Numbers of -0.5 to 0.5 in a fixed order. */
function noise(seed: number): (i: number) => number {
  return i => {
    const x = Math.sin((i + 1) * 12.9898 + seed * 78.233) * 43758.5453;
    return x - Math.floor(x) - 0.5;
  };
}

function far(values: readonly number[], level: number): number {
  return Math.max(...values.map(value => Math.abs(value - level)));
}

describe('smoothing at the ends', () => {
  it('finds the level of what goes up and down, everywhere', () => {
    for (const n of [39, 40, 41, 60, 100, 101, 1000, 5000]) {
      const found = smooth(series(n, i => i % 2));
      expect([n, far(found, 0.5) < 0.15]).toEqual([n, true]);
      expect([n, far(found.slice(5, -5), 0.5) < 0.1]).toEqual([n, true]);
    }
    for (const weight of [0.7, 0.8, 0.9, 0.98]) {
      expect(
        far(
          smooth(
            series(200, i => i % 2),
            weight
          ),
          0.5
        )
      ).toBeLessThan(0.15);
    }
  });

  it('calms noise about as much as in the middle, and shows no more of the last points', () => {
    const squares = { end: 0, middle: 0 };
    let alike = 0;
    for (let seed = 0; seed < 300; seed++) {
      const values = series(120, noise(seed));
      const found = smooth(values);
      squares.end += found[119] ** 2 + found[0] ** 2;
      squares.middle += found[60] ** 2 + found[50] ** 2;
      alike += found[119] * values[119] + found[0] * values[0];
    }
    expect(Math.sqrt(squares.end / squares.middle)).toBeLessThan(1.8);
    expect(alike / 600 / (1 / 12)).toBeLessThan(0.35); // how much of an end's own point is in its answer
  });

  it('leaves a straight line straight, with gaps and uneven steps, and also where it is noise that hides it', () => {
    const steps = series(80, i => i * i + 3 * i);
    const line = steps.map((x, i) => (i % 9 === 4 || i === 79 ? NaN : 7 - 0.5 * x));
    smooth(line, 0.6, steps).forEach((value, i) =>
      Number.isNaN(line[i]) ? expect(value).toBeNaN() : expect(value).toBeCloseTo(line[i], 6)
    );
    const noisy = smooth(series(80, i => 10 - i / 4 + (i % 2) - 0.5));
    expect(
      far(
        noisy.map((value, i) => value - 10 + i / 4),
        0
      )
    ).toBeLessThan(0.15);
  });

  it('takes the ends of a curve without noise as they are: a falling loss neither overshoots nor stays behind', () => {
    for (const n of [20, 60, 300]) {
      const loss = series(n, i => 2 * Math.exp((-6 * i) / n) + 0.1);
      for (const weight of [0.6, 0.9]) {
        const found = smooth(loss, weight);
        expect(found[0]).toBeCloseTo(loss[0], 2);
        expect(found[n - 1]).toBeCloseTo(loss[n - 1], 2);
        expect(Math.min(...found)).toBeGreaterThanOrEqual(loss[n - 1] - 1e-9);
        expect(found).toEqual(found.slice().sort((a, b) => b - a));
      }
    }
  });

  it('ends a noisy falling loss near its course', () => {
    for (let seed = 0; seed < 30; seed++) {
      const loss = (i: number) => 2 * Math.exp(-i / 40) + 0.2;
      const found = smooth(series(400, i => loss(i) + 0.2 * noise(seed)(i)));
      expect(Math.abs(found[399] - loss(399))).toBeLessThan(0.12);
      expect(Math.abs(found[0] - loss(0))).toBeLessThan(0.2);
    }
  });

  it('keeps the ends of a step at its two levels', () => {
    const found = smooth(series(80, i => Number(i >= 40)));
    expect(far(found.slice(0, 30), 0)).toBeLessThan(1e-3);
    expect(far(found.slice(50), 1)).toBeLessThan(1e-3);
  });

  it('leaves one, two and three points as they are', () => {
    expect(smooth([4])).toEqual([4]);
    for (const values of [
      [4, 9],
      [4, 9, 5],
      [0, NaN, 3]
    ]) {
      smooth(values).forEach((value, i) =>
        Number.isNaN(values[i]) ? expect(value).toBeNaN() : expect(Math.abs(value - values[i])).toBeLessThan(0.3)
      );
    }
  });

  it('gives a curve that grows the same ends as one read at once', () => {
    const values = Float64Array.from(series(700, i => noise(5)(i) + (i % 31 === 0 ? NaN : 0)));
    const steps = Float64Array.from(series(700, i => i));
    const growing = new Smoother();
    for (let length = 1; length <= 700; length += 1 + (length % 5)) {
      growing.advance({ length, steps, values }, 0.8, false);
      const once = new Smoother();
      once.advance({ length, steps, values }, 0.8, false);
      const [found, wanted] = [growing, once].map(({ out }) => [...out.subarray(0, length)]);
      expect([length, found.map(Number.isNaN)]).toEqual([length, wanted.map(Number.isNaN)]);
      expect(
        far(
          found.map((value, i) => value - wanted[i] || 0),
          0
        )
      ).toBeLessThan(1e-9);
    }
  });

  it('tells noise from bends', () => {
    const share = (values: number[]) => {
      const steps = Float64Array.from(series(values.length, i => i));
      return noiseOf(
        steps,
        Float64Array.from(values),
        series(values.length, i => i)
      );
    };
    expect(share(series(40, i => i % 2))).toBe(1);
    expect(share(series(400, noise(1)))).toBe(1);
    expect(share(series(40, i => Math.exp(-i / 6)))).toBe(0);
    expect(share(series(40, i => 3 * i))).toBe(0);
    expect(share([0.106, 0.912, 0.941, 0.95, 0.967, 0.975, 0.98, 0.987])).toBe(0);
    expect(share([1, 2, 1])).toBe(0);
  });
});
