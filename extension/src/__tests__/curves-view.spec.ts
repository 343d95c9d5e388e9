import { StandIn, trans, until } from './page';
import { Widget } from '@lumino/widgets';
import { Model } from '../model';
import { IRunState, ISeriesInfo, ITick } from '../protocol';
import { Theme } from '../theme';
import { ViewState } from '../viewstate';
import { AGAIN } from '../views/curves/aloud';
import { Chart } from '../views/curves/chart';
import { CurvesView } from '../views/curves/view';

const frames = async () => {
  for (let i = 0; i < 8; i++) {
    await new Promise(resolve => requestAnimationFrame(resolve));
  }
};

function setUp(state = new ViewState()) {
  const model = new Model();
  const host = new StandIn();
  const theme = new Theme();
  const view = new CurvesView({ model, state, theme, trans, host });
  // jsdom lays nothing out.
  jest.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(500);
  jest.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(600);
  return { model, view, state, theme, saved: host.saved };
}

let seq = 0;

/** A message of the kernel with points for curves. */
function send(
  model: Model,
  curves: { [name: string]: { run: number; values: number[] } },
  kind: 'loss' | 'log' = 'loss'
) {
  const buffers: ArrayBuffer[] = [];
  const array = (values: number[]) => {
    buffers.push(Float64Array.from(values).buffer);
    return { buffer: buffers.length - 1, dtype: 'float64' as const, shape: [values.length] };
  };
  const entries = Object.entries(curves);
  const tick: ITick = {
    v: 1,
    type: 'tick',
    seq: ++seq,
    time: 0,
    run: model.run,
    series: entries.map(([name, { run, values }]) => {
      const n = values.length;
      return { id: `${run}/${name}`, name, kind, run, count: n, kept: n, every: 1 };
    }),
    runs: [...new Set(entries.map(([, { run }]) => run))].map(run => ({ run, label: `cell [${run}]`, began: run })),
    points: entries.map(([name, { run, values }]) => ({
      id: `${run}/${name}`,
      first: 0,
      version: 0,
      steps: array(values.map((_, i) => i + 1)),
      values: array(values),
      times: array(values.map((_, i) => i))
    }))
  };
  model.tick(tick, buffers);
}

