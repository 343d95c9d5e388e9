import { readFileSync } from 'fs';
import { resolve } from 'path';
import { layout } from '../graph/layout';
import { finished } from '../graph/pieces';
import { buildScene } from '../graph/scene';
import { ILayoutRequest, INode } from '../graph/types';
import { Arranger } from '../views/graph/arrange';
import { ILabel, labelSteps } from '../views/graph/labels';
import { IPlacedEdge, Picture, TITLE } from '../views/graph/picture';
import { ends, PathPen, touches } from '../views/graph/shapes';

// The package's only other form is a module, which jest cannot load.
jest.mock('flatbush', () => jest.requireActual('../../node_modules/flatbush/flatbush.js'));

const deep = JSON.parse(readFileSync(resolve(__dirname, 'fixtures/deep.json'), 'utf8')) as INode[] | { nodes: INode[] };
const nodes = Array.isArray(deep) ? deep : deep.nodes;
const measure = (text: string, size: number) => text.length * size * 0.6;
const open = [...new Set(nodes.flatMap(({ name }) => (name.includes('/') ? [name.replace(/[^/]*$/, '')] : [])))];
const layouter = {
  lay: (requests: ILayoutRequest[]) => Promise.resolve(requests.map(request => layout(request))),
  cancel: () => undefined,
  dispose: () => undefined
};

async function pictureOf(list: readonly INode[], opened = open): Promise<Picture> {
  const rest = { foldSeries: true, setAside: false, aside: [], back: [], hiddenTypes: [], only: null };
  return (await new Arranger(layouter).arrange(buildScene(list, { open: opened, ...rest }, measure))) as Picture;
}

function areaOf({ x, y, width }: ILabel): [number, number, number, number] {
  return [x, y - 4, x + width, y + 4];
}

describe('labels of edges', () => {
  it('meet neither each other nor boxes nor lines', async () => {
    const picture = await pictureOf(nodes);
    const labels = finished(labelSteps(picture, measure));
    const labelled = picture.edges.filter(({ edge }) => edge.label !== '').length;
    expect(labels.size).toBeGreaterThan(20);
    expect(labels.size).toBeLessThanOrEqual(labelled);
    const areas = [...labels.values()].map(areaOf);
    areas.forEach(([x0, y0, x1, y1], k) => {
      const others = areas.slice(k + 1).filter(([a, b, c, d]) => x0 < c && x1 > a && y0 < d && y1 > b);
      const lines = picture.edges.filter(({ points }) => touches(points, x0, y0, x1, y1));
      const boxes = picture.boxesIn(x0, y0, x1, y1).filter(at => {
        const { box, y } = picture.boxes[at];
        return !box.open || y0 <= y + TITLE;
      });
      expect([others, lines, boxes]).toEqual([[], [], []]);
    });
  });

  it('stand at no tip or start where an edge of another shape meets theirs', async () => {
    const node = (name: string, inputs: number[], shape: number[]): INode => ({
      ...(nodes[0] as INode),
      ...{ name, type: 'Op', inputs, control: [], outputs: [{ dtype: 'float32', shape }], role: '' }
    });
    let shared = 0;
    const chain = Array.from({ length: 6 }, (_, k) => node(`box${k}`, k ? [k - 1, 0] : [], [784, k + 1]));
    const last = node('last', chain.map((_, k) => [k, 0]).flat(), [4]);
    for (const list of [nodes, [...chain, last]]) {
      const picture = await pictureOf(list, []);
      const labels = finished(labelSteps(picture, measure));
      const at = (points: readonly number[], end: boolean) => points.slice(...(end ? [-2] : [0, 2])).map(Math.round);
      const near = (a: readonly number[], b: readonly number[]) => a[0] === b[0] && a[1] === b[1];
      for (const [index, { y }] of labels) {
        const { edge, points } = picture.edges[index];
        const isEnd = Math.abs(y - points[points.length - 1]) < Math.abs(y - points[1]);
        const place = at(points, isEnd);
        const others = picture.edges.filter(other => near(at(other.points, isEnd), place));
        expect(new Set(others.map(other => other.edge.label))).toEqual(new Set([edge.label]));
      }
      for (const { points } of picture.edges) {
        shared += Number(picture.edges.filter(other => near(at(other.points, true), at(points, true))).length > 1);
      }
    }
    expect(shared).toBeGreaterThan(1);
  });

  it('say the same of what one box gives only once in a place', async () => {
    const node = (name: string, type: string, inputs: number[]): INode => ({
      ...(nodes[0] as INode),
      ...{ name, type, inputs, control: [], outputs: [{ dtype: 'float32', shape: [-1, 3] }], role: '' }
    });
    const list = [node('Square', 'Square', []), node('loss', 'Mean', [0, 0]), node('other', 'Neg', [0, 0])];
    list.push(node('third', 'Neg', [0, 0]), node('fourth', 'Add', [1, 0, 2, 0]));
    const picture = await pictureOf(list);
    const near = (a: ILabel, b: ILabel) => Math.abs(a.x - b.x) < 100 && Math.abs(a.y - b.y) < 100;
    const labels = [...finished(labelSteps(picture, measure))].filter(
      ([at]) => picture.edges[at].edge.from === 'Square'
    );
    expect(labels.length).toBeGreaterThan(0);
    const pairs = labels.flatMap(([, a], k) => labels.slice(k + 1).filter(([, b]) => near(a, b)));
    expect(pairs).toEqual([]);
  });

  it('are made in pieces, and none of nothing', async () => {
    const work = labelSteps(await pictureOf(nodes), measure);
    expect(work.next().done).toBe(false);
    expect(finished(labelSteps(await pictureOf([]), measure)).size).toBe(0);
    const wild = await pictureOf(nodes.slice(0, 40));
    expect(finished(labelSteps(wild, () => NaN)).size).toBeGreaterThanOrEqual(0);
  });
});

