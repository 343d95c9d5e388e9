import { trans } from './page';
import { Widget } from '@lumino/widgets';
import { Controls, countOf } from '../controls';
import { Ask, IDLE, Model } from '../model';
import { IEvent, IReply, IRunState } from '../protocol';
import { eventText, stateText } from '../telling';

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
    model.run = { ...IDLE, cell: 'a', ...run };
    return stateText(model, trans, new Map([['s1', 'sess']]));
  };

  it('says that kernels are being compiled, where a run waits for them', () => {
    expect(said({ state: 'running', building: [3, 12] })).toBe('Compiling kernels, 3 of 12 are done …');
    expect(said({ state: 'busy', building: [0, 1] })).toBe('Compiling kernels for the device …');
    expect(said({ state: 'running', steps: 5, rate: 20 })).toBe('Step 5, 20 per second');
    expect(said({ state: 'idle', building: [3, 12] })).toBe('Idle');
    expect(said({ state: 'paused', steps: 5 })).toBe('Paused before step 6');
  });

  it('says whose step it is where several sessions have trained', () => {
    const both = {
      trained: [
        { session: 's1', steps: 1180 },
        { session: 's2', steps: 130 }
      ]
    };
    const run = { session: 's2', steps: 130, rate: 40, ...both };
    expect(said({ ...run, state: 'running' })).toBe('Step 1,180 of sess, 130 of s2, 40 per second');
    expect(said({ ...run, state: 'idle' })).toBe('Idle after 1,180 steps of sess, 130 of s2');
    expect(said({ ...run, state: 'paused' })).toBe('Paused before step 131 of s2, after 1,180 of sess');
    expect(said({ ...run, state: 'paused', session: 's9', steps: 0 })).toBe(
      'Paused after step 1,180 of sess, 130 of s2'
    );
    const one = { ...run, trained: [{ session: 's2', steps: 130 }] };
    expect(said({ ...one, state: 'running' })).toBe('Step 130 of s2, 40 per second');
    expect(said({ ...one, state: 'idle' })).toBe('Idle after 130 steps of s2');
    expect(said({ ...one, state: 'paused' })).toBe('Paused before step 131 of s2');
    const many = { trained: [1, 2, 3, 4, 5].map(k => ({ session: `s${k}`, steps: k })) };
    expect(said({ ...run, ...many, state: 'idle' })).toBe(
      'Idle after 1 step of sess, 2 of s2, 3 of s3 and 2 more sessions'
    );
    const event = { id: null, step: 130, text: '', took: 0.003, session: 's1' };
    const told = (name: IEvent['event'], state: Partial<IRunState>) =>
      eventText({ ...event, event: name }, trans, { ...IDLE, ...state }, new Map([['s1', 'sess']]));
    expect(told('stopped', both)).toBe('Stopped at step 130 of sess, after 3 ms.');
    expect(told('paused', both)).toBe('Paused before step 131 of sess, after 3 ms.');
    expect(told('fetched', both)).toBe('Values were looked at, after 3 ms.');
    expect(told('fetched', {})).toBe('Values are of step 130, after 3 ms.');
  });

  it('says that nothing runs, and what waits for the next run', () => {
    const run: Partial<IRunState> = { state: 'running', steps: 200, rate: 9.7, quiet: 0.2 };
    expect(said(run)).toBe('Step 200, 9.7 per second');
    expect(said({ ...run, quiet: 6.4 })).toBe('Step 200, no new run for 6 s');
    expect(said({ ...run, quiet: 6.4, rate: 0.1 })).toBe('Step 200, one in 10 s');
    expect(said({ ...run, rate: 0.5 })).toBe('Step 200, 0.5 per second');
    expect(said({ ...run, rate: 0 })).toBe('Step 200');
    expect(said({ ...run, quiet: 6.4, waiting: ['pause'] })).toBe(
      'Step 200, no new run for 6 s; pause waits for the next run'
    );
    expect(said({ state: 'busy', waiting: ['pause', 'stop'] })).toBe('A cell runs; pause, stop wait for the next run');
  });

  it('says that a thread runs, that a stop was caught, and that one has not ended the cell yet', () => {
    const run: Partial<IRunState> = { state: 'running', steps: 167, rate: 20 };
    expect(said({ ...run, cell: null })).toBe('Step 167 in a thread, 20 per second');
    expect(said({ ...run, cell: null, state: 'paused' })).toBe('Paused in a thread before step 168');
    expect(said({ ...run, caught: true })).toBe('Step 167, 20 per second; the cell caught the stop');
    expect(said({ ...run, state: 'stopping' })).toBe('The stop was raised; the cell has not ended yet …');
    expect(said({ ...run, state: 'stopping', cell: null })).toBe('Stopping …');
  });

  it('talks of runs where the cell trains nothing, whatever was trained before', () => {
    const cell = { steps: 112, runs: 265, training: false };
    expect(said({ ...cell, state: 'running', rate: 48 })).toBe('Run 265, 48 per second');
    expect(said({ ...cell, state: 'running', rate: 0 })).toBe('Run 265');
    expect(said({ ...cell, state: 'paused' })).toBe('Paused before run 266');
    expect(said({ ...cell, state: 'running', rate: 48, training: true })).toBe('Step 112, 48 per second');
    expect(said({ state: 'running', runs: 1, training: false })).toBe('Run 1');
    expect(said({ ...cell, state: 'idle' })).toBe('Idle after 112 steps');
    expect(said({ state: 'idle', steps: 1 })).toBe('Idle after 1 step');
    expect(said({ ...cell, state: 'idle', outside: true })).toBe('No cell runs; a widget trains: step 112');
    expect(said({ state: 'idle', runs: 3, outside: true })).toBe('No cell runs; a widget trains: run 3');
    expect(said({ state: 'idle', steps: 1200 })).toBe('Idle after 1,200 steps');
  });
});

