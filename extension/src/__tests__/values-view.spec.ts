import { StandIn, trans, until } from './page';
import { Widget } from '@lumino/widgets';
import { Model } from '../model';
import { IPicture, IPictureRequest, ITick, IValueRow } from '../protocol';
import { Theme } from '../theme';
import { ViewState } from '../viewstate';
import { MOST_CELLS } from '../views/values/shapes';
import { ValuesTable } from '../views/values/table';
import { ValuesView } from '../views/values/view';

const RUN = { state: 'running' as const, session: 's', steps: 5, runs: 5, rate: 1, since: 0, cell: null };

/** Waits for timers and two frames. */
async function frames(): Promise<void> {
  await new Promise(done => setTimeout(done, 120));
}

function row(name: string, shape: number[], more: Partial<IValueRow> = {}): IValueRow {
  return { name, node: 0, dtype: 'float32', shape, initialized: true, trainable: true, pinned: false, ...more };
}

describe('values view', () => {
  let model: Model;
  let state: ViewState;
  let view: ValuesView;
  let host: StandIn;

  const make = (kept = {}) => {
    model = new Model();
    state = new ViewState(kept);
    host = new StandIn();
    view = new ValuesView({ model, state, theme: new Theme(), trans, host });
  };

  const session = (id = 's') =>
    model.tick(
      {
        v: 1,
        type: 'tick',
        seq: 0,
        time: 0,
        run: RUN,
        sessions: [{ id, graph: 'g', labels: ['sess'], devices: [], runs: 1 }]
      },
      []
    );

  const table = (rows: IValueRow[], step = 5, id = 's', each = 1) => {
    const statistics = new Float64Array(rows.length * 9).fill(each);
    const values = {
      session: id,
      step,
      rows,
      statistics: { buffer: 0, dtype: 'float64' as const, shape: [rows.length, 9] }
    };
    model.tick({ v: 1, type: 'tick', seq: 0, time: 0, run: RUN, values }, [statistics.buffer]);
  };

  const picture = (request: IPictureRequest, shape: number[], more: Partial<IPicture> = {}) => {
    const size = [request.rows[1] - request.rows[0], request.columns[1] - request.columns[0]];
    const values = Float32Array.from({ length: size[0] * size[1] }, (_, i) => i);
    const tick: ITick = {
      v: 1,
      type: 'tick',
      seq: 0,
      time: 0,
      run: RUN,
      pictures: [
        {
          ...request,
          step: 5,
          dtype: 'float32',
          shape,
          block: [1, 1],
          values: { buffer: 0, dtype: 'float32', shape: size },
          ...more
        }
      ]
    };
    model.tick(tick, [values.buffer]);
  };

  const text = (part: string) => view.node.querySelector(`.jp-glnb-values-${part}`)?.textContent ?? '';

  afterEach(() => {
    view.dispose();
    jest.restoreAllMocks();
  });

  it('says what to do where there is no session', async () => {
    make();
    Widget.attach(view, document.body);
    await frames();
    expect(text('empty')).toContain('No session is open yet');
    expect(model.interest.values).toBeNull();
  });

  it('closes one of several sessions, after it has asked once more', async () => {
    make();
    session();
    const infos = ['s', 't'].map(id => ({ id, graph: 'g', labels: ['sess'], devices: [], runs: 1 }));
    model.tick({ v: 1, type: 'tick', seq: 0, time: 0, run: RUN, sessions: infos }, []);
    Widget.attach(view, document.body);
    await frames();
    const sent: unknown[] = [];
    model.send = command => {
      sent.push(command);
      return Promise.reject(new Error('refused'));
    };
    const close = view.node.querySelector('[aria-label^="Close this session"]') as HTMLButtonElement;
    expect(close.hidden).toBe(false);
    close.click();
    expect([close.textContent, sent.length]).toEqual(['Close it?', 0]);
    close.dispatchEvent(new Event('blur'));
    expect(close.textContent).toBe('×');
    close.click();
    close.click();
    expect(sent).toEqual([{ op: 'close', session: model.interest.values }]);
  });

  it('asks for values only while it is seen', async () => {
    make({ 'values.pinned': ['y:0', 7] });
    session();
    expect(model.interest.values).toBeNull();
    Widget.attach(view, document.body);
    expect([model.interest.values, model.interest.pinned]).toEqual(['s', ['y:0']]);
    view.hide();
    expect([model.interest.values, model.interest.pinned]).toEqual([null, []]);
    view.show();
    expect(model.interest.values).toBe('s');
    view.dispose();
    expect(model.interest.values).toBeNull();
  });

  it('shows lines to screen readers too, and a name is never HTML', async () => {
    make();
    session();
    Widget.attach(view, document.body);
    const name = '<img src=x onerror=alert(1)>"\u{1F389}[0]';
    table([row(name, [2, 2]), row('later', [3], { initialized: false })]);
    await frames();
    await frames();
    expect(view.node.querySelector('img')).toBeNull();
    expect(view.node.querySelector('th[scope=row]')?.textContent).toBe(name);
    expect(view.node.querySelector('table')?.textContent).toContain('not initialized');
    expect(text('status')).toBe('2 of 2 shown, step 5');
    const canvases = view.node.querySelectorAll('canvas');
    expect(canvases.length).toBeGreaterThan(0);
  });

  it('counts for screen readers what is NaN or infinite, and follows', async () => {
    make();
    Widget.attach(view, document.body);
    session();
    table([row('nanvar:0', [3])], 5, 's', 0);
    const health = () => view.node.querySelector('table td')?.textContent;
    await until(() => health() === 'no problem');
    table([row('nanvar:0', [3])], 6, 's', 2);
    await until(() => health() === '2 of 3 are NaN, 2 of 3 are infinite', 8000);
  }, 12000);

  it('takes no values of another session', async () => {
    make();
    session();
    Widget.attach(view, document.body);
    table([row('W', [2])], 5, 'other');
    await frames();
    expect(text('empty')).toContain('Waiting');
  });

  it('shows nothing of the session before once another is chosen, also to screen readers', async () => {
    make();
    const infos = ['s', 't'].map(id => ({ id, graph: 'g', labels: [id], devices: [], runs: 1 }));
    const run = { ...RUN, state: 'idle' as const };
    model.tick({ v: 1, type: 'tick', seq: 0, time: 0, run, sessions: infos }, []);
    Widget.attach(view, document.body);
    state.set('values.session', 's');
    table([row('W', [2]), row('b', [2])]);
    const hidden = () => view.node.querySelector('.jp-glnb-values-table table')?.textContent ?? '';
    await until(() => hidden().includes('W'));
    state.set('values.session', 't');
    expect(model.interest.values).toBe('t');
    await frames();
    expect([text('empty'), hidden(), text('status')]).toEqual(['Waiting for the values…', '', '']);
    table([row('W', [2])], 5, 's'); // one of the session before that was under way
    await frames();
    expect([text('empty'), hidden()]).toEqual(['Waiting for the values…', '']);
    table([row('V', [2])], 5, 't');
    await until(() => hidden().includes('V'));
    expect(text('empty')).toBe('');
    expect(hidden()).not.toContain('W');
  });

  it('draws what a training changes at most four times a second, and what the user does at once', async () => {
    make();
    session();
    Widget.attach(view, document.body);
    table([row('W', [2])]);
    await frames();
    const drawn = jest.spyOn(ValuesTable.prototype, 'setRows');
    for (let i = 0; i < 60; i++) {
      table([row('W', [2])], 6 + i);
      await new Promise(done => setTimeout(done, 10));
    }
    expect(drawn.mock.calls.length).toBeGreaterThan(0);
    expect(drawn.mock.calls.length).toBeLessThanOrEqual(5);
    drawn.mockClear();
    state.set('values.sort', { key: 'mean', down: true });
    await frames();
    expect(drawn).toHaveBeenCalledTimes(1);
  });

  it('asks for an opened tensor while its tab is seen, and keeps it open', async () => {
    make();
    session();
    Widget.attach(view, document.body);
    table([row('W', [784, 10]), row('b', [100000])]);
    view.openTensor('W');
    view.openTensor('b');
    await frames();
    expect(model.interest.pictures.map(p => [p.tensor, p.axes])).toEqual([['b', [0]]]);
    expect(model.interest.pictures[0].cells).toBe(MOST_CELLS);
    expect(state.get('values.open', [])).toEqual(['W', 'b']);
    view.node.querySelector<HTMLElement>('[role=tab]')!.click();
    await frames();
    expect(model.interest.pictures.map(p => [p.tensor, p.axes])).toEqual([['W', [1, 0]]]);
    view.hide();
    expect(model.interest.pictures).toEqual([]);
    const kept = state.toJSON();
    view.dispose();
    make(kept);
    session();
    Widget.attach(view, document.body);
    table([row('W', [784, 10])]);
    await frames();
    expect(model.interest.pictures.map(p => p.tensor)).toEqual(['W']);
  });

  it('says the exact number, its step, and why there is none', async () => {
    make();
    session();
    Widget.attach(view, document.body);
    table([row('W', [5, 7]), row('later', [5], { initialized: false })]);
    view.openTensor('W');
    await frames();
    const asked = model.interest.pictures[0];
    picture(asked, [5, 7]);
    await frames();
    const canvas = view.node.querySelector<HTMLElement>('.jp-glnb-values-picture [role=application]')!;
    for (const key of ['ArrowDown', 'ArrowRight', 'ArrowRight', 'ArrowUp', 'ArrowDown']) {
      canvas.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
    }
    expect(text('readout')).toBe('[1, 2] = 9');
    expect(view.node.querySelector('[aria-live]')?.textContent).toBe('[1, 2] = 9');
    expect(text('step')).toBe('Step 5');
    picture(asked, [5, 7], { problem: 'It was <b>closed</b>' });
    await frames();
    expect(text('message')).toBe('It was <b>closed</b>');
    view.openTensor('later');
    const cards = view.node.querySelectorAll('.jp-glnb-values-message');
    expect(cards[1].textContent).toBe('later is not initialized.');
  });

  it('asks for the part that is zoomed into, and for all again', async () => {
    make();
    session();
    Widget.attach(view, document.body);
    table([row('W', [100, 60])]);
    view.openTensor('W');
    await frames();
    picture(model.interest.pictures[0], [100, 60]);
    await frames();
    const canvas = view.node.querySelector<HTMLElement>('.jp-glnb-values-picture [role=application]')!;
    canvas.dispatchEvent(new KeyboardEvent('keydown', { key: '+' }));
    await frames();
    expect(model.interest.pictures[0]).toMatchObject({ rows: [0, 50], columns: [0, 30] });
    view.node.querySelector<HTMLElement>('[data-name=whole]')!.click();
    await frames();
    expect(model.interest.pictures[0]).toMatchObject({ rows: [0, 100], columns: [0, 60] });
    view.node.querySelector<HTMLElement>('[data-name=transpose]')!.click();
    await frames();
    expect(model.interest.pictures[0].axes).toEqual([1, 0]);
    view.node.querySelector<HTMLElement>('[data-name=csv]')!.click();
    expect(host.saved.map(file => file.name)).toEqual(['W-step5.csv']);
  });

  it('puts the index that is shown back where what was typed is none', async () => {
    make();
    session();
    Widget.attach(view, document.body);
    table([row('W', [5, 4, 8])]);
    view.openTensor('W');
    await frames();
    const index = view.node.querySelector<HTMLInputElement>('input[type=number][data-axis]')!;
    const type = (text: string) => {
      index.value = text;
      index.dispatchEvent(new Event('input'));
    };
    type('2');
    const asked = () => model.interest.pictures[0].index;
    await until(() => asked()[0] === 2);
    for (const text of ['', 'abc']) {
      type(text);
      expect([index.value, asked()]).toEqual(['', [2]]);
      index.dispatchEvent(new Event('blur'));
      expect([index.value, asked()]).toEqual(['2', [2]]);
    }
    type('');
    index.dispatchEvent(new Event('change'));
    expect(index.value).toBe('2');
  });

  it('lets a channel be chosen where three are not shown as colours', async () => {
    make();
    session();
    Widget.attach(view, document.body);
    table([row('W', [5, 5, 3, 8])]);
    view.openTensor('W');
    await frames();
    expect(model.interest.pictures[0].axes).toEqual([3, 0, 1, 2]);
    expect(view.node.querySelector('[data-axis]')).toBeNull();
    const palette = view.node.querySelector<HTMLSelectElement>('[data-name=palette]')!;
    palette.value = 'signed';
    palette.dispatchEvent(new Event('change'));
    const index = view.node.querySelector<HTMLInputElement>('[data-name=index2]')!;
    index.value = '2';
    index.dispatchEvent(new Event('input'));
    await frames();
    expect(model.interest.pictures[0]).toMatchObject({ axes: [3, 0, 1], index: [2] });
    index.value = '99';
    index.dispatchEvent(new Event('input'));
    await frames();
    expect(model.interest.pictures[0].index).toEqual([2]);
  });

  it('pins by name, and refuses what the graph does not have', async () => {
    make();
    session();
    model.tick(
      {
        v: 1,
        type: 'tick',
        seq: 0,
        time: 0,
        run: RUN,
        graphs: [{ id: 'g', size: 1, labels: [], default: true }]
      },
      []
    );
    const outputs = [{ dtype: 'float32', shape: [] }];
    const node = {
      name: 'y',
      type: '',
      inputs: [],
      control: [],
      outputs,
      device: '',
      role: '' as const,
      file: 0,
      line: 0
    };
    model.takeChunk({ graph: 'g', first: 0, size: 1, nodes: [node], files: [], executions: [] });
    Widget.attach(view, document.body);
    expect(view.pin('nothing')).toContain('no tensor nothing:0');
    expect(view.pin(' "y" ')).toBe('');
    expect(view.pin('y:0')).toBe('');
    expect(model.interest.pinned).toEqual(['y:0']);
    expect(text('chip')).toContain('y:0');
    view.node.querySelector<HTMLElement>('[aria-label="Unpin y:0"]')!.click();
    expect(model.interest.pinned).toEqual([]);
  });

  it('follows the session that trains, and shows the one that was chosen by hand', async () => {
    make();
    let now = 1000;
    jest.spyOn(Date, 'now').mockImplementation(() => now);
    const open = (running: string, ...ids: string[]) =>
      model.tick(
        {
          v: 1,
          type: 'tick',
          seq: 0,
          time: 0,
          run: { ...RUN, session: running },
          sessions: ids.map(id => ({ id, graph: 'g', labels: [`of ${id}`], devices: [], runs: 1 }))
        },
        []
      );
    Widget.attach(view, document.body);
    open('a', 'a', 'b');
    expect(model.interest.values).toBe('a');
    now += 100;
    open('b', 'a', 'b');
    expect(model.interest.values).toBe('a');
    now += 2000;
    open('b', 'a', 'b', 'c');
    expect(model.interest.values).toBe('b');
    const choice = view.node.querySelector<HTMLSelectElement>('select')!;
    expect([...choice.options].map(o => o.value)).toEqual(['', 'c', 'b', 'a']);
    expect([choice.value, choice.selectedOptions[0].text]).toEqual(['', 'What runs: of b']);
    choice.value = 'a';
    choice.dispatchEvent(new Event('change'));
    now += 5000;
    open('b', 'a', 'b', 'c', 'd');
    expect([model.interest.values, choice.value]).toEqual(['a', 'a']);
    choice.value = '';
    choice.dispatchEvent(new Event('change'));
    expect(model.interest.values).toBe('b');
    open('a', 'a');
    expect(model.interest.values).toBe('a');
  });

  it('survives a kernel that forgot everything', async () => {
    make();
    session();
    Widget.attach(view, document.body);
    table([row('W', [5, 7])]);
    view.openTensor('W');
    await frames();
    model.clear();
    await frames();
    expect(text('empty')).toContain('No session is open yet');
    expect([model.interest.values, model.interest.pictures]).toEqual([null, []]);
    session('t');
    table([row('W', [5, 7])], 1, 't');
    await frames();
    expect(model.interest.pictures.map(p => p.session)).toEqual(['t']);
  });
});
