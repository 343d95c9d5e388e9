import { StandIn, trans, until } from './page';
import { Widget } from '@lumino/widgets';
import { arrayOf, exactOf } from '../arrays';
import { Model } from '../model';
import { IArrayRef, IPicture, IPictureRequest, IValueRow } from '../protocol';
import { Theme } from '../theme';
import { ViewState } from '../viewstate';
import { LiveValue, requestOf } from '../views/graph/live';
import { History } from '../views/values/histories';
import { gridOf } from '../views/values/answers';
import { exactField, exactText, formatExact, numberAt } from '../views/values/numbers';
import { HeatMap } from '../views/values/heatmap';
import { groundOf, reduceGrid, scaleOf } from '../views/values/scale';
import { ValuesView } from '../views/values/view';

const RUN = { state: 'paused' as const, session: 's', steps: 5, runs: 5, rate: 1, since: 0, cell: null };
const SCALE = scaleOf(null, false, 'signed', groundOf(new Theme().colors));
type Kind = IArrayRef['dtype'];

/** Numbers of each type, most of which float32 does not hold, and how they are written. */
const EXTREMES: [Kind, ArrayBufferView, string[]][] = [
  ['float64', Float64Array.of(1e300, 1e-300, 0.1, 1 / 3, -0), ['1e+300', '1e-300', '0.1', '0.3333333333333333', '-0']],
  [
    'float32',
    Float32Array.of(0.1, 16777216, 2 ** 31, 1e-45, -0),
    ['0.1', '16777216', '2147483648', '1.4013e-45', '-0']
  ],
  ['int32', Int32Array.of(16777217, 2147483647, -2147483648), ['16777217', '2147483647', '-2147483648']],
  ['uint32', Uint32Array.of(4294967295), ['4294967295']],
  [
    'int64',
    BigInt64Array.of(BigInt(2) ** BigInt(53) + BigInt(1), BigInt(2) ** BigInt(62), -(BigInt(2) ** BigInt(63))),
    ['9007199254740993', '4611686018427387904', '-9223372036854775808']
  ],
  ['uint64', BigUint64Array.of(BigInt(2) ** BigInt(64) - BigInt(1)), ['18446744073709551615']],
  ['int16', Int16Array.of(-32768, 32767), ['-32768', '32767']],
  ['uint16', Uint16Array.of(65535), ['65535']],
  ['int8', Int8Array.of(-128), ['-128']],
  ['uint8', Uint8Array.of(255), ['255']]
];

async function frames(): Promise<void> {
  await new Promise(done => setTimeout(done, 120));
}

