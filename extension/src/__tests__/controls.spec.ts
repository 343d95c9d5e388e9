import { trans } from './page';
import { Widget } from '@lumino/widgets';
import { Controls, countOf, stateText } from '../controls';
import { Ask, IDLE, Model } from '../model';
import { IEvent, IReply, IRunState } from '../protocol';

// jsdom has no drag and drop, which Lumino's package of it wants when it is loaded.
jest.mock('@lumino/dragdrop', () => ({ Drag: class {} }));
// Icons need more of a page than jsdom has.
jest.mock('@jupyterlab/ui-components', () => {
  class LabIcon {
    element(): void {}
  }
  return { LabIcon, refreshIcon: new LabIcon(), runIcon: new LabIcon(), stopIcon: new LabIcon() };
});

describe('the line beside the buttons', () => {
  const said = (run: Partial<IRunState>) => {
    const model = new Model();
    model.setLink({ state: 'connected', text: '' });
    model.run = { ...IDLE, ...run };
    return stateText(model, trans);
  };

  it('says that kernels are being compiled, where a run waits for them', () => {
    expect(said({ state: 'running', building: [3, 12] })).toBe('Compiling kernels, 3 of 12 are done …');
    expect(said({ state: 'busy', building: [0, 1] })).toBe('Compiling kernels for the device …');
    expect(said({ state: 'running', steps: 5, rate: 20 })).toBe('Step 5, 20 per second');
    expect(said({ state: 'idle', building: [3, 12] })).toBe('Idle');
    expect(said({ state: 'paused', steps: 5 })).toBe('Paused before step 6');
  });

  it('talks of runs where the cell trains nothing, whatever was trained before', () => {
    const cell = { steps: 112, runs: 265, training: false };
    expect(said({ ...cell, state: 'running', rate: 48 })).toBe('Run 265, 48 per second');
    expect(said({ ...cell, state: 'running', rate: 0 })).toBe('Run 265, 0.0 per second');
    expect(said({ ...cell, state: 'paused' })).toBe('Paused before run 266');
    expect(said({ ...cell, state: 'running', rate: 48, training: true })).toBe('Step 112, 48 per second');
    expect(said({ state: 'running', runs: 1, training: false })).toBe('Run 1');
    expect(said({ ...cell, state: 'idle' })).toBe('Idle after 112 steps');
    expect(said({ state: 'idle', steps: 1 })).toBe('Idle after 1 step');
    expect(said({ state: 'idle', steps: 1200 })).toBe('Idle after 1,200 steps');
  });
});

describe('the number of steps', () => {
  it('is a whole number from 1 to a million', () => {
    expect(['1', ' 12 ', '1000000', '007'].map(countOf)).toEqual([1, 12, 1000000, 7]);
    const odd = ['0', '-1', 'abc', '', ' ', '2.7', '1e9', '1e3', '1000001', '+5', 'Infinity', '1,000'];
    expect(odd.map(countOf)).toEqual(odd.map(() => null));
  });
});

describe('the buttons', () => {
  let model: Model;
  let controls: Controls;
  let asked: Ask[];
  let aloud: string[];
  const run = (part: Partial<IRunState>) =>
    model.tick({ v: 1, type: 'tick', seq: 1, time: 0, run: { ...IDLE, ...part } }, []);
  const field = () => controls.node.querySelector<HTMLInputElement>('.jp-glnb-count')!;
  const word = () => controls.node.querySelector<HTMLElement>('.jp-glnb-count-bad')!;
  const status = () => controls.node.querySelector('.jp-glnb-status')!.textContent;
  const press = (name: string) => controls.node.querySelector<HTMLButtonElement>(`[data-name="${name}"]`)!.click();
  const type = (text: string) => {
    field().value = text;
    field().dispatchEvent(new Event('input'));
  };

  beforeEach(() => {
    model = new Model();
    asked = [];
    aloud = [];
    model.send = command => {
      asked.push(command);
      return Promise.resolve({ reply: { v: 1, id: '' } as IReply, buffers: [] });
    };
    model.setLink({ state: 'connected', text: '' });
    controls = new Controls(model, trans, text => aloud.push(text));
    Widget.attach(controls, document.body);
  });

  afterEach(() => controls.dispose());

  it.each(['0', '-1', '', '2.7', '1e9', '1000001'])('send nothing for %j steps, and say why', text => {
    run({ state: 'paused', steps: 3 });
    expect(word().hidden).toBe(true);
    type(text);
    expect(word().hidden).toBe(false);
    expect(word().textContent).toBe('1 to 1,000,000');
    expect(field().getAttribute('aria-invalid')).toBe('true');
    expect(field().getAttribute('aria-describedby')).toBe(word().id);
    press('step');
    expect(asked).toEqual([]);
    expect(status()).toBe('Not sent: steps are a whole number from 1 to 1,000,000.');
    expect(aloud).toEqual([status()]);
    expect(field().value).toBe(text);
    type('12');
    expect([word().hidden, field().getAttribute('aria-invalid')]).toEqual([true, 'false']);
    press('step');
    expect(asked).toEqual([{ op: 'step', count: 12 }]);
  });

  it('say what a command waits for: the end of a run, or the first run of the cell', () => {
    run({ state: 'busy' });
    press('pause');
    expect(status()).toBe('Sent; it takes effect when the cell runs a graph …');
    press('fetch');
    expect(status()).toBe('Sent; it takes effect at the end of the run …');
    run({ state: 'running', runs: 1 });
    press('stop');
    expect(status()).toBe('Sent; it takes effect at the end of the run …');
    expect(asked.map(({ op }) => op)).toEqual(['pause', 'fetch', 'stop']);
  });

  it('call a session that was closed as lists call it', () => {
    const info = (id: string, label: string) => ({ id, graph: 'g', labels: [label], devices: [], runs: 1 });
    const closed = (id: string) => model.note({ event: 'closed', id: null, step: 0, text: id, took: 0 });
    const list = (sessions: ReturnType<typeof info>[]) =>
      model.tick({ v: 1, type: 'tick', seq: 1, time: 0, run: IDLE, sessions }, []);
    list([info('s1', 'sess'), info('s2', 'sess2')]);
    list([info('s1', 'sess')]);
    closed('s2');
    expect(status()).toBe('Session sess2 is closed.');
    closed('s7');
    expect(status()).toBe('Session s7 is closed.');
  });

  it.each<[IEvent['event'], boolean, string]>([
    ['paused', true, 'Paused before step 113, after 3 ms.'],
    ['paused', false, 'Paused before run 266, after 3 ms.'],
    ['resumed', true, 'Resumed before step 113, after 3 ms.'],
    ['resumed', false, 'Resumed before run 266, after 3 ms.'],
    ['stepped', true, 'Stepped to step 112, after 3 ms.'],
    ['stepped', false, 'Stepped to run 265, after 3 ms.'],
    ['stopped', false, 'Stopped at run 265, after 3 ms.']
  ])('say of "%s", where training is %s: %s', (event, training, text) => {
    run({ state: 'paused', steps: 112, runs: 265, training });
    model.note({ event, id: null, step: 112, text: '', took: 0.003 });
    expect(status()).toBe(text);
  });
});
