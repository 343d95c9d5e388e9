import { trans } from './page';
import { inParts, crossing, endsIn } from '../views/graph/sight';
import { hitList } from '../views/graph/lists';
import { Picture } from '../views/graph/picture';
import { Slices } from '../views/graph/slices';
import { GraphStore } from '../views/graph/store';
import { readersOf } from '../views/graph/facts';
import { touches } from '../views/graph/shapes';

// The package's only other form is a module, which jest cannot load.
jest.mock('flatbush', () => jest.requireActual('../../node_modules/flatbush/flatbush.js'));

describe('many', () => {
  it('shapes are drawn in paths of a few, each once', () => {
    const context = { beginPath: jest.fn() };
    const [seen, drawn]: [number[], number[]] = [[], []];
    const items = Array.from({ length: 1000 }, (_, k) => k);
    inParts(
      context as unknown as CanvasRenderingContext2D,
      items,
      item => seen.push(item),
      () => drawn.push(seen.length)
    );
    expect(seen).toEqual(items);
    expect(context.beginPath).toHaveBeenCalledTimes(drawn.length);
    expect(drawn.length).toBeGreaterThan(5);
    expect(drawn.pop()).toBe(1000);
  });

  it('edges of a hub are left out where only their corners are in sight', () => {
    const far = { points: [0, 0, 1000, 1000] };
    const near = { points: [0, 0, 0, 1000] };
    const edges = Array.from({ length: 2000 }, (_, k) => (k === 1234 ? near : far));
    const sight = { x0: -10, y0: 800, x1: 100, y1: 900 };
    const all = edges.map((_, k) => k);
    expect(crossing({ edges } as unknown as Picture, all, sight)).toEqual([1234]);
    expect(crossing({ edges } as unknown as Picture, [0, 1, 2], sight)).toEqual([0, 1, 2]);
    expect(endsIn(near.points, sight)).toBe(false);
    expect(endsIn(near.points, { ...sight, y1: 1000 })).toBe(true);
  });

  it('curves meet the areas that they go through, and no others', () => {
    const points = [10, 20, 310, 140];
    for (let t = 0.02; t < 1; t += 0.02) {
      const x = 10 + 300 * t * t * (3 - 2 * t);
      const y = 20 * (1 - t) ** 3 + 240 * t * (1 - t) + 140 * t ** 3;
      expect(touches(points, x - 1, y - 1, x + 1, y + 1)).toBe(true);
      expect(touches(points, x + 12, y - 1, x + 20, y + 1)).toBe(false);
      expect(touches(points, x - 20, y - 1, x - 12, y + 1)).toBe(false);
    }
  });

  it('results can all be reached in the list', () => {
    const nodes = Array.from({ length: 450 }, (_, k) => ({ name: `op${k}`, type: 'Relu' }));
    const next = jest.fn();
    const store = { nodes, hits: nodes.map((_, k) => k), hit: -1, next } as unknown as GraphStore;
    const list = hitList(store, trans);
    document.body.appendChild(list);
    const entries = () => list.querySelectorAll('.jp-glnb-graph-entry');
    const more = () => list.querySelector<HTMLElement>('.jp-glnb-graph-text-button');
    expect([entries().length, more()?.textContent]).toEqual([200, 'and 250 more']);
    more()?.click();
    expect(document.activeElement?.textContent).toBe('op200Relu');
    expect([entries().length, more()?.textContent]).toEqual([400, 'and 50 more']);
    more()?.click();
    expect([entries().length, more()]).toEqual([450, null]);
    (entries()[449] as HTMLElement).click();
    expect(store.hit).toBe(448);
    expect(next).toHaveBeenCalledWith(1);
    list.remove();
  });

  it('pieces of work are followed by what they are for in a turn of its own', () => {
    jest.useFakeTimers();
    let now = 0;
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => now);
    const slices = new Slices();
    const done = jest.fn();
    slices.run(
      (function* () {
        now += 30;
        yield;
        now += 5;
        return 'long';
      })(),
      done
    );
    jest.advanceTimersToNextTimer();
    expect(done).not.toHaveBeenCalled();
    expect(slices.working).toBe(true);
    jest.advanceTimersToNextTimer();
    expect(done).toHaveBeenCalledWith('long');
    expect([slices.working, slices.took]).toEqual([false, 35]);
    clock.mockRestore();
    jest.useRealTimers();
  });

  it('readers are sought once', () => {
    const nodes = [
      { inputs: [], control: [] },
      { inputs: [0, 0, 0, 0], control: [] },
      { inputs: [], control: [0, 1] }
    ] as unknown as Parameters<typeof readersOf>[0];
    expect(readersOf(nodes)).toEqual([[1, 2], [2], []]);
    expect(readersOf(nodes)).toBe(readersOf(nodes));
  });
});
