import type { ISessionContext } from '@jupyterlab/apputils';
import type { Kernel } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { Connection } from '../connection';
import { Model } from '../model';
import { COMM_ID, ICommand, ISeriesChunk, ISeriesInfo, KEY, VERSION } from '../protocol';

// What it needs of Jupyter's services, which are not for jest: how a message is made, and which kind one is.
jest.mock('@jupyterlab/services', () => ({
  KernelMessage: {
    createMessage: (options: object) => options,
    isCommMsgMsg: (message: { header: { msg_type: string } }) => message.header.msg_type === 'comm_msg'
  }
}));

const trans = {
  __: (text: string, ...args: unknown[]) => text.replace(/%(\d)/g, (_, n) => String(args[Number(n) - 1]))
} as unknown as TranslationBundle;
const RUN = { state: 'running', session: null, steps: 3, runs: 3, rate: 1, since: 0, cell: null };

/** A kernel that answers as it is told to; `info` tells whether it has said what it is, which waits for a running cell. */
class FakeKernel {
  constructor(
    readonly answers: (command: ICommand) => object | null,
    readonly informed: boolean
  ) {
    this.info = informed ? Promise.resolve({}) : new Promise(() => undefined);
  }

  readonly clientId = 'client';
  readonly username = 'user';
  readonly info: Promise<object>;
  isDisposed = false;
  connectionStatus = 'connected';
  /** Whether its word that it is idle again comes after a reply. */
  idles = true;
  /** Whether it takes messages and answers none, as while it starts. */
  mute = false;
  status = 'idle';
  sent: ICommand[] = [];
  /** What comes with the next answer. */
  buffers: ArrayBuffer[] = [];
  clones: FakeKernel[] = [];
  iopubMessage = new Signal<this, object>(this);
  connectionStatusChanged = new Signal<this, string>(this);

  clone(): FakeKernel {
    const made = Object.assign(new FakeKernel(this.answers, true), { mute: this.mute });
    this.clones.push(made);
    return made;
  }

  sendControlMessage(message: { content: { [KEY]: ICommand } }) {
    const command = message.content[KEY];
    this.sent.push(command);
    const answer = this.answers(command);
    const content = answer === null ? {} : { [KEY]: { v: VERSION, id: command.id, ...answer } };
    const reply = { content, buffers: this.buffers };
    const future = {
      done: this.idles && !this.mute ? Promise.resolve(reply) : new Promise(() => undefined),
      isDisposed: false,
      dispose: () => undefined,
      onReply: (_: object): void => undefined
    };
    if (!this.mute) {
      void Promise.resolve().then(() => future.onReply(reply));
    }
    return future;
  }

  say(data: object, buffers: ArrayBuffer[] = []): void {
    const header = { msg_type: 'comm_msg' };
    this.iopubMessage.emit({ channel: 'iopub', header, content: { comm_id: COMM_ID, data }, buffers });
  }

  dispose(): void {
    this.isDisposed = true;
  }
}

const hello = {
  hello: { v: VERSION, version: '1', lease: 10, run: RUN, graphs: [], sessions: [], series: [], runs: [] }
};
const tick = { v: VERSION, type: 'tick', seq: 1, time: 0, run: RUN };

function connect(kernel: FakeKernel) {
  const context = {
    session: { kernel },
    kernelChanged: new Signal<object, void>({}),
    statusChanged: new Signal<object, Kernel.Status>({}),
    connectionStatusChanged: new Signal<object, Kernel.ConnectionStatus>({})
  };
  const model = new Model();
  const connection = new Connection(model, context as unknown as ISessionContext, trans);
  return { model, connection, context };
}

const turns = async () => {
  for (let i = 0; i < 20; i++) {
    await Promise.resolve();
  }
};

async function pass(ms: number): Promise<void> {
  jest.advanceTimersByTime(ms);
  await turns();
}

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

test('a greeting is not begun anew by signs of life, which come faster than it waits', async () => {
  const kernel = new FakeKernel(() => hello, false);
  const { model, connection } = connect(kernel);
  for (let i = 0; i < 5; i++) {
    await pass(50);
    kernel.say(tick);
  }
  await pass(50);
  expect(kernel.clones).toHaveLength(1);
  expect(model.link.state).toBe('connected');
  expect(model.run.steps).toBe(3);
  connection.dispose();
});

test('the connection of its own is given back, and commands go on by the shared one', async () => {
  const kernel = new FakeKernel(() => hello, false);
  const { model, connection } = connect(kernel);
  await pass(200);
  const [clone] = kernel.clones;
  expect(clone.sent.map(({ op }) => op)).toContain('hello');
  await pass(4100);
  expect(clone.isDisposed).toBe(true);
  await model.send({ op: 'pause' });
  expect(kernel.sent.map(({ op }) => op)).toContain('pause');
  connection.dispose();
});

