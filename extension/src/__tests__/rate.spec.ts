import './page';
import { IDLE, Model } from '../model';
import { IRunState } from '../protocol';
import { Rate } from '../rate';

const running = (steps: number, part: Partial<IRunState> = {}): IRunState => ({
  ...IDLE,
  state: 'running',
  steps,
  runs: steps + 1,
  since: 3,
  ...part
});

describe('steps per second', () => {
  it('are right from the first second on, though the first step took long', () => {
    const rate = new Rate();
    rate.of(running(0), 10);
    const told: number[] = [];
    for (let step = 1; step <= 30; step++) {
      told.push(rate.of(running(step, { rate: step / (0.9 + step / 10) }), 10.9 + step / 10));
    }
    expect(told.slice(0, 3)).toEqual([NaN, NaN, NaN]);
    told.slice(3).forEach(value => expect(value).toBeCloseTo(10, 6));
  });

  it('are a mean over real time, however the kernel tells of them', () => {
    const rate = new Rate();
    rate.of(running(0), 0);
    for (const [time, steps] of [
      [0.1, 40],
      [0.7, 43],
      [0.72, 60],
      [1.1, 80]
    ] as const) {
      rate.of(running(steps), time);
    }
    expect(rate.of(running(100), 1.6)).toBeCloseTo(60 / 1.5, 6);
  });

  it('follow a training that gets slower', () => {
    const rate = new Rate();
    let [time, steps, told] = [0, 0, 0];
    for (; time < 5; time += 0.1) {
      told = rate.of(running((steps += 10)), time);
    }
    expect(told).toBeCloseTo(100, 0);
    for (; time < 10; time += 0.5) {
      told = rate.of(running((steps += 1)), time);
    }
    expect(told).toBeCloseTo(2, 0);
  });

  it('begin anew after a pause, and count runs where nothing is trained', () => {
    const rate = new Rate();
    for (let k = 0; k < 10; k++) {
      rate.of(running(k), k);
    }
    expect(rate.of(running(10, { state: 'paused', rate: 0 }), 10)).toBe(0);
    expect(rate.of(running(10, { since: 50, rate: 0 }), 50)).toBe(0);
    expect(rate.of(running(20, { since: 50 }), 51)).toBeNaN();
    expect(rate.of(running(60, { since: 50 }), 53)).toBe(20);
    const runs = { training: false, since: 50 };
    rate.of(running(60, { ...runs, runs: 100 }), 54);
    rate.of(running(60, { ...runs, runs: 105 }), 55);
    expect(rate.of(running(60, { ...runs, runs: 112 }), 56)).toBe(7);
  });

  it('count what all sessions make, where several train', () => {
    const rate = new Rate();
    for (let k = 0; k <= 20; k++) {
      rate.of(running(k % 2 ? 500 + k : k, { made: 10 * k }), k / 10);
    }
    expect(rate.of(running(3, { made: 210 }), 2.1)).toBeCloseTo(100, 6);
  });

  it('are what the model tells', () => {
    const model = new Model();
    const tick = (time: number, run: IRunState) => model.tick({ v: 1, type: 'tick', seq: 0, time, run }, []);
    [0, 1, 2, 3].forEach(k => tick(k / 2, running(k, { rate: 0.3 })));
    expect(model.run.rate).toBeCloseTo(2, 6);
    tick(9, { ...IDLE, steps: 4 });
    expect(model.run).toEqual({ ...IDLE, steps: 4 });
  });
});