describe('exact numbers', () => {
  let model: Model;
  let host: StandIn;
  let view: ValuesView;

  const tick = (more: object, buffers: ArrayBufferView[] = [], run: object = RUN) =>
    model.tick({ v: 1, type: 'tick', seq: 0, time: 0, run: { ...RUN, ...run }, ...more }, buffers);

  /** Opens a view on a tensor of a shape. */
  const open = async (shape: number[], dtype: string = 'float64', step = 5) => {
    tick({ sessions: [{ id: 's', graph: 'g', labels: ['sess'], devices: [], runs: 1 }] });
    Widget.attach(view, document.body);
    table(shape, dtype, step);
    view.openTensor('W:0');
    await until(() => asked());
  };
  const table = (shape: number[], dtype: string, step: number, mean = 1, run: object = {}) => {
    const row: IValueRow = {
      name: 'W:0',
      node: 0,
      dtype,
      shape,
      initialized: true,
      trainable: true,
      pinned: false
    };
    const statistics = new Float64Array(9).fill(mean);
    const ref = { buffer: 0, dtype: 'float64' as const, shape: [1, 9] };
    tick({ values: { session: 's', step, rows: [row], statistics: ref } }, [statistics], { steps: step, ...run });
  };
  const asked = (end = 'W:0') => model.interest.pictures.find(p => p.key.endsWith(end))!;
  /** Answers a request with numbers of the wire. */
  const answer = async (
    request: IPictureRequest,
    shape: number[],
    dtype: Kind,
    numbers: ArrayBufferView,
    size: number[],
    more: Partial<IPicture> = {}
  ) => {
    const values = { buffer: 0, dtype, shape: size };
    tick({ pictures: [{ ...request, step: 5, dtype, shape, block: [1, 1], values, ...more }] }, [numbers]);
    await frames();
  };
  const text = (part: string) => view.node.querySelector(`.jp-glnb-values-${part}`)?.textContent ?? '';
  const canvas = () =>
    [...view.node.querySelectorAll<HTMLElement>('.jp-glnb-values-picture [role=application]')].find(
      node => !node.closest('.lm-mod-hidden')
    )!;
  const key = (name: string) => canvas().dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true }));
  const csv = async () => {
    view.node.querySelector<HTMLElement>('[data-name=csv]')!.click();
    const blob = host.saved[host.saved.length - 1].data;
    return new Promise<string>(done => {
      const reader = new FileReader();
      reader.onload = () => done(String(reader.result));
      reader.readAsText(blob);
    });
  };

  beforeEach(() => {
    model = new Model();
    host = new StandIn();
    view = new ValuesView({ model, state: new ViewState({}), theme: new Theme(), trans, host });
  });

  afterEach(() => {
    view.dispose();
    document.body.replaceChildren();
  });

  it.each(EXTREMES)('of %s come out of a message as they are, and near enough to draw', (dtype, numbers, texts) => {
    const ref = { buffer: 0, dtype, shape: [texts.length] };
    const found = exactOf(ref, [numbers]);
    expect(Array.from(found as Iterable<number | bigint>, x => formatExact(x, dtype))).toEqual(texts);
    expect([...arrayOf(ref, [numbers])]).toEqual(Array.from(found as Iterable<number | bigint>, Number));
  });

  it.each(EXTREMES)('of %s stand under the cursor and in the table file', async (dtype, numbers, texts) => {
    const count = texts.length;
    await open([1, count], dtype);
    await answer(asked(), [1, count], dtype, numbers, [1, count]);
    for (let i = 0; i < count; i++) {
      expect(text('readout')).toBe(`[0, ${i}] = ${texts[i]}`);
      key('ArrowRight');
    }
    expect((await csv()).split('\n')[1]).toBe(['0', ...texts].join(','));
  });

  it.each(EXTREMES)('of %s are shown as a number by itself, with its history', async (dtype, numbers, texts) => {
    await open([], dtype);
    const bytes = new Uint8Array(numbers.buffer.slice(0, numbers.byteLength / texts.length));
    await answer(asked(), [], dtype, bytes, [1, 1]);
    await answer(asked(), [], dtype, bytes, [1, 1], { step: 6 });
    expect([text('number'), text('readout')]).toEqual([texts[0], `step 6: ${texts[0]}`]);
    expect(await csv()).toBe(`step,value\n5,${texts[0]}\n6,${texts[0]}\n`);
  });

  it.each(EXTREMES)('of %s stand in the card of a node', (dtype, numbers, texts) => {
    const live = new LiveValue(model, new Theme(), trans);
    const request = requestOf('s', 'n:0', []);
    jest.spyOn(window, 'requestAnimationFrame').mockImplementation(draw => (draw(0), 0));
    live.show(request, '', 'g');
    const bytes = new Uint8Array(numbers.buffer.slice(0, numbers.byteLength / texts.length));
    const values = { buffer: 0, dtype, shape: [1, 1] };
    tick({ pictures: [{ ...request, step: 5, dtype, shape: [], block: [1, 1], values }] }, [bytes]);
    expect(live.node.textContent).toBe(`${texts[0]} at step 5`);
    live.dispose();
    jest.restoreAllMocks();
  });

  it('are True and False where they are truth values, and 1 and 0 in a table file', () => {
    const picture = { dtype: 'bool', shape: [2], axes: [0], index: [], rows: [], columns: [], block: [1, 1] };
    const values = { buffer: 0, dtype: 'uint8', shape: [2] };
    const grid = gridOf({ picture: { ...picture, values }, values: Uint8Array.of(1, 0) } as never)!;
    expect([0, 1].map(at => exactText(grid, at))).toEqual(['True', 'False']);
    expect([0, 1].map(at => exactField(numberAt(grid, at), grid.dtype))).toEqual(['1', '0']);
    const means = { ...picture, values: { ...values, dtype: 'float32' } };
    expect(exactText(gridOf({ picture: means, values: Float32Array.of(0.5) } as never)!, 0)).toBe('0.5');
  });

  it('read back from a table file are the same', () => {
    for (const x of [0.1, 1 / 3, 1e300, 5e-324, -0, 1.7976931348623157e308, 2 ** 53, 123456789.123]) {
      expect(Object.is(Number(exactField(x, 'float64')), x)).toBe(true);
      const short = Math.fround(x);
      if (Number.isFinite(short)) {
        expect(Object.is(Math.fround(Number(exactField(short, 'float32'))), short)).toBe(true);
      }
    }
    expect([NaN, Infinity, -Infinity].map(x => exactField(x, 'float64'))).toEqual(['nan', 'inf', '-inf']);
  });

  it('keep their digits in a history, which begins anew and has an end', () => {
    const history = new History(2);
    const large = BigInt(2) ** BigInt(53) + BigInt(1);
    [large, BigInt(1), large].forEach((x, step) => history.add(step, x));
    history.add(2, large);
    expect([history.exact, history.values, history.steps]).toEqual([
      [BigInt(1), large],
      [1, 2 ** 53],
      [1, 2]
    ]);
    history.add(0, 0.5);
    expect([history.exact, history.values, history.steps]).toEqual([[0.5], [0.5], [0]]);
  });

  it('are drawn as means without becoming infinite', () => {
    expect([...reduceGrid(Float64Array.of(1.5e308, 1.5e308, 1.5e308), 1, 3, 1, 2).values]).toEqual([1.5e308, 1.5e308]);
  });

  it('are asked for where only means are drawn, one by one as the cursor moves', async () => {
    const shape = [5000, 5000];
    await open(shape, 'float32');
    const size = [122, 122];
    const means = Float32Array.from({ length: 122 * 122 }, () => 0.0288);
    await answer(asked(), shape, 'float32', means, size, { block: [41, 41] });
    expect(text('readout')).toBe('… the mean of [0:41, 0:41] is about 0.0288');
    await until(() => asked(':number'));
    expect(asked(':number')).toMatchObject({ rows: [20, 21], columns: [20, 21], cells: 1, bins: 0, axes: [0, 1] });
    const first = asked(':number');
    const single = (request: IPictureRequest, x: number, step = 5) =>
      answer(request, shape, 'float32', Float32Array.of(x), [1, 1], { step });
    await single(first, 0.1);
    expect(text('readout')).toBe('[20, 20] = 0.1; the mean of [0:41, 0:41] is about 0.0288');
    key('ArrowDown');
    expect(text('readout')).toContain('… the mean of [41:82, 0:41]');
    expect(view.node.querySelector('[aria-live]')?.textContent).toBe('');
    await until(() => asked(':number').rows[0] === 61);
    await single(first, 0.1); // an answer to the question before
    expect(text('readout')).toContain('… the mean of [41:82, 0:41]');
    await single(asked(':number'), -0.25, 7);
    const said = '[61, 20] = -0.25 at step 7; the mean of [41:82, 0:41] is about 0.0288';
    expect([text('readout'), view.node.querySelector('[aria-live]')?.textContent]).toEqual([said, said]);
    const values = { buffer: 0, dtype: 'float32' as const, shape: size };
    const statistics = { buffer: 1, dtype: 'float64' as const, shape: [9] };
    const zeros = [means.fill(0), new Float64Array(9)];
    tick({ pictures: [{ ...asked(), step: 7, dtype: 'float32', shape, block: [41, 41], values, statistics }] }, zeros);
    await frames();
    expect(text('readout')).toMatch(/ the mean of \[41:82, 0:41\] is 0$/); // where all are equal it is no rounded number
    view.hide();
    expect(model.interest.pictures).toEqual([]);
  });

  it('are those that the mouse is at, within the cell that is drawn', () => {
    const map = new HeatMap(new Theme(), trans);
    Widget.attach(map, document.body);
    const part = { rows: [0, 5000] as [number, number], columns: [0, 5000] as [number, number] };
    const values = new Float32Array(122 * 122);
    const cells = { rows: 122, columns: 122, shape: [5000, 5000] as [number, number] };
    map.set({ values, dtype: 'float32', ...cells, part, block: [41, 41] }, SCALE, null);
    expect(map.number).toEqual([20, 20]);
    // As it is drawn, 500 pixels wide and 250 high.
    Object.assign(map, { _box: { x: 40, y: 20, width: 500, height: 250 } });
    const told: unknown[] = [];
    map.pointed.connect(() => told.push(map.number));
    const move = (x: number, y: number) =>
      map.canvas.dispatchEvent(new MouseEvent('pointermove', { clientX: 40 + x, clientY: 20 + y }));
    for (const [x, y] of [
      [1, 1],
      [1, 1],
      [2, 1], // another number of the same cell
      [499, 249],
      [499, 260] // outside
    ]) {
      move(x, y);
    }
    expect(told).toEqual([
      [20, 10],
      [20, 20],
      [4980, 4990],
      [20, 20] // the keyboard's
    ]);
    map.canvas.dispatchEvent(new MouseEvent('pointerleave'));
    expect(map.number).toEqual([20, 20]);
    map.dispose();
  });

  it('of a long vector are asked for, and no mean is told as a number', async () => {
    const shape = [100000];
    await open(shape);
    const means = new Float64Array(14286).fill(2);
    await answer(asked(), shape, 'float64', means, [1, 14286], { rows: [0, 1], block: [1, 7] });
    expect(text('readout')).toBe('… the mean of [0:7] is about 2');
    await until(() => asked(':number'));
    expect(asked(':number')).toMatchObject({ rows: [0, 1], columns: [3, 4], axes: [0] });
    await answer(asked(':number'), shape, 'float64', Float64Array.of(1e300), [1, 1]);
    expect(text('readout')).toBe('[3] = 1e+300; the mean of [0:7] is about 2');
    expect((await csv()).split(',')[0]).toBe('means of 1×7 from row');
  });

  it('are not asked for where each is drawn', async () => {
    await open([3, 4]);
    await answer(asked(), [3, 4], 'float64', new Float64Array(12), [3, 4]);
    await frames();
    expect(model.interest.pictures.length).toBe(1);
  });

  it('of the table are those that screen readers get, as soon as the training stands', async () => {
    await open([3, 4], 'float64', 232);
    const mirror = () => view.node.querySelector<HTMLTableElement>('.jp-glnb-values-table table')!;
    await until(() => mirror().caption?.textContent === 'Variables 1 to 1 of 1, step 232');
    const cell = mirror().tBodies[0].rows[0].cells[3];
    expect(cell.textContent).toBe('1');
    table([3, 4], 'float64', 233, 7);
    await new Promise(done => setTimeout(done, 60));
    expect([mirror().caption?.textContent, cell.textContent]).toEqual(['Variables 1 to 1 of 1, step 233', '7']);
    expect(cell.isConnected).toBe(true); // a reader that is at it stays there
  });

  it('and the line below the table are of one step while the training runs', async () => {
    await open([3, 4], 'float64', 10);
    await frames();
    const mirror = () => view.node.querySelector<HTMLTableElement>('.jp-glnb-values-table table')!;
    for (let step = 11; step < 40; step++) {
      table([3, 4], 'float64', step, step, { state: 'running' });
      await new Promise(done => setTimeout(done, 10));
      const told = /step (\d+)/.exec(text('status'))?.[1];
      expect(mirror().caption?.textContent).toContain(`step ${told}`);
      expect(mirror().tBodies[0].rows[0].cells[3].textContent).toBe(told === '10' ? '1' : told);
    }
    await until(() => text('status').includes('step 39'));
  });
});
