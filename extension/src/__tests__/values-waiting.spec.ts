import { trans } from './page';
import { IDLE, Model } from '../model';
import { StatusLine } from '../views/values/status';
import { waitText } from '../views/values/texts';

describe('numbers that wait', () => {
  it('say nothing while they are young', () => {
    expect(waitText(trans, 1900, 10, true)).toBe('');
  });

  it('say how old they are and what the next ones wait for', () => {
    expect(waitText(trans, 8200, 0.1, true)).toBe(', 8 s ago; next in about 2 s');
    expect(waitText(trans, 8200, 10, true)).toBe(', 8 s ago; next when the training leaves time');
    expect(waitText(trans, 8200, 0.1, false)).toBe(', 8 s ago; next when this step is done');
    expect(waitText(trans, 300000, 0.1, false)).toBe(', 5 min ago; next when this step is done');
  });

  it('grow older by themselves while the training runs, and stay as they are when it does not', () => {
    jest.useFakeTimers();
    const model = new Model();
    const status = new StatusLine(trans, model);
    model.run = { ...IDLE, state: 'running', steps: 40 };
    model.cost = { share: 0, rate: 0.1 };
    status.looked();
    status.write(2, 2, 40);
    expect(status.node.textContent).toBe('2 of 2 shown, step 40');
    model.run = { ...model.run, steps: 90 };
    jest.advanceTimersByTime(4000);
    expect(status.node.textContent).toBe('2 of 2 shown, step 40, 4 s ago; next when this step is done');
    model.run = { ...model.run, steps: 95 };
    jest.advanceTimersByTime(1000);
    expect(status.node.textContent).toBe('2 of 2 shown, step 40, 5 s ago; next in about 5 s');
    expect(status.node.title).toBe(status.node.textContent);
    model.run = { ...model.run, state: 'idle' };
    jest.advanceTimersByTime(1000);
    expect(status.node.textContent).toBe('2 of 2 shown, of step 40; the training is at step 95');
    expect(jest.getTimerCount()).toBe(0);
    status.write(0, 0, 0);
    expect(status.node.hidden).toBe(true);
    jest.useRealTimers();
  });
});
