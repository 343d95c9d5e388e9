import {
  colorOf,
  countOdd,
  groundOf,
  INF_COLOR,
  NAN_COLOR,
  NEGATIVE_INF_COLOR,
  paint,
  rangeOf,
  reduceGrid,
  rgbOf,
  robustRange,
  scaleOf,
  scaleOfDrawn
} from '../views/values/scale';

const LIGHT = groundOf({ background: '#ffffff', dark: false });
const DARK = groundOf({ background: '#111', dark: true });

describe('scale', () => {
  it('is symmetric where it is signed, and ends at the quantiles unless all is wanted', () => {
    const range = [-2, 100, -1, 3];
    expect(scaleOf(range, true, 'signed', LIGHT)).toMatchObject({ low: -3, high: 3 });
    expect(scaleOf(range, false, 'signed', LIGHT)).toMatchObject({ low: -100, high: 100 });
    expect(scaleOf(range, true, 'gray', LIGHT)).toMatchObject({ low: -1, high: 3 });
  });

  it('has two ends whatever the numbers are', () => {
    for (const range of [null, [0, 0, 0, 0], [NaN, NaN, NaN, NaN], [5, 5, 5, 5], [-5, -5], [-Infinity, Infinity]]) {
      for (const palette of ['signed', 'gray'] as const) {
        const { low, high } = scaleOf(range, true, palette, LIGHT);
        expect(high).toBeGreaterThan(low);
        expect(Number.isFinite(high - low)).toBe(true);
      }
    }
  });

  it('is the background at zero, red below and blue above, in light and dark', () => {
    for (const ground of [LIGHT, DARK]) {
      const scale = scaleOf([-1, 1], false, 'signed', ground);
      expect(colorOf(0, scale)).toEqual(ground.zero);
      const [below, above] = [colorOf(-0.6, scale), colorOf(0.6, scale)];
      expect(below[0]).toBeGreaterThan(below[2]);
      expect(above[2]).toBeGreaterThan(above[0]);
      expect(colorOf(1e9, scale)).toEqual(colorOf(1, scale));
    }
  });

  it('holds no colour of what is not a number', () => {
    for (const ground of [LIGHT, DARK]) {
      for (const palette of ['signed', 'gray'] as const) {
        const scale = scaleOf([-1, 1], false, palette, ground);
        const all = Array.from({ length: 401 }, (_, i) => colorOf(i / 200 - 1, scale));
        for (const odd of [NAN_COLOR, INF_COLOR, NEGATIVE_INF_COLOR]) {
          const nearest = Math.min(...all.map(c => Math.hypot(c[0] - odd[0], c[1] - odd[1], c[2] - odd[2])));
          expect(nearest).toBeGreaterThan(60);
        }
        expect([colorOf(NaN, scale), colorOf(Infinity, scale)]).toEqual([NAN_COLOR, INF_COLOR]);
        expect(colorOf(-Infinity, scale)).toEqual(NEGATIVE_INF_COLOR);
      }
    }
  });

  it('paints cells, three numbers each where they are colours', () => {
    const out = new Uint8ClampedArray(8);
    paint(Float32Array.of(9, 0, 1), 1, 2, scaleOf([0, 1], false, 'gray', LIGHT), out);
    expect([...out]).toEqual([0, 0, 0, 255, 255, 255, 255, 255]);
    paint(Float32Array.of(0, 0.5, 1, 0, NaN, 1), 0, 2, scaleOf([0, 1], false, 'color', LIGHT), out);
    expect([...out]).toEqual([0, 128, 255, 255, ...NAN_COLOR, 255]);
  });

  it('never averages away what is not a number', () => {
    const values = new Float64Array(10000).fill(1);
    values[1234] = NaN;
    values[9999] = -Infinity;
    const small = reduceGrid(values, 100, 100, 10, 7);
    expect([small.rows, small.columns, small.high, small.wide]).toEqual([10, 7, 10, 15]);
    expect(countOdd(small.values)).toEqual({ nan: 1, inf: 0, negativeInf: 1 });
    expect(small.values[0]).toBe(1);
    expect(reduceGrid(values, 100, 100, 500, 500).values).toBe(values);
  });

  it('finds the range of what is finite', () => {
    expect(rangeOf([NaN, 3, -Infinity, -2])).toEqual([-2, 3]);
    expect(rangeOf([NaN, Infinity])).toBeNull();
    expect(rangeOf([])).toBeNull();
  });

  it('fits means, which lie closer together than what they are the means of', () => {
    const whole = scaleOf([-4, 4, -2, 2], true, 'signed', DARK);
    const values = Float64Array.from({ length: 100001 }, (_, i) => (i / 100000 - 0.5) / 5);
    [values[7], values[9]] = [50, NaN];
    const scale = scaleOfDrawn(values, whole);
    expect([scale.low, scale.high].map(x => x.toFixed(2))).toEqual(['-0.10', '0.10']);
    expect(scale).toMatchObject({ palette: 'signed', dark: true, zero: DARK.zero });
    const gray = scaleOfDrawn([3, 4], scaleOf([0, 9], true, 'gray', LIGHT));
    expect(gray).toMatchObject({ palette: 'gray', low: 3, high: 4 });
    for (const few of [[], [NaN], [3]]) {
      const { low, high } = scaleOfDrawn(few, whole);
      expect(high).toBeGreaterThan(low);
    }
  });

  it('is not that of one number far off, be there few numbers or many', () => {
    const [low, high] = [-0.9, 1];
    for (const count of [20, 64, 100, 5000]) {
      const values = Float32Array.from({ length: count }, (_, i) => low + ((high - low) * i) / (count - 1));
      values[5] = 1e6;
      // As the kernel finds them, in bins from the least to the greatest number.
      const ends = robustRange([low, 1e6, low, count < 100 ? 1e6 : 975], values);
      expect([ends[0], ends[1]]).toEqual([low, 1e6]);
      expect(ends[2]).toBeGreaterThan(low - 0.1);
      expect(ends[2]).toBeLessThan(low + 0.1);
      expect(ends[3]).toBeGreaterThan(high - 0.1);
      expect(ends[3]).toBeLessThan(count < 100 ? 20 : high + 0.1);
    }
  });

  it('keeps what is large where half of the numbers are equal, and what the kernel could tell', () => {
    const sparse = Float32Array.from({ length: 100 }, (_, i) => Number(i % 10 === 0));
    expect(scaleOf(robustRange([0, 1, 0, 1], sparse), true, 'gray', LIGHT)).toMatchObject({ low: 0, high: 1 });
    const single = Float32Array.from({ length: 100 }, (_, i) => Number(i === 3));
    expect(scaleOf(robustRange([0, 1, 0, 0], single), true, 'signed', LIGHT)).toMatchObject({ low: -1, high: 1 });
    const told = [-2, 100, -1, 3];
    expect(robustRange(told, new Float32Array(5000))).toEqual(told);
    expect(robustRange([0, 1, 0.0001, 0.9999], new Float32Array(5000))).toEqual([0, 1, 0, 1]);
    expect(robustRange([NaN, NaN, NaN, NaN], [NaN])).toEqual([NaN, NaN, NaN, NaN]);
    expect(robustRange([0, 4], [0, 4])).toEqual([0, 4]);
  });

  it('reads the colours of themes', () => {
    expect([rgbOf('#fff'), rgbOf('#0a141e'), rgbOf('rgba(1, 2, 3, 0.5)'), rgbOf('rgb(1 2 3)')]).toEqual([
      [255, 255, 255],
      [10, 20, 30],
      [1, 2, 3],
      [1, 2, 3]
    ]);
    expect(rgbOf('rebeccapurple')).toBeNull();
  });
});