test('a kernel without the module is said to be one, and greeted when the module is there', async () => {
  let there = false;
  const kernel = new FakeKernel(() => (there ? hello : null), true);
  const { model, connection } = connect(kernel);
  await pass(10);
  expect(model.link.state).toBe('missing');
  there = true;
  kernel.say({ v: VERSION, type: 'here' });
  await pass(10);
  expect(model.link.state).toBe('connected');
  connection.dispose();
  expect(kernel.sent.map(({ op }) => op).pop()).toBe('bye');
});

test('what a kernel says while its answer to a greeting is under way is not lost', async () => {
  for (const news of [{ run: { ...RUN, state: 'idle' } }, { graphs: [] }]) {
    let asked = 0;
    const kernel: FakeKernel = new FakeKernel(() => {
      asked += 1;
      if (asked === 1) {
        kernel.say({ ...tick, ...news }); // it ends a cell after it has made its answer
        return hello;
      }
      return { hello: { ...hello.hello, ...news } };
    }, true);
    const { model, connection } = connect(kernel);
    await pass(10);
    expect(kernel.sent.filter(({ op }) => op === 'hello')).toHaveLength(2);
    expect(model.run.state).toBe('run' in news ? 'idle' : 'running');
    connection.dispose();
  }
});

test('what was measured before the page was there is asked for, and may be refused', async () => {
  const graphs = [{ id: 'g1', size: 0, labels: [], default: true }];
  const [node, step] = [0, 7];
  const times = {
    graph: 'g1',
    session: 's1',
    step,
    nodes: [node],
    micros: [1],
    bytes: [4],
    shapes: [[]],
    devices: ['']
  };
  for (const answer of [{ times: [times] }, { problem: 'an older kernel' }]) {
    const kernel = new FakeKernel(({ op }) => (op === 'times' ? answer : { hello: { ...hello.hello, graphs } }), true);
    const { model, connection } = connect(kernel);
    await pass(10);
    expect(model.link.state).toBe('connected');
    expect(model.graphs.get('g1')?.times?.step).toBe('times' in answer ? step : undefined);
    connection.dispose();
  }
});

test('a page that knows nothing gets its first graph with the greeting, and asks for the rest alone', async () => {
  const node = {
    name: 'a',
    type: 'Const',
    inputs: [],
    control: [],
    outputs: [],
    device: '',
    role: '',
    file: 0,
    line: 1
  };
  const graphs = [{ id: 'g1', size: 2, labels: [], default: true }];
  const part = (first: number, name: string) => ({
    chunk: { graph: 'g1', first, nodes: [{ ...node, name }], files: [], executions: [] }
  });
  const kernel = new FakeKernel(({ op, first }) => {
    const greeting = { hello: { ...hello.hello, graphs }, ...(first === 0 ? part(0, 'a') : {}) };
    return op === 'graph' ? part(1, 'b') : greeting;
  }, true);
  const { model, connection } = connect(kernel);
  await pass(10);
  expect(model.graphs.get('g1')?.nodes.map(({ name }) => name)).toEqual(['a', 'b']);
  expect(kernel.sent.filter(({ op }) => op === 'graph').map(({ first }) => first)).toEqual([1]);
  connection.greet(); // what is there already is not sent again
  await pass(10);
  expect(kernel.sent.filter(({ op }) => op === 'hello').map(({ first }) => first)).toEqual([0, undefined]);
  connection.dispose();
});

test('a reply is enough where the word that the kernel is idle again is lost', async () => {
  const kernel = new FakeKernel(() => hello, true);
  kernel.idles = false;
  const { model, connection } = connect(kernel);
  await pass(10);
  expect(model.link.state).toBe('connected');
  connection.dispose();
});

test('where the shared connection gives no answer one of its own asks', async () => {
  const shared = new FakeKernel(() => null, true);
  shared.sendControlMessage = () =>
    ({ done: new Promise(() => undefined), isDisposed: false, dispose: () => undefined }) as never;
  shared.clone = () => {
    const made = new FakeKernel(() => hello, true);
    shared.clones.push(made);
    return made;
  };
  const { model, connection } = connect(shared);
  for (let i = 0; i < 4; i++) {
    await pass(3200);
  }
  expect(model.link.state).toBe('connected');
  connection.dispose();
});

test('a connection of its own that never comes about is given up, and greetings go on', async () => {
  const kernel = new FakeKernel(() => hello, false);
  kernel.clone = () => {
    const made = new FakeKernel(() => hello, true);
    made.connectionStatus = kernel.clones.length < 2 ? 'connecting' : 'connected';
    kernel.clones.push(made);
    return made;
  };
  const { model, connection } = connect(kernel);
  await pass(200);
  expect(model.link.state).toBe('connecting');
  await pass(3000);
  expect(model.link).toEqual({ state: 'connecting', text: 'Waiting for the kernel to answer …' });
  expect(kernel.clones[0].isDisposed).toBe(true);
  for (let i = 0; i < 10; i++) {
    await pass(1000);
  }
  expect(kernel.clones.length).toBeGreaterThan(2);
  expect(model.link.state).toBe('connected');
  connection.dispose();
});