describe('lines', () => {
  const bent = [0, 0, 100, 60];

  it('meet areas where they are drawn', () => {
    expect(touches([10, 0, 10, 50], 5, 20, 15, 30)).toBe(true);
    expect(touches([10, 0, 10, 50], 11, 20, 15, 30)).toBe(false);
    expect(touches(bent, 45, 25, 55, 35)).toBe(true);
    expect(touches(bent, 0, 40, 30, 60)).toBe(false); // inside of what it spans, but beside the curve
    expect(touches(bent, 70, 0, 100, 20)).toBe(false);
    expect(touches(bent, 49.9, 0, 50.1, 60)).toBe(true);
    expect(touches([1, 2], 0, 0, 9, 9)).toBe(false);
    expect(touches([NaN, 0, 5, 9], 0, 0, 9, 9)).toBe(false);
  });

  it('end with a tip at boxes, with a dot where they cross a border', () => {
    const edge = { id: 'e', from: 'a', to: 'b', kind: 'data' as const, count: 1, bytes: 0, label: '' };
    const placed = (part: Partial<IPlacedEdge>): IPlacedEdge => ({
      ...{ edge, from: 0, to: 1, parent: -1, depth: 0, points: [0, 0, 0, 40] },
      ...part
    });
    const drawn = (part: Partial<IPlacedEdge>) => {
      const pen = new PathPen();
      ends(pen, placed(part), 1);
      return [(`${pen}`.match(/M/g) ?? []).length, `${pen}`.includes('Q')];
    };
    expect(drawn({})).toEqual([1, false]);
    expect(drawn({ to: -1, parent: 2 })).toEqual([1, true]);
    expect(drawn({ from: -1, parent: 2 })).toEqual([2, true]);
    expect(drawn({ points: [] })).toEqual([0, false]);
  });

  it('reach the border of the box that they lead to', async () => {
    const picture = await pictureOf(nodes);
    picture.edges.forEach(({ points, from, to }) => {
      const [source, target] = [picture.boxes[from], picture.boxes[to]];
      const [x, y] = points.slice(-2);
      if (target) {
        const behind = target.box.kind === 'series' && !target.box.open ? 6 : 0;
        expect(y).toBeCloseTo(target.y - behind, 3);
        expect(x).toBeGreaterThanOrEqual(target.x);
        expect(x).toBeLessThanOrEqual(target.x + target.w);
      }
      if (source) {
        expect(points[1]).toBeCloseTo(source.y + source.h, 3);
      }
    });
  });
});

describe('tips of edges', () => {
  it('are one where several come in at one point: of what ranks highest, else of the widest', async () => {
    const rest = { foldSeries: true, setAside: true, aside: [], back: [], hiddenTypes: [], only: null };
    const scene = buildScene(nodes, { open: [], ...rest }, measure);
    const picture = (await new Arranger(layouter).arrange(scene)) as Picture;
    const all = [...picture.edges.keys()];
    const endOf = (at: number) => {
      const { to, points } = picture.edges[at];
      return `${to} ${points.slice(-2).join(' ')}`;
    };
    const tips = (tipless: Set<number>) => all.filter(at => !tipless.has(at) && picture.edges[at].to >= 0);
    const left = tips(picture.tipless(all));
    expect(new Set(left.map(endOf)).size).toBe(left.length);
    expect(new Set(all.filter(at => picture.edges[at].to >= 0).map(endOf)).size).toBe(left.length);
    const step = all.filter(at => picture.edges[at].edge.to === 'Adam/' && picture.edges[at].edge.kind === 'reference');
    expect(step.length).toBeGreaterThan(4);
    const [tip] = step.filter(at => left.includes(at));
    expect(picture.edges[tip].edge.bytes).toBe(Math.max(...step.map(at => picture.edges[at].edge.bytes)));
    const last = step.find(at => at !== tip)!;
    expect(tips(picture.tipless(all, at => (at === last ? 1 : 0)))).toContain(last);
  });
});
