import { layout } from '../graph/layout';
import { IStood, pack, repack, SHELF_GAP } from '../graph/pack';
import { ILayoutRequest, ILayoutResult } from '../graph/types';

const box = (id: string, width = 80, height = 36) => ({ id, width, height });
const edge = (from: string, to: string) => ({ id: `${from}-${to}`, from, to });

/** What a notebook builds from cell to cell: the boxes and edges there are after each. */
function cells(parts: { boxes: string[]; edges: [string, string][] }[]): ILayoutRequest[] {
  return parts.map((_, count) => ({
    scope: '',
    boxes: parts.slice(0, count + 1).flatMap(({ boxes }) => boxes.map(id => box(id))),
    edges: parts.slice(0, count + 1).flatMap(({ edges }) => edges.map(([a, b]) => edge(a, b)))
  }));
}

function grow(requests: readonly ILayoutRequest[]): ILayoutResult[] {
  const found: ILayoutResult[] = [];
  for (const request of requests) {
    found.push(layout({ ...request, before: found[found.length - 1] }));
  }
  return found;
}

function place({ boxes }: ILayoutResult, id: string): number[] {
  return [boxes[id].x, boxes[id].y];
}

function overlapping(request: ILayoutRequest, { boxes }: ILayoutResult): string[] {
  const all = request.boxes.map(one => ({ ...one, ...boxes[one.id] }));
  return all.flatMap((a, i) =>
    all
      .slice(i + 1)
      .filter(b => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height)
      .map(b => `${a.id} on ${b.id}`)
  );
}

describe('parts that hang on nothing', () => {
  const alone = Array.from({ length: 14 }, (_, i) => `v${i}`);

  it('stay where they were when more of them are made, which come behind', () => {
    const requests = cells([
      {
        boxes: ['x', 'y', 'z', ...alone],
        edges: [
          ['x', 'y'],
          ['y', 'z']
        ]
      },
      { boxes: ['later', 'later/init'], edges: [['later/init', 'later']] },
      ...['one', 'two', 'three', 'four', 'five'].map(id => ({ boxes: [id], edges: [] }))
    ]);
    const results = grow(requests);
    results.slice(1).forEach((result, k) => {
      for (const { id } of requests[k].boxes) {
        expect([id, place(result, id)]).toEqual([id, place(results[k], id)]);
      }
      expect(overlapping(requests[k + 1], result)).toEqual([]);
    });
    const last = Math.max(...alone.map(id => results[0].boxes[id].y));
    expect(results[1].boxes.later.y).toBeGreaterThanOrEqual(last);
    // Laid out anew, it would stand before all of them.
    expect(layout(requests[1]).boxes.later.y).toBeLessThan(last);
  });

  it('stand still sideways while a chain beside them grows', () => {
    const requests = cells([
      { boxes: ['x', 'labels'], edges: [] },
      { boxes: ['conv1'], edges: [['x', 'conv1']] },
      { boxes: ['conv2'], edges: [['conv1', 'conv2']] },
      { boxes: ['dense', 'step'], edges: [['conv2', 'dense']] },
      { boxes: ['out'], edges: [['dense', 'out']] },
      {
        boxes: ['loss', 'train'],
        edges: [
          ['out', 'loss'],
          ['labels', 'loss'],
          ['loss', 'train']
        ]
      }
    ]);
    const results = grow(requests);
    for (const id of ['x', 'labels']) {
      results.slice(0, -1).forEach(result => expect(place(result, id)).toEqual(place(results[0], id)));
      // What is joined to the chain at last goes down to where it is read, but not to the side.
      expect(results[5].boxes[id].x).toBe(results[0].boxes[id].x);
    }
    expect(results[5].boxes.labels.y).toBeGreaterThan(results[5].boxes.dense.y);
    requests.forEach((request, k) => expect(overlapping(request, results[k])).toEqual([]));
  });

  it('make room where a part grows to the side, and the larger part stays', () => {
    const first = {
      scope: '',
      boxes: ['a', 'b', 'c', 'lone'].map(id => box(id)),
      edges: [edge('a', 'b'), edge('b', 'c')]
    };
    const before = layout(first);
    const more = ['w1', 'w2', 'w3'];
    const request = {
      ...first,
      boxes: [...first.boxes, ...more.map(id => box(id))],
      edges: [...first.edges, ...more.map(id => edge(id, 'c'))]
    };
    const after = layout({ ...request, before });
    expect(overlapping(request, after)).toEqual([]);
    expect(after.boxes.lone.x).toBeGreaterThan(Math.max(...more.map(id => after.boxes[id].x)));
    for (const id of ['b', 'c']) {
      // The picture may be moved as a whole.
      expect(after.boxes[id].x - after.boxes.a.x).toBe(before.boxes[id].x - before.boxes.a.x);
    }
  });

  it('are packed without overlap wherever they stood', () => {
    let seed = 1;
    const next = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
    for (let round = 0; round < 100; round++) {
      const parts = Array.from({ length: 2 + Math.floor(next() * 15) }, () => ({
        width: 30 + 200 * next(),
        height: 20 + 150 * next()
      }));
      const { spots } = pack(parts);
      const stood = spots.map(({ x, y }): IStood | null =>
        next() < 0.3 ? null : { x: x + 100 * next(), y: y - 30 * next(), top: y, weight: 1 + 9 * next() }
      );
      const { spots: found, shelves, width, height } = repack(parts, stood);
      const request = { scope: '', edges: [], boxes: parts.map((part, i) => ({ ...part, id: `${i}` })) };
      const boxes = Object.fromEntries(found.map(({ x, y }, i) => [`${i}`, { x, y, layer: 0 }]));
      expect([round, overlapping(request, { scope: '', width, height, boxes, edges: {} })]).toEqual([round, []]);
      found.forEach(({ x, y, shelf }, i) => {
        expect(Math.min(x, y)).toBeGreaterThanOrEqual(-1e-9);
        expect(x + parts[i].width).toBeLessThanOrEqual(width + 1e-9);
        expect(y).toBeGreaterThanOrEqual(shelves[shelf].top - 1e-9);
        expect(y + parts[i].height).toBeLessThanOrEqual(shelves[shelf].bottom + 1e-9);
      });
      shelves.slice(1).forEach(({ top }, k) => expect(top - shelves[k].bottom).toBeGreaterThan(SHELF_GAP - 1e-6));
    }
  });

  it('are packed anew where what stood between them is gone and most of the picture would be empty', () => {
    const parts = [0, 1, 2].map(() => ({ width: 80, height: 36 }));
    const stood = [0, 2000, 4000].map(x => ({ x, y: 0, top: 0, weight: 1 }));
    expect(repack(parts, stood)).toEqual(pack(parts));
  });
});

describe('boxes of a connected part', () => {
  /** Rows of boxes that read each other, of which some are as large as open scopes. */
  const net = (large: boolean): ILayoutRequest => {
    const rows = [0, 1, 2].map(row => 'abcd'.split('').map(at => at + row));
    return {
      scope: '',
      boxes: rows.flat().map(id => (large ? box(id, 1500, 900) : box(id))),
      edges: rows
        .slice(1)
        .flatMap((row, k) => row.flatMap((id, at) => [at, (at + 1) % 4].map(n => edge(rows[k][n], id))))
    };
  };

  it('come together again where what was open between them was closed', () => {
    const before = layout(net(true));
    const after = layout({ ...net(false), before });
    const fresh = layout(net(false));
    expect(before.width).toBeGreaterThan(3000);
    expect(after.width * after.height).toBeLessThan(3 * fresh.width * fresh.height);
  });
});