describe('the number of steps', () => {
  it('is a whole number from 1 to a million', () => {
    expect(['1', ' 12 ', '1000000', '007'].map(countOf)).toEqual([1, 12, 1000000, 7]);
    expect(['1e3', '1E+2', '1.5e3', '+5', '3.0'].map(countOf)).toEqual([1000, 100, 1500, 5, 3]);
    const odd = [
      '0',
      '-1',
      'abc',
      '',
      ' ',
      '2.7',
      '1e9',
      '1e-3',
      '1.55e1',
      '1000001',
      'Infinity',
      '1,000',
      '0x10',
      'e3'
    ];
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

  it('are not needed to make steps: Enter in the field makes them', () => {
    run({ state: 'paused', steps: 3 });
    type('12');
    field().dispatchEvent(new KeyboardEvent('keydown', { key: '2' }));
    expect(asked).toEqual([]);
    field().dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter' }));
    expect(asked).toEqual([{ op: 'step', count: 12 }]);
  });

  it('say what a command waits for: the next run, or the first run of the cell', () => {
    run({ state: 'busy' });
    press('pause');
    expect(status()).toBe('Sent; it takes effect when the cell runs a graph …');
    press('fetch');
    expect(status()).toBe('Sent; it takes effect before the next run, or as the cell ends …');
    run({ state: 'running', runs: 1 });
    press('stop');
    expect(status()).toBe('Sent; it takes effect before the next run …');
    expect(asked.map(({ op }) => op)).toEqual(['pause', 'fetch', 'stop']);
  });

  it('say a kernel that is lost, and nothing more of what the old one did', () => {
    model.setLink({ state: 'connected', text: 'graphlab_nb 1' });
    model.note({ event: 'stopped', id: null, step: 112, text: '', took: 0.003 });
    expect(aloud).toEqual([status()]);
    const [lost, again] = [{ state: 'lost', text: 'The kernel has died.' } as const, model.link];
    model.setLink(lost);
    model.setLink(lost);
    expect([status(), ...aloud.slice(1)]).toEqual([lost.text, lost.text]);
    model.setLink(again);
    expect(aloud.slice(2)).toEqual(['graphlab_nb 1']);
  });

  it('are told what views have to say, and show it as well', () => {
    model.setLink({ state: 'connected', text: '' });
    controls.say('There is no chart to save.');
    expect([status(), ...aloud]).toEqual(['There is no chart to save.', 'There is no chart to save.']);
  });

  it('say nothing of a connection that was never there', () => {
    const fresh = new Model();
    const other = new Controls(fresh, trans, text => aloud.push(text));
    fresh.setLink({ state: 'connecting', text: 'Looking …' });
    fresh.setLink({ state: 'missing', text: 'Nothing answers.' });
    fresh.setLink({ state: 'connected', text: 'graphlab_nb 1' });
    expect(aloud).toEqual([]);
    other.dispose();
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
    list([info('s3', 'sess')]); // another one has the name of the first, which is closed
    closed('s1');
    expect(status()).toBe('Session s1 is closed.');
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