describe('the curves view', () => {
  afterEach(() => {
    document.body.replaceChildren();
    jest.restoreAllMocks();
  });

  it('says in a sentence what it waits for, and asks for curves only while it is seen', () => {
    const { model, view } = setUp();
    expect(model.interest.curves).toBe(false);
    Widget.attach(view, document.body);
    expect(model.interest.curves).toBe(true);
    expect(view.node.querySelector('.jp-glnb-curves-empty')?.textContent).toContain('graphlab_nb.notebook.log');
    view.hide();
    expect(model.interest.curves).toBe(false);
    view.show();
    expect(model.interest.curves).toBe(true);
    Widget.detach(view);
    expect(model.interest.curves).toBe(false);
    view.dispose();
    view.dispose();
    send(model, { loss: { run: 1, values: [1] } });
  });

  it('draws a chart for each name, and takes no name for HTML', async () => {
    const { model, view } = setUp();
    Widget.attach(view, document.body);
    const name = '<img src=x onerror="alert(1)">🙂';
    send(model, { loss: { run: 1, values: [3, 2, NaN, 1] }, [name]: { run: 1, values: [1] } });
    await until(() => view.node.querySelectorAll('tbody tr').length === 2);
    const titles = [...view.node.querySelectorAll('.jp-glnb-curves-title')].map(title => title.textContent);
    expect(titles).toEqual(['loss', name]);
    expect(view.node.querySelector('img')).toBeNull();
    expect(view.node.querySelectorAll('canvas')).toHaveLength(2);
    const chart = view.node.querySelector('.jp-glnb-curves-chart') as HTMLElement;
    expect(chart.textContent).toContain('NaN at step 3');
    const row = chart.querySelector('tbody tr') as HTMLTableRowElement;
    expect([...row.cells].slice(1).map(one => one.textContent)).toEqual(['1', '1', '4']);
    view.dispose();
    expect(document.querySelectorAll('canvas')).toHaveLength(0);
  });

  it('marks the highest or the lowest by name and course, and as the user said', async () => {
    const { model, view } = setUp();
    Widget.attach(view, document.body);
    const run = { run: 1, values: [0.1, 0.5, 0.7, 0.9] };
    const falls = { run: 1, values: [9, 5, 4, 3] };
    send(model, { validation: run, scale: run, rest: falls, val_loss: run }, 'log');
    const best = () => [...view.node.querySelectorAll('tbody tr')].map(row => (row as HTMLTableRowElement).cells[2]);
    await until(() => best().length === 4);
    expect(best().map(cell => cell.textContent)).toEqual(['0.9', '0.9', '3', '0.1']);
    const turn = [...view.node.querySelectorAll('thead button')] as HTMLButtonElement[];
    expect(turn.map(button => button.textContent)).toEqual(['Highest ◇', 'Highest ◇', 'Lowest ◇', 'Lowest ◇']);
    turn[1].click();
    await until(() => best()[1].textContent === '0.1');
    expect(best()[0].textContent).toBe('0.9');
    view.dispose();
  });

  it('keeps what it takes as the best as a later run goes elsewhere at first', async () => {
    const { model, view } = setUp();
    Widget.attach(view, document.body);
    const falling = Array.from({ length: 100 }, (_, i) => 100 - i);
    send(model, { many: { run: 1, values: falling } }, 'log');
    const best = () => [...view.node.querySelectorAll('thead button')].map(button => button.textContent);
    await until(() => best().length === 1);
    expect(best()).toEqual(['Lowest ◇']);
    const info = { ...model.series.get('1/many')!.info, id: '2/many', run: 2 };
    const rising = Float64Array.from({ length: 50 }, (_, i) => i);
    const array = { buffer: 0, dtype: 'float64' as const, shape: [50] };
    const points = [{ id: '2/many', first: 0, version: 0, steps: array, values: array, times: array }];
    const series = [model.series.get('1/many')!.info, info];
    model.tick({ v: 1, type: 'tick', seq: 9, time: 0, run: model.run, series, points }, [rising.buffer]);
    await until(() => view.node.querySelectorAll('tbody tr').length === 2);
    expect(best()).toEqual(['Lowest ◇']);
    view.dispose();
  });

  it('says how many points are still coming', async () => {
    const { model, view } = setUp();
    Widget.attach(view, document.body);
    send(model, { loss: { run: 1, values: [3, 2] } });
    await until(() => view.node.querySelectorAll('tbody tr').length === 1);
    const { info } = model.series.get('1/loss')!;
    const note = view.node.querySelector('.jp-glnb-curves-note') as HTMLElement;
    const said = (series: ISeriesInfo[]) =>
      model.tick({ v: 1, type: 'tick', seq: 9, time: 0, run: model.run, series }, []);
    said([{ ...info, count: 1236, kept: 1236 }]);
    await until(() => !note.hidden);
    expect(note.textContent).toBe('1,234 points are still coming.');
    said([info]);
    await until(() => note.hidden);
    view.dispose();
  });

  it('moves a cursor by keys and says what is there', async () => {
    const { model, view } = setUp(new ViewState({ 'curves.smoothing': 0 }));
    Widget.attach(view, document.body);
    send(model, { loss: { run: 1, values: [3, 2, 1] } });
    await until(() => view.node.querySelector('tbody tr'));
    const plot = view.node.querySelector('[role=application]') as HTMLElement;
    plot.focus();
    const press = (key: string) => plot.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
    press('ArrowLeft');
    press('ArrowLeft');
    expect(view.node.querySelector('[aria-live]')?.textContent).toBe('Step 2, 1 s: cell [1] 2');
    const follow = [...view.node.querySelectorAll('button')].find(b => b.textContent === 'Follow') as HTMLButtonElement;
    expect(follow.getAttribute('aria-pressed')).toBe('true');
    press('+');
    expect(follow.getAttribute('aria-pressed')).toBe('false');
    press('0');
    expect(follow.getAttribute('aria-pressed')).toBe('true');
    const description = document.getElementById((plot.getAttribute('aria-describedby') as string).split(' ')[0]);
    expect(description?.textContent).toContain('lowest 1 at step 3');
    view.dispose();
  });

  it('keeps what was chosen, and hides runs and names', async () => {
    const { model, view, state } = setUp();
    Widget.attach(view, document.body);
    send(model, { loss: { run: 1, values: [3, 2] }, other: { run: 2, values: [1, 2] } });
    await frames();
    const button = (text: string) =>
      [...view.node.querySelectorAll('button')].find(b => b.textContent?.startsWith(text)) as HTMLButtonElement;
    button('Runs').click();
    button('Only the last').click();
    await frames();
    expect(button('Runs').textContent).toBe('Runs 1/2');
    button('Curves').click();
    (view.node.querySelector('[data-key="show loss"]') as HTMLInputElement).click();
    await frames();
    expect(button('Curves').textContent).toBe('Curves 1/2');
    expect(view.node.querySelectorAll('.jp-glnb-curves-chart')).toHaveLength(1);
    const slider = view.node.querySelector('input[type=range]') as HTMLInputElement;
    slider.value = '0.9';
    slider.dispatchEvent(new Event('input'));
    expect(state.toJSON()).toMatchObject({ 'curves.smoothing': 0.9, 'curves.onlyLast': true });
    state.replace({});
    await frames();
    expect(button('Curves').textContent).toBe('Curves 2/2');
    view.dispose();
  });

  it('says why a number of steps per epoch is not taken, and puts the one that is used back', async () => {
    const { model, view, state } = setUp(new ViewState({ 'curves.axis': 'epoch' }));
    Widget.attach(view, document.body);
    send(model, { loss: { run: 1, values: [3, 2] } });
    const field = view.node.querySelector('.jp-glnb-curves-number') as HTMLInputElement;
    const word = () => document.getElementById(field.getAttribute('aria-describedby')!)!.textContent;
    const type = (text: string) => {
      field.focus();
      field.value = text;
      field.dispatchEvent(new Event('input'));
    };
    for (const text of ['0', '-3', 'abc', '']) {
      type(text);
      expect([word(), field.getAttribute('aria-invalid')]).toEqual(['must be more than 0: 100 is used', 'true']);
      field.blur();
      expect([field.value, word()]).toEqual(['100', 'must be more than 0: 100 is used']);
    }
    type('550');
    expect([word(), field.getAttribute('aria-invalid')]).toEqual(['', 'false']);
    expect(state.toJSON()).toMatchObject({ 'curves.epoch': 550 });
    view.dispose();
  });

  it('draws at most once a frame, and not while it is hidden', async () => {
    const { model, view } = setUp();
    jest.spyOn(performance, 'now').mockReturnValue(1000);
    Widget.attach(view, document.body);
    send(model, { loss: { run: 1, values: [3, 2] } });
    await frames();
    const request = jest.spyOn(window, 'requestAnimationFrame');
    for (let i = 0; i < 20; i++) {
      send(model, { loss: { run: 1, values: [3, 2, i] } });
    }
    expect(request).toHaveBeenCalledTimes(1);
    await frames();
    request.mockClear();
    view.hide();
    send(model, { loss: { run: 1, values: [9, 9, 9, 9] } });
    expect(request).not.toHaveBeenCalled();
    view.dispose();
  });

  it('gets on where the machine is busy with other things', async () => {
    const { model, view } = setUp();
    let now = 0;
    // Every look at the clock is later than a frame may take.
    jest.spyOn(performance, 'now').mockImplementation(() => (now += 20));
    Widget.attach(view, document.body);
    send(model, { loss: { run: 1, values: [3, 2, NaN, 1] }, other: { run: 1, values: [1] } });
    await until(() => view.node.querySelectorAll('tbody tr').length === 2);
    expect(view.node.textContent).toContain('NaN at step 3');
    view.dispose();
  });

  it('rests after a drawing that took long, for as long as that took', async () => {
    const { model, view } = setUp();
    let now = 1000;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    const { write } = Chart.prototype;
    jest.spyOn(Chart.prototype, 'write').mockImplementation(function (this: Chart) {
      write.call(this);
      now += 60;
    });
    Widget.attach(view, document.body);
    send(model, { loss: { run: 1, values: [3, 2] } });
    await until(() => view.node.querySelector('tbody tr'));
    await frames();
    const request = jest.spyOn(window, 'requestAnimationFrame');
    now += 59;
    send(model, { loss: { run: 1, values: [3, 2, 1] } });
    expect(request).not.toHaveBeenCalled();
    now += 2;
    send(model, { loss: { run: 1, values: [3, 2, 1, 0] } });
    expect(request).toHaveBeenCalledTimes(1);
    view.dispose();
  });

  it('says how a training went when it is over, and now and then while it runs', async () => {
    const { model, view } = setUp();
    Widget.attach(view, document.body);
    const live = view.node.querySelector('[aria-live]') as HTMLElement;
    const does = (state: IRunState['state']) => {
      model.run = { ...model.run, state };
    };
    let now = Date.now();
    jest.spyOn(Date, 'now').mockImplementation(() => now);
    const clock = () => new Promise(done => setTimeout(done, 50));
    does('running');
    send(model, { loss: { run: 1, values: [3, 2] } });
    await clock();
    send(model, { loss: { run: 1, values: [3, 2, 1.5] } });
    await clock();
    expect(live.textContent).toBe('');
    now += AGAIN + 1;
    send(model, { loss: { run: 1, values: [3, 2, 1.5] } });
    expect(live.textContent).toBe('loss fell from 3 to 1.5 over 2 steps, lowest 1.5 at step 3.');
    send(model, { loss: { run: 1, values: [3, 2, 1.5, 1] } });
    await clock();
    expect(live.textContent).toContain('to 1.5');
    does('idle');
    send(model, { loss: { run: 1, values: [3, 2, 1.5, 1] } });
    await new Promise(done => setTimeout(done, 900));
    expect(live.textContent).toBe('loss fell from 3 to 1 over 3 steps, lowest 1 at step 4.');
    view.dispose();
  });

  it('describes charts that are out of view, too, and keeps that up to date', async () => {
    let report: (entries: object[]) => void = () => undefined;
    const observed: Element[] = [];
    const before = globalThis.IntersectionObserver;
    // Nothing is ever in view.
    globalThis.IntersectionObserver = class {
      constructor(callback: (entries: object[]) => void) {
        report = callback;
      }
      observe = (node: Element) => void observed.push(node);
      unobserve = () => undefined;
      disconnect = () => undefined;
    } as unknown as typeof IntersectionObserver;
    const { model, view } = setUp();
    Widget.attach(view, document.body);
    let now = 5000;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    send(model, { loss: { run: 1, values: [NaN] } });
    report(observed.map(target => ({ target, isIntersecting: false })));
    const described = () => view.node.querySelector('.jp-glnb-curves-chart')?.lastElementChild?.textContent ?? '';
    await until(() => described().includes('no number among its points'));
    const { draw } = Chart.prototype;
    const drawn = jest.spyOn(Chart.prototype, 'draw').mockImplementation(draw);
    now += 2500;
    send(model, { loss: { run: 1, values: [NaN, 3, 2] } });
    await until(() => described().includes('2 at step 3'));
    expect(drawn).not.toHaveBeenCalled();
    globalThis.IntersectionObserver = before;
    view.dispose();
  });

  it('names all curves when it says how a training went, at length only a few', async () => {
    const { model, view } = setUp();
    Widget.attach(view, document.body);
    const live = view.node.querySelector('[aria-live]') as HTMLElement;
    model.run = { ...model.run, state: 'running' };
    const curves = ['a', 'b', 'c', 'd', 'e'].map(name => [name, { run: 1, values: [3, 2] }]);
    send(model, { ...Object.fromEntries(curves), one: { run: 1, values: [7] } });
    await frames();
    model.run = { ...model.run, state: 'idle' };
    send(model, Object.fromEntries([...curves, ['one', { run: 1, values: [7] }]]));
    await until(() => live.textContent);
    expect(live.textContent).toContain('c fell from 3 to 2 over 1 step');
    expect(live.textContent).toMatch(/d is 2\. e is 2\. one is 7\.$/);
    view.dispose();
  });

  it('has no time before a run began', async () => {
    const { model, view } = setUp();
    Widget.attach(view, document.body);
    send(model, { loss: { run: 1, values: [3, 2] } });
    const { times } = [...model.series.values()][0];
    times[0] = -0.29;
    await until(() => view.node.querySelector('tbody tr'));
    expect([...times.subarray(0, 2)]).toEqual([0, 1]);
    view.dispose();
  });

  it('saves a picture of the charts, and draws anew in other colours', async () => {
    const { model, view, theme, saved } = setUp();
    Widget.attach(view, document.body);
    send(model, { loss: { run: 1, values: [3, 2] } });
    await until(() => view.node.querySelector('tbody tr'));
    const before = view.node.querySelector('canvas');
    document.body.style.setProperty('--jp-layout-color1', '#111');
    theme.refresh();
    await until(() => ![before, null].includes(view.node.querySelector('canvas')));
    // Words may come a frame later than the drawing.
    const swatch = () => view.node.querySelector('.jp-glnb-curves-table line') as Element;
    await until(() => swatch().getAttribute('stroke') === theme.colors.palette[0]);
    (view.node.querySelector('[aria-label="Save as PNG"]') as HTMLButtonElement).click();
    await until(() => saved.length);
    expect(saved.map(file => file.name)).toEqual(['curves.png']);
    document.body.style.removeProperty('--jp-layout-color1');
    view.dispose();
  });

  it('saves all points as a table', async () => {
    const { model, view, saved } = setUp();
    Widget.attach(view, document.body);
    send(model, { loss: { run: 1, values: [3, 2] } });
    await frames();
    (view.node.querySelector('[aria-label="Save as CSV"]') as HTMLButtonElement).click();
    await until(() => saved.length);
    expect(saved.map(file => file.name)).toEqual(['curves.csv']);
    expect(saved[0].data.size).toBeGreaterThan(60);
    view.dispose();
  });
});
