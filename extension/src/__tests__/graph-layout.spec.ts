import { grid, layout, steps } from '../graph/layout';
import { ILayoutRequest, ILayoutResult } from '../graph/types';

/** Numbers in [0, 1) that are the same in every run: mulberry32. */
function generator(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

type Kind = 'forward' | 'any';

/** A random scope; of "any" kind edges lead back, to the box itself, and over the border. */
function randomRequest(seed: number, kind: Kind, most = 40): ILayoutRequest {
  const next = generator(seed);
  const below = (n: number) => Math.floor(next() * n);
  const count = 1 + below(most);
  const boxes = Array.from({ length: count }, (_, i) => ({
    id: `box ${i}`,
    width: 60 + below(140),
    height: next() < 0.1 ? 300 : 28 + below(20)
  }));
  const edges = Array.from({ length: below(2 * count) }, (_, i) => {
    const [a, b] = [below(count), below(count)];
    if (kind === 'forward') {
      return { id: `e${i}`, from: `box ${Math.min(a, b)}`, to: `box ${Math.max(a, b)}` };
    }
    const border = next();
    return { id: `e${i}`, from: border < 0.1 ? '' : `box ${a}`, to: border > 0.9 ? '' : `box ${b}` };
  });
  return { scope: 'some/', boxes, edges: edges.filter(e => kind === 'any' || e.from !== e.to) };
}

function rectangles(request: ILayoutRequest, result: ILayoutResult) {
  return request.boxes.map(({ id, width, height }) => ({ id, ...result.boxes[id], width, height }));
}

/** Pairs of boxes that overlap or come closer than a pixel. */
function overlaps(request: ILayoutRequest, result: ILayoutResult): string[] {
  const all = rectangles(request, result);
  return all.flatMap((a, i) =>
    all
      .slice(i + 1)
      .filter(
        b => a.x < b.x + b.width + 1 && b.x < a.x + a.width + 1 && a.y < b.y + b.height + 1 && b.y < a.y + a.height + 1
      )
      .map(b => `${a.id} on ${b.id}`)
  );
}

/** Edges that pass through a box, with a pixel to spare. */
function through(request: ILayoutRequest, result: ILayoutResult): string[] {
  const all = rectangles(request, result);
  return request.edges.flatMap(({ id }) => {
    const line = result.edges[id];
    const found: string[] = [];
    for (let i = 0; i + 3 < line.length; i += 2) {
      for (const box of all) {
        for (let t = 0; t <= 1; t += 0.02) {
          const x = line[i] + t * (line[i + 2] - line[i]);
          const y = line[i + 1] + t * (line[i + 3] - line[i + 1]);
          if (x > box.x + 1 && x < box.x + box.width - 1 && y > box.y + 1 && y < box.y + box.height - 1) {
            found.push(`${id} through ${box.id}`);
            break;
          }
        }
      }
    }
    return found;
  });
}

function chain(count: number): ILayoutRequest {
  const boxes = Array.from({ length: count }, (_, i) => ({ id: `b${i}`, width: 80, height: 36 }));
  const edges = boxes.slice(1).map((box, i) => ({ id: `e${i}`, from: `b${i}`, to: box.id }));
  return { scope: '', boxes, edges };
}

describe('layout', () => {
  it('has nothing to do for an empty scope', () => {
    const result = layout({ scope: 'a/', boxes: [], edges: [] });
    expect(result).toEqual({ scope: 'a/', width: 0, height: 0, boxes: {}, edges: {} });
  });

  it('is as large as the only box', () => {
    const result = layout({ scope: '', boxes: [{ id: 'a', width: 70, height: 30 }], edges: [] });
    expect(result).toMatchObject({ width: 70, height: 30, boxes: { a: { x: 0, y: 0 } } });
  });

  it.each(['forward', 'any'] as const)('places %s random scopes without overlap, within its size', kind => {
    for (let seed = 0; seed < 150; seed++) {
      const request = randomRequest(seed, kind);
      const result = layout(request);
      expect([seed, overlaps(request, result)]).toEqual([seed, []]);
      expect([seed, through(request, result)]).toEqual([seed, []]);
      expect(Object.keys(result.boxes).sort()).toEqual(request.boxes.map(box => box.id).sort());
      expect(Object.keys(result.edges).sort()).toEqual(request.edges.map(edge => edge.id).sort());
      for (const { x, y, width, height } of rectangles(request, result)) {
        expect(Math.min(x, y)).toBeGreaterThanOrEqual(0);
        expect(x + width).toBeLessThanOrEqual(result.width + 1);
        expect(y + height).toBeLessThanOrEqual(result.height + 1);
      }
    }
  });

  it('leads every edge of a graph without cycles down, from box to box', () => {
    for (let seed = 0; seed < 100; seed++) {
      const request = randomRequest(seed, 'forward');
      const result = layout(request);
      const sizes = new Map(request.boxes.map(box => [box.id, box]));
      for (const { id, from, to } of request.edges) {
        const line = result.edges[id];
        const ys = line.filter((_, i) => i % 2 === 1);
        expect([seed, id, ys]).toEqual([seed, id, ys.slice().sort((a, b) => a - b)]);
        expect(ys[0]).toBe(result.boxes[from].y + sizes.get(from)!.height);
        expect(ys[ys.length - 1]).toBe(result.boxes[to].y);
        for (const [end, x] of [
          [from, line[0]],
          [to, line[line.length - 2]]
        ] as const) {
          expect(x).toBeGreaterThanOrEqual(result.boxes[end].x);
          expect(x).toBeLessThanOrEqual(result.boxes[end].x + sizes.get(end)!.width);
        }
        expect(result.boxes[from].layer).toBeLessThan(result.boxes[to].layer);
      }
    }
  });

  it('leads what comes in or leaves to the border', () => {
    const request: ILayoutRequest = {
      scope: 's/',
      boxes: chain(3).boxes,
      edges: [...chain(3).edges, { id: 'in', from: '', to: 'b2' }, { id: 'out', from: 'b0', to: '' }]
    };
    const result = layout(request);
    expect(result.edges.in[1]).toBe(0);
    expect(result.edges.out[result.edges.out.length - 1]).toBe(result.height);
    expect(through(request, result)).toEqual([]);
  });

  it('breaks a cycle where it goes against the order of building', () => {
    const request = chain(4);
    request.edges.push({ id: 'back', from: 'b3', to: 'b1' }, { id: 'self', from: 'b2', to: 'b2' });
    const { boxes, edges } = layout(request);
    expect(boxes.b3.layer - boxes.b1.layer).toBe(2);
    expect(edges.back[1]).toBeGreaterThan(edges.back[edges.back.length - 1]);
    expect(edges.self.length).toBeGreaterThan(6);
  });

  it('leads down what goes against the order of building without a cycle', () => {
    const request = chain(2);
    request.edges = [{ id: 'e', from: 'b1', to: 'b0' }];
    const { boxes } = layout(request);
    expect(boxes.b1.y).toBeLessThan(boxes.b0.y);
  });

  it('puts a source right above what reads it', () => {
    const request = chain(6);
    request.boxes.push({ id: 'W', width: 60, height: 30 });
    request.edges.push({ id: 'w', from: 'W', to: 'b5' });
    expect(layout(request).boxes.W.layer).toBe(4);
  });

  it('draws a chain as a straight line', () => {
    const { edges } = layout(chain(20));
    for (const line of Object.values(edges)) {
      expect(line).toHaveLength(4);
      expect(line[0]).toBe(line[2]);
    }
  });

  it('draws what passes many layers straight where there is room', () => {
    const request = chain(10);
    request.edges.push({ id: 'long', from: 'b0', to: 'b9' });
    expect(layout(request).edges.long.length).toBeLessThanOrEqual(8);
  });

  it('makes a block of many boxes that are joined to nothing, or all to one', () => {
    const alone = chain(200);
    alone.edges = [];
    const star = chain(200);
    star.edges = star.boxes.slice(1).map((box, i) => ({ id: `e${i}`, from: 'b0', to: box.id }));
    for (const request of [alone, star]) {
      const { width, height } = layout(request);
      expect(width).toBeLessThan(3000);
      expect(height).toBeLessThan(3000);
    }
  });

  it('gives the same for the same', () => {
    const request = randomRequest(5, 'any');
    expect(layout(request)).toEqual(layout(JSON.parse(JSON.stringify(request))));
  });

  it('leaves what was there in its layer, order and place when a graph grows at its end', () => {
    for (let seed = 0; seed < 60; seed++) {
      const all = randomRequest(seed, 'forward');
      const count = Math.ceil(all.boxes.length * 0.8);
      const known = new Set(all.boxes.slice(0, count).map(box => box.id));
      const first = {
        ...all,
        boxes: all.boxes.slice(0, count),
        edges: all.edges.filter(edge => known.has(edge.from) && known.has(edge.to))
      };
      const before = layout(first);
      const after = layout({ ...all, before });
      expect([seed, overlaps(all, after)]).toEqual([seed, []]);
      // Within a layer the order stays, of boxes that were joined to something already.
      const joined = first.boxes.filter(box => before.boxes[box.id].layer >= 0);
      for (const a of joined) {
        for (const b of joined) {
          const [a0, b0, a1, b1] = [before.boxes[a.id], before.boxes[b.id], after.boxes[a.id], after.boxes[b.id]];
          const together = a0.y === b0.y && a1.y === b1.y && a0.layer === b0.layer && a1.layer === b1.layer;
          if (together && a0.x < b0.x) {
            expect([seed, a.id, b.id, a1.x < b1.x]).toEqual([seed, a.id, b.id, true]);
          }
        }
      }
    }
  });

  it('does not move a chain that grows', () => {
    const before = layout(chain(5));
    const after = layout({ ...chain(7), before });
    for (const id of Object.keys(before.boxes)) {
      expect(after.boxes[id]).toEqual(before.boxes[id]);
    }
  });

  it('comes to rest: laid out again from its own result nothing moves', () => {
    const request = randomRequest(17, 'forward');
    const first = layout({ ...request, before: layout(request) });
    const second = layout({ ...request, before: first });
    for (const [id, place] of Object.entries(first.boxes)) {
      expect(Math.abs(second.boxes[id].x - place.x)).toBeLessThanOrEqual(3);
      expect(second.boxes[id].y).toBe(place.y);
    }
  });

  it('takes sizes that are none, names of all kinds, and edges to nowhere', () => {
    const ids = ['a"b', '<b>x</b>', '🙂', 'constructor', 'a[...]'];
    const request: ILayoutRequest = {
      scope: '',
      boxes: ids.map((id, i) => ({ id, width: [NaN, Infinity, -1, 0, 60][i], height: NaN })),
      edges: [
        { id: 'lost', from: 'nobody', to: ids[0] },
        { id: 'nothing', from: '', to: '' },
        { id: 'e', from: ids[0], to: ids[1] }
      ]
    };
    for (const result of [layout(request), grid(request)]) {
      expect(Object.keys(result.boxes).sort()).toEqual(ids.slice().sort());
      expect(result.edges.lost).toEqual([]);
      expect(result.edges.nothing).toEqual([]);
      expect(JSON.stringify(result)).not.toContain('null');
    }
  });

  it('stops when asked', () => {
    expect(() => layout(chain(3), () => true)).toThrow('cancelled');
    expect(() => layout(chain(3), () => false)).not.toThrow();
  });

  it('can be done in small steps', () => {
    let count = 0;
    const work = steps(randomRequest(3, 'forward'));
    while (!work.next().done) {
      count++;
    }
    expect(count).toBeGreaterThan(10);
  });
});

describe('grid', () => {
  it('places all without overlap', () => {
    for (let seed = 0; seed < 30; seed++) {
      const request = randomRequest(seed, 'any');
      const result = grid(request);
      expect(overlaps(request, result)).toEqual([]);
      expect(Object.keys(result.edges)).toHaveLength(request.edges.length);
    }
  });
});
