import { readFileSync } from 'fs';
import { resolve } from 'path';
import { arrayOf } from '../arrays';
import { Model } from '../model';
import { ICommand, IReply, ITick } from '../protocol';

interface IFixture {
  about: string;
  kind: 'Command' | 'Reply' | 'Tick';
  message: unknown;
  buffers: string[];
}

const fixtures: IFixture[] = JSON.parse(
  readFileSync(resolve(__dirname, '../../../tests/fixtures/protocol.json'), 'utf8')
);

/** Buffers as they come from a websocket: views into one message, at any offset. */
function buffersOf(fixture: IFixture): ArrayBufferView[] {
  return fixture.buffers.map(text => {
    const bytes = Buffer.from(text, 'base64');
    const message = new Uint8Array(bytes.length + 3);
    message.set(bytes, 3);
    return new DataView(message.buffer, 3, bytes.length);
  });
}

const find = <T>(kind: string, has: (message: T) => unknown): { message: T; fixture: IFixture } => {
  const fixture = fixtures.find(f => f.kind === kind && has(f.message as T));
  if (!fixture) {
    throw new Error('no such fixture');
  }
  return { message: fixture.message as T, fixture };
};

const hello = find<IReply>('Reply', reply => reply.hello).message.hello!;
const chunk = find<IReply>('Reply', reply => reply.chunk).message.chunk!;
const tick = find<ITick>('Tick', t => t.points);

describe('arrays', () => {
  it('are read from any offset, and refused where they do not fit', () => {
    const buffers = buffersOf(tick.fixture);
    expect([...arrayOf(tick.message.points![0].steps, buffers)]).toEqual([1, 2, 3]);
    expect(() => arrayOf({ buffer: 99, dtype: 'float64', shape: [1] }, buffers)).toThrow('buffer 99');
    expect(() => arrayOf({ buffer: 0, dtype: 'float64', shape: [4] }, buffers)).toThrow('24 bytes');
  });
});

describe('model', () => {
  it('takes what was measured before the page was there', () => {
    const model = new Model();
    const { times } = find<IReply>('Reply', reply => reply.times).message;
    const told: string[] = [];
    model.timesChanged.connect((_, id) => told.push(id));
    model.takeTimes(times![0]);
    expect(told).toEqual([]); // there is no such graph yet
    model.greet(hello);
    model.takeTimes(times![0]);
    expect(told).toEqual(['g1']);
    expect(model.graphs.get('g1')?.times?.micros).toEqual([10.5, 0.25]);
    model.greet(hello);
    expect(model.graphs.get('g1')?.times?.step).toBe(12);
  });

  it('takes a greeting, a graph and a tick', () => {
    const model = new Model();
    const told: string[] = [];
    model.runChanged.connect(() => told.push('run'));
    model.listChanged.connect(() => told.push('list'));
    model.seriesChanged.connect(() => told.push('series'));
    model.valuesChanged.connect(() => told.push('values'));
    model.pictureChanged.connect((_, key) => told.push('picture ' + key));
    model.graphGrown.connect((_, id) => told.push('graph ' + id));
    model.timesChanged.connect((_, id) => told.push('times ' + id));
    model.eventHappened.connect((_, event) => told.push(event.event));
    model.greet(hello);
    expect(told).toEqual(['run', 'list', 'series']);
    model.takeChunk(chunk);
    expect(model.graphs.get('g1')!.nodes.map(node => node.name)).toEqual(['x', 'W', 'layer/é😀']);
    expect(model.graphs.get('g1')!.byName.get('W')).toBe(1);
    expect(model.graphs.get('g2')!.info.failed!.name).toBe('out/MatMul');
    const command = find<ICommand>('Command', c => c.interest).message;
    model.showPicture(command.interest!.pictures[0]);
    told.length = 0;
    model.tick(tick.message, buffersOf(tick.fixture));
    expect(told).toEqual([
      'run',
      'list',
      'series',
      'values',
      'picture c:W',
      'times g1',
      'stepped',
      'refused',
      'caught'
    ]);
    const series = model.series.get('1:loss:loss')!;
    expect(series.length).toBe(3);
    expect([...series.values.subarray(0, 3)]).toEqual([2.5, NaN, Infinity]);
    expect(model.values!.statistics[3]).toBe(2);
    expect([...model.pictures.get('c:W')!.values!]).toEqual([1, -1, NaN, 0.5]);
  });

  it('takes integers of 64 bits as they are, beside numbers to draw', () => {
    const model = new Model();
    const { message, fixture } = find<ITick>('Tick', t => t.pictures?.some(p => p.values?.dtype === 'int64'));
    const [whole, natural, truth] = message.pictures!.map(picture => model.takePicture(picture, buffersOf(fixture)));
    expect([...whole.exact!].map(String)).toEqual(['9007199254740993', '-9223372036854775808']);
    expect([...whole.values!]).toEqual([2 ** 53, -(2 ** 63)]);
    expect([...natural.exact!].map(String)).toEqual(['18446744073709551615']);
    expect([truth.exact, [...truth.values!]]).toEqual([null, [1, 0]]);
  });

  it('takes points again, later ones, and all anew', () => {
    const model = new Model();
    model.greet({ ...hello, series: [] });
    model.tick(tick.message, buffersOf(tick.fixture));
    model.tick(tick.message, buffersOf(tick.fixture));
    expect(model.series.get('1:loss:loss')!.length).toBe(3);
    const points = tick.message.points![0];
    model.takePoints([{ ...points, first: 2 }], buffersOf(tick.fixture));
    expect([...model.series.get('1:loss:loss')!.steps.subarray(0, 5)]).toEqual([1, 2, 1, 2, 3]);
    model.takePoints([{ ...points, first: 9 }], buffersOf(tick.fixture));
    expect(model.series.get('1:loss:loss')!.length).toBe(5);
    model.takePoints([points], buffersOf(tick.fixture));
    expect(model.series.get('1:loss:loss')!.length).toBe(5);
    model.series.get('1:loss:loss')!.info.kept = 5;
    model.takePoints([{ ...points, version: 1 }], buffersOf(tick.fixture));
    expect([model.series.get('1:loss:loss')!.length, model.waits]).toEqual([3, false]);
    model.takePoints([{ ...points, first: 2 }], buffersOf(tick.fixture));
    expect(model.series.get('1:loss:loss')!.length).toBe(3);
  });

  it('ignores parts of graphs that it has, or that do not follow', () => {
    const model = new Model();
    model.greet(hello);
    model.takeChunk(chunk);
    model.takeChunk(chunk);
    model.takeChunk({ ...chunk, first: 7 });
    model.takeChunk({ ...chunk, graph: 'gone' });
    expect(model.graphs.get('g1')!.nodes.length).toBe(3);
  });

  it('forgets all when the kernel is another one', () => {
    const model = new Model();
    model.greet(hello);
    model.tick(tick.message, buffersOf(tick.fixture));
    model.clear();
    expect([model.graphs.size, model.series.size, model.values, model.run.state]).toEqual([0, 0, null, 'idle']);
  });

  it('says what is shown, and forgets pictures that are not', () => {
    const model = new Model();
    let told = 0;
    model.interestChanged.connect(() => (told += 1));
    const picture = find<ICommand>('Command', c => c.interest).message.interest!.pictures[0];
    model.show({ curves: true });
    model.showPicture(picture);
    model.showPicture({ ...picture, cells: 4 });
    expect(model.interest.pictures).toEqual([{ ...picture, cells: 4 }]);
    model.hidePicture(picture.key);
    expect([model.interest.pictures, model.interest.curves, told]).toEqual([[], true, 4]);
  });
});
