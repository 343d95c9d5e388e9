import { Layouter } from '../graph/layouter';
import { answer, IOrder } from '../graph/layout.worker';
import * as layouts from '../graph/layout';
import { ILayoutRequest } from '../graph/types';
import { makeWorker } from '../graph/worker';

jest.mock('../graph/worker', () => ({ makeWorker: jest.fn() }));

/** A worker in the same thread, whose answers the test gives out. */
class FakeWorker {
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onerror: ((event: { preventDefault(): void }) => void) | null = null;
  onmessageerror: (() => void) | null = null;
  orders: IOrder[] = [];
  ended = false;

  postMessage(order: IOrder): void {
    this.orders.push(order);
    if (this.quick) {
      this.reply();
    }
  }

  terminate(): void {
    this.ended = true;
  }

  /** Answers the oldest order that waits. */
  reply(): void {
    const order = this.orders.shift()!;
    void Promise.resolve().then(() => !this.ended && this.onmessage?.({ data: answer(structuredCopy(order)) }));
  }

  quick = true;
}

function structuredCopy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

function request(scope: string, count = 3): ILayoutRequest {
  const boxes = Array.from({ length: count }, (_, i) => ({ id: `${scope}${i}`, width: 60, height: 30 }));
  return { scope, boxes, edges: boxes.slice(1).map(({ id }, i) => ({ id: `e${i}`, from: boxes[i].id, to: id })) };
}

const make = makeWorker as jest.Mock;
let workers: FakeWorker[];
let quick: boolean;
let layouter: Layouter;

async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) {
    await Promise.resolve();
  }
}

beforeEach(() => {
  workers = [];
  quick = true;
  make.mockReset();
  make.mockImplementation(() => {
    const worker = new FakeWorker();
    worker.quick = quick;
    workers.push(worker);
    return worker;
  });
  layouter = new Layouter();
});

afterEach(() => {
  layouter.dispose();
  jest.useRealTimers();
  jest.restoreAllMocks();
});

describe('Layouter', () => {
  it('lays out in a worker, in the order asked', async () => {
    const asked = [request('a/'), request('b/'), request('c/', 0)];
    const found = await layouter.lay(asked);
    expect(found).toEqual(asked.map(one => layouts.layout(one)));
    expect(workers).toHaveLength(1);
    expect(await layouter.lay([])).toEqual([]);
  });

  it('starts its worker once, before it is needed', async () => {
    quick = false;
    layouter.warm();
    layouter.warm();
    const found = layouter.lay([request('a/')]);
    await settle();
    expect(workers).toHaveLength(1);
    expect(workers[0].orders).toHaveLength(1); // nothing is asked of it before it has answered
    workers[0].reply();
    await settle();
    workers[0].reply();
    expect(await found).toEqual([layouts.layout(request('a/'))]);
    expect(workers).toHaveLength(1);
    layouter.cancel();
    expect(workers[0].ended).toBe(false);
  });

  it('keeps results by what they depend on', async () => {
    const [first] = await layouter.lay([request('a/')]);
    const sent = jest.spyOn(workers[0], 'postMessage');
    expect((await layouter.lay([request('a/')]))[0]).toBe(first);
    expect(sent).not.toHaveBeenCalled();
    await layouter.lay([request('a/', 4)]);
    await layouter.lay([{ ...request('a/'), before: first }]);
    expect(sent).toHaveBeenCalledTimes(2);
  });

  it('drops a request that a newer one overtakes before it began', async () => {
    quick = false;
    const first = layouter.lay([request('a/')]);
    const second = layouter.lay([request('b/')]);
    const third = layouter.lay([request('c/')]);
    await expect(second).rejects.toThrow('cancelled');
    for (let i = 0; i < 3; i++) {
      await settle();
      workers[0].reply(); // the ping, "a/", "c/"
    }
    expect((await first)[0].scope).toBe('a/');
    expect((await third)[0].scope).toBe('c/');
  });

  it('gives up what runs and what waits, and goes on with another worker', async () => {
    quick = false;
    const first = layouter.lay([request('a/')]);
    const second = layouter.lay([request('b/')]);
    await settle();
    workers[0].reply();
    await settle();
    layouter.cancel();
    await expect(first).rejects.toThrow('cancelled');
    await expect(second).rejects.toThrow('cancelled');
    expect(workers[0].ended).toBe(true);
    quick = true;
    expect((await layouter.lay([request('c/')]))[0].scope).toBe('c/');
    expect(workers).toHaveLength(2);
  });

  it('ends a worker that takes too long, and answers with a grid', async () => {
    jest.useFakeTimers();
    quick = false;
    const found = layouter.lay([request('a/')]);
    await settle();
    workers[0].reply();
    await settle();
    jest.advanceTimersByTime(2100);
    expect(await found).toEqual([layouts.grid(request('a/'))]);
    expect(workers[0].ended).toBe(true);
  });

  it('does without a worker that does not answer', async () => {
    jest.useFakeTimers();
    quick = false;
    const found = layouter.lay([request('a/')]);
    await settle();
    jest.advanceTimersByTime(3100);
    await settle();
    expect(await found).toEqual([layouts.layout(request('a/'))]);
    await layouter.lay([request('b/')]);
    expect(workers).toHaveLength(1);
  });

  it('does without a worker that cannot be made, or breaks', async () => {
    make.mockImplementationOnce(() => {
      throw new Error('forbidden');
    });
    expect(await layouter.lay([request('a/', 40)])).toEqual([layouts.layout(request('a/', 40))]);
    expect(workers).toHaveLength(0);

    const other = new Layouter();
    quick = false;
    const found = other.lay([request('b/')]);
    await settle();
    workers[0].reply();
    await settle();
    workers[0].onerror!({ preventDefault: () => undefined });
    expect(await found).toEqual([layouts.layout(request('b/'))]);
    other.dispose();
  });

  it('works in slices without a worker, and can be given up there too', async () => {
    make.mockImplementation(() => {
      throw new Error('forbidden');
    });
    let now = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => (now += 15));
    const found = layouter.lay([request('a/', 40)]);
    const timer = jest.spyOn(window, 'setTimeout');
    await new Promise(resolve => setTimeout(resolve, 0));
    expect(timer.mock.calls.length).toBeGreaterThan(1);
    layouter.cancel();
    await expect(found).rejects.toThrow('cancelled');
  });

  it('shows a grid where a layout fails', async () => {
    const said = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    jest.spyOn(layouts, 'layout').mockImplementation(() => {
      throw new Error('a bug');
    });
    expect(await layouter.lay([request('a/')])).toEqual([layouts.grid(request('a/'))]);
    expect(said).toHaveBeenCalledWith(expect.stringContaining('a bug'));
  });

  it('does nothing more once it is disposed', async () => {
    await layouter.lay([request('a/')]);
    layouter.dispose();
    expect(workers[0].ended).toBe(true);
    await expect(layouter.lay([request('a/')])).rejects.toThrow('cancelled');
  });
});
