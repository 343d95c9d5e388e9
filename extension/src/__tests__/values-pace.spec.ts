import { LEAST, Paced } from '../views/values/pace';

describe('the pace of drawing', () => {
  let now = 1000;
  let frames: (() => void)[] = [];
  let cost = 0;
  let drawn: number[] = [];

  /** The next frame, after some milliseconds. */
  const frame = (after = 16) => {
    now += after;
    frames.splice(0).forEach(one => one());
  };
  /** Lets time go by, with its timers, then draws a frame. */
  const pass = (ms: number) => {
    now += ms;
    jest.advanceTimersByTime(ms);
    frame(0);
  };
  const make = () =>
    new Paced(() => {
      drawn.push(now);
      now += cost;
    });

  beforeEach(() => {
    jest.useFakeTimers();
    [now, frames, cost, drawn] = [1000, [], 0, []];
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    jest.spyOn(window, 'requestAnimationFrame').mockImplementation(callback => frames.push(() => callback(now)));
    jest.spyOn(window, 'cancelAnimationFrame').mockImplementation(() => undefined);
  });

  afterEach(() => {
    jest.useRealTimers();
    jest.restoreAllMocks();
  });

  it('is four times a second where drawing costs nothing', () => {
    const paced = make();
    for (let i = 0; i < 300; i++) {
      paced.request();
      pass(10);
    }
    expect(drawn.length).toBeGreaterThanOrEqual(10);
    expect(drawn.length).toBeLessThanOrEqual(3000 / LEAST + 1);
    paced.stop();
  });

  it('rests ten times as long as a drawing takes, with what the browser does after it', () => {
    const paced = make();
    cost = 5;
    paced.request();
    frame();
    frame(100); // the browser is busy with what was drawn
    frame();
    expect(drawn).toHaveLength(1);
    const began = drawn[0];
    paced.request();
    pass(700);
    expect(drawn).toHaveLength(1);
    pass(400);
    expect(drawn).toHaveLength(2);
    expect(drawn[1] - began).toBeGreaterThan(800);
    paced.stop();
  });

  it('lets what the user waits for go first, and draws nothing after it was stopped', () => {
    const paced = make();
    paced.request();
    frame();
    frame(500);
    frame();
    paced.request(true);
    frame();
    expect(drawn).toHaveLength(2);
    paced.request();
    paced.stop();
    pass(9000);
    expect(drawn).toHaveLength(2);
  });
});