test.each([
  ['starting', 9],
  ['unknown', 1]
])('a kernel that is %s and does not answer is waited for before it counts as lost', async (status, waits) => {
  const kernel = Object.assign(new FakeKernel(() => hello, true), { status, mute: true });
  const { model, connection } = connect(kernel);
  const states: string[] = [];
  model.linkChanged.connect(() => void states.push(model.link.state));
  for (let i = 0; i < 60 && model.link.state !== 'lost'; i++) {
    await pass(1000);
  }
  expect(model.link).toEqual({ state: 'lost', text: 'The kernel did not answer within 3 seconds.' });
  const greetings = [kernel, ...kernel.clones].flatMap(({ sent }) => sent);
  expect(greetings.length).toBe(waits + 1);
  expect(new Set(states.slice(0, -1))).toEqual(new Set(['connecting']));
  [kernel, ...kernel.clones].forEach(each => (each.mute = false));
  for (let i = 0; i < 10; i++) {
    await pass(1000);
  }
  expect(model.link.state).toBe('connected');
  connection.dispose();
});

test('what tells no more than the answer to a greeting begins none anew', async () => {
  const kernel: FakeKernel = new FakeKernel(command => {
    if (command.op === 'hello') {
      kernel.say(tick);
    }
    return hello;
  }, true);
  const { connection } = connect(kernel);
  await pass(10);
  expect(kernel.sent.filter(({ op }) => op === 'hello')).toHaveLength(1);
  connection.dispose();
});

/** A curve's points from one to another, of the values 0, 1, 2, ... */
function points(first: number, end: number, version = 0): { chunk: ISeriesChunk; buffers: ArrayBuffer[] } {
  const array = { buffer: 0, dtype: 'float64', shape: [end - first] } as const;
  const values = Float64Array.from({ length: end - first }, (_, i) => first + i);
  const chunk = { id: 'a', first, version, steps: array, values: array, times: array } as unknown as ISeriesChunk;
  return { chunk, buffers: [values.buffer] };
}
const curve = (kept: number): ISeriesInfo => ({ id: 'a', name: 'a', kind: 'log', run: 1, count: kept, kept, every: 1 });

test('points that come before what they follow, or are told of and do not come, are there in the end', async () => {
  let asked = 0;
  const kernel: FakeKernel = new FakeKernel(command => {
    if (command.op !== 'points') {
      return { hello: { ...hello.hello, series: [curve(100)] } };
    }
    asked += 1;
    if (asked === 1) {
      // The last tick of a cell overtakes the answer.
      const { chunk, buffers } = points(100, 120);
      kernel.say({ ...tick, points: [chunk] }, buffers);
      kernel.buffers = points(0, 100).buffers;
      return { points: [points(0, 100).chunk] };
    }
    kernel.buffers = points(0, 150).buffers;
    return asked === 2 ? null : { points: [points(0, 150).chunk] };
  }, true);
  const { model, connection } = connect(kernel);
  await pass(10);
  const held = () => [...model.series.get('a')!.values.subarray(0, model.series.get('a')!.length)];
  expect(held()).toEqual(Array.from({ length: 120 }, (_, i) => i));
  expect(model.waits).toBe(false);
  kernel.say({ ...tick, series: [curve(150)] });
  await pass(10);
  expect([held().length, model.waits]).toEqual([120, true]);
  await pass(2500);
  expect([held().length, model.waits, asked]).toEqual([150, false, 3]);
  connection.dispose();
});

test('what is said of a problem stays while greetings go on', async () => {
  const kernel = new FakeKernel(() => ({ problem: 'another version' }), true);
  const { model, connection } = connect(kernel);
  await pass(10);
  expect(model.link).toEqual({ state: 'lost', text: 'another version' });
  const texts = new Set<string>();
  model.linkChanged.connect(() => void texts.add(model.link.text));
  for (let i = 0; i < 5; i++) {
    await pass(2500);
  }
  expect(kernel.sent.length).toBeGreaterThan(3);
  expect([...texts]).toEqual(['another version']);
  connection.dispose();
});

test('a restart is said, and forgets what the old kernel told', async () => {
  const kernel = new FakeKernel(() => hello, true);
  const { model, connection, context } = connect(kernel);
  await pass(10);
  context.statusChanged.emit('restarting');
  expect(model.link.state).toBe('connecting');
  expect(model.run.state).toBe('idle');
  context.statusChanged.emit('idle');
  await pass(10);
  expect(model.link.state).toBe('connected');
  connection.dispose();
});
