import { readFileSync } from 'fs';
import { resolve } from 'path';
import { layout } from '../graph/layout';
import { buildScene } from '../graph/scene';
import { ILayoutRequest, ILayoutResult, INode, IScene, ISceneOptions } from '../graph/types';
import { Theme } from '../theme';
import { anchorOf, firstCamera, foundView, keptView } from '../views/graph/anchor';
import { Arranger, openScopes } from '../views/graph/arrange';
import { colorBoxes } from '../views/graph/coloring';
import { devicesOf } from '../views/graph/devices';
import { fileName, jsonOf, pngOf, svgOf } from '../views/graph/export';
import { neighbour } from '../views/graph/navigate';
import { ILook, moves, Painter } from '../views/graph/painter';
import { Picture } from '../views/graph/picture';
import { inSlices } from '../views/graph/slices';

// The package's only other form is a module, which jest cannot load.
jest.mock('flatbush', () => jest.requireActual('../../node_modules/flatbush/flatbush.js'));

const deep = JSON.parse(readFileSync(resolve(__dirname, 'fixtures/deep.json'), 'utf8')) as INode[] | { nodes: INode[] };
const nodes = Array.isArray(deep) ? deep : deep.nodes;
const OPTIONS: ISceneOptions = {
  open: [],
  foldSeries: true,
  setAside: true,
  aside: [],
  back: [],
  hiddenTypes: [],
  only: null
};
const measure = (text: string, size: number) => text.length * size * 0.6;
const TEXTS = {
  none: 'none',
  several: 'several',
  others: 'others',
  same: (label: string, n: number) => `${n} ${label}`
};

class Layouts {
  asked: ILayoutRequest[] = [];
  cancelled = 0;
  lay(requests: ILayoutRequest[]): Promise<ILayoutResult[]> {
    this.asked.push(...requests);
    return Promise.resolve(requests.map(request => layout(request)));
  }
  cancel(): void {
    this.cancelled++;
  }
  dispose(): void {
    this.asked = [];
  }
}

function sceneOf(list: readonly INode[], options: Partial<ISceneOptions> = {}): IScene {
  return buildScene(list, { ...OPTIONS, ...options }, measure);
}

async function pictureOf(list: readonly INode[], options: Partial<ISceneOptions> = {}): Promise<Picture> {
  return (await new Arranger(new Layouts()).arrange(sceneOf(list, options))) as Picture;
}

function op(name: string, inputs: number[] = [], role = '', dtype = 'float32'): INode {
  const outputs = [{ dtype, shape: [4, 4] }];
  return {
    name,
    type: name.replace(/.*\//, ''),
    inputs: inputs.flatMap(k => [k, 0]),
    control: [],
    outputs,
    device: '',
    role
  };
}

const ALL_OPEN = [...new Set(nodes.flatMap(({ name }) => (name.includes('/') ? [name.replace(/[^/]*$/, '')] : [])))];
const SMALL = [op('x'), op('s/a', [0]), op('s/b', [1]), op('s/c', [1]), op('y', [2, 3]), op('z', [4])];

function lookAt(picture: Picture, part: Partial<ILook> = {}): ILook {
  return {
    colors: new Theme().colors,
    fills: [],
    roles: picture.boxes.map(() => ''),
    selected: -1,
    hovered: -1,
    lit: null,
    found: new Set(),
    marked: new Set(),
    failed: new Set(),
    labels: new Map(),
    before: null,
    progress: 1,
    focused: false,
    ...part
  };
}

describe('a picture', () => {
  it('has contents inside their box, below its title, and nothing else on top of each other', async () => {
    const picture = await pictureOf(nodes, { open: ALL_OPEN });
    expect(picture.boxes.some(({ depth }) => depth > 1)).toBe(true);
    picture.boxes.forEach(({ parent, x, y, w, h, depth }, at) => {
      const around = picture.boxes[parent];
      expect(parent).toBeLessThan(at);
      if (around) {
        expect(depth).toBe(around.depth + 1);
        expect(x).toBeGreaterThanOrEqual(around.x);
        expect(y).toBeGreaterThanOrEqual(around.y + 20);
        expect(x + w).toBeLessThanOrEqual(around.x + around.w + 0.01);
        expect(y + h).toBeLessThanOrEqual(around.y + around.h + 0.01);
      }
      for (const other of picture.boxesIn(x + 1, y + 1, x + w - 1, y + h - 1)) {
        const inside = picture.boxes[other];
        expect(other === at || inside.depth !== depth).toBe(true);
      }
    });
  });

  it('finds the innermost box at a point', async () => {
    const picture = await pictureOf(SMALL, { open: ['s/'] });
    const inner = picture.boxes[picture.index('s/a')];
    expect(picture.hit(inner.x + 2, inner.y + 2)).toBe(picture.index('s/a'));
    const outer = picture.boxes[picture.index('s/')];
    expect(picture.hit(outer.x + 2, outer.y + 2)).toBe(picture.index('s/'));
    expect(picture.hit(-50, -50)).toBe(-1);
    expect(picture.index('gone')).toBe(-1);
  });

  it('knows the edges of a box', async () => {
    const picture = await pictureOf(SMALL, { open: ['s/'] });
    const ends = picture.edgesOf(picture.index('s/a')).map(k => picture.edges[k].edge.to);
    expect(ends).toEqual(expect.arrayContaining(['s/b', 's/c', 's/a']));
    expect(picture.edgesOf(-1)).toEqual([]);
    picture.edges.forEach(({ points }) => expect(points.every(isFinite)).toBe(true));
  });

  it('may be empty, or one box', async () => {
    const none = await pictureOf([]);
    expect([none.boxes.length, none.hit(0, 0), none.boxesIn(0, 0, 9, 9)]).toEqual([0, -1, []]);
    expect(neighbour(none, -1, 'down')).toBe(-1);
    const one = await pictureOf([op('<b>"x"</b> 😀')]);
    expect(one.boxes).toHaveLength(1);
    expect(['up', 'down', 'left', 'right'].map(way => neighbour(one, 0, way as 'up'))).toEqual([-1, -1, -1, -1]);
  });
});

describe('arranging', () => {
  it('lays out from the inside to the outside, and again only what changed', async () => {
    const layouts = new Layouts();
    const arranger = new Arranger(layouts);
    await arranger.arrange(sceneOf(SMALL, { open: ['s/'] }));
    expect(layouts.asked.map(({ scope }) => scope)).toEqual(['s/', '']);
    expect(openScopes(sceneOf(SMALL, { open: ['s/'] }))).toEqual([[''], ['s/']]);
    layouts.asked = [];
    await arranger.arrange(sceneOf(SMALL, { open: ['s/'] }));
    expect(layouts.asked).toEqual([]);
    await arranger.arrange(sceneOf([...SMALL, op('w', [5])], { open: ['s/'] }));
    expect(layouts.asked.map(({ scope }) => scope)).toEqual(['']);
    expect(layouts.asked[0].before?.scope).toBe('');
  });

  it('forgets what a newer scene replaced', async () => {
    const arranger = new Arranger(new Layouts());
    const [old, now] = [arranger.arrange(sceneOf(SMALL)), arranger.arrange(sceneOf(nodes))];
    expect(await old).toBeNull();
    expect((await now)?.boxes.length).toBeGreaterThan(3);
  });

  it('tells of a layout that fails, but not of one that was cancelled for a newer one', async () => {
    const layouts = new Layouts();
    const arranger = new Arranger(layouts);
    layouts.lay = () => Promise.reject(new Error('no room'));
    await expect(arranger.arrange(sceneOf(SMALL))).rejects.toThrow('no room');
    const old = arranger.arrange(sceneOf(SMALL));
    arranger.clear();
    expect(await old).toBeNull();
  });
});

describe('arrow keys', () => {
  it('go along edges, into and out of scopes', async () => {
    const picture = await pictureOf(SMALL, { open: ['s/'] });
    const go = (from: string, way: 'up' | 'down' | 'left' | 'right') =>
      picture.boxes[neighbour(picture, picture.index(from), way)]?.id;
    expect(go('x', 'down')).toBe('s/');
    expect(go('s/', 'down')).toBe('s/a');
    expect(['s/b', 's/c']).toContain(go('s/a', 'down'));
    expect(go('s/b', 'down')).toBe('y');
    expect(go('s/b', 'up')).toBe('s/a');
    expect(go('s/a', 'up')).toBe('s/');
    expect(go('s/', 'up')).toBe('x');
    expect(go('x', 'up')).toBeUndefined();
    expect(go('z', 'down')).toBeUndefined();
    const beside = [go('s/b', 'left'), go('s/b', 'right')].filter(id => id !== undefined);
    expect(beside).toEqual(['s/c']);
    expect(picture.boxes[neighbour(picture, -1, 'down')].id).toBe('x');
  });

  it('begin in sight, in the largest part, and reach and leave what no edge leads to', async () => {
    const main = [op('x'), op('s/a', [2]), op('s/b', [3]), op('s/c', [3]), op('y', [4, 5]), op('z', [6])];
    const picture = await pictureOf([op('alone'), op('far'), ...main]);
    const { boxes } = picture;
    expect(boxes[neighbour(picture, -1, 'right', ({ id }) => id === 'far')].id).toBe('far');
    expect(boxes[neighbour(picture, -1, 'right', () => false)].id).toBe('x');
    const ways = ['up', 'down', 'left', 'right'] as const;
    const reached = new Set<number>([picture.index('x')]);
    for (const at of reached) {
      ways.map(way => neighbour(picture, at, way)).forEach(next => next >= 0 && reached.add(next));
    }
    expect(reached.size).toBe(boxes.length);
    expect(ways.map(way => neighbour(picture, picture.index('alone'), way)).some(next => next >= 0)).toBe(true);
  });

  it('lead down along edges, and with steps aside between never round in a circle', async () => {
    // A source in the middle, beside which lies what is above and below.
    const row = [op('a'), op('b', [0]), op('c', [1]), op('w'), op('d', [2, 3]), op('e', [1]), op('f', [4, 5])];
    for (const picture of [await pictureOf(row), await pictureOf(nodes)]) {
      const walk: number[] = [];
      for (let k = 0, at = -1; k < 40; k++) {
        const next = neighbour(picture, at, k % 2 ? 'down' : 'right');
        if (next >= 0) {
          walk.push((at = next));
        }
      }
      expect([walk.length > 3, new Set(walk).size]).toEqual([true, walk.length]);
    }
  });
});

describe('what stays in its place', () => {
  it('is what was clicked, where it is in sight, else what is in the middle', async () => {
    const before = await pictureOf(SMALL);
    const after = await pictureOf(SMALL, { open: ['s/'] });
    const all = { x: 0, y: 0, w: before.width, h: before.height };
    expect(anchorOf(before, after, all, ['', 's/'])).toBe('s/');
    expect(anchorOf(before, after, { x: -9000, y: -9000, w: 10, h: 10 }, ['s/'])).not.toBe('');
    const last = before.boxes[before.index('z')];
    expect(anchorOf(before, after, { x: last.x, y: last.y, w: last.w, h: last.h }, ['gone'])).toBe('z');
    expect(anchorOf(await pictureOf([]), after, all, [])).toBe('');
  });

  it('is of those that moved as most did, not the one in the middle that moved otherwise', async () => {
    const before = await pictureOf([op('a'), op('b'), op('c')]);
    const moved = before.boxes.map(one => ({ ...one, x: one.x + (one.id === 'b' ? 70 : 5) }));
    const after = await inSlices(Picture.steps(before.scene, moved, [], before.width + 70, before.height), () => true);
    const [{ x, y, w, h }] = before.boxes.filter(({ id }) => id === 'b');
    expect(anchorOf(before, after!, { x: x - 500, y: y - 500, w: w + 1000, h: h + 1000 }, [])).not.toBe('b');
    expect(anchorOf(before, after!, { x, y, w, h }, [])).toBe('b');
  });

  it('is found again where the graph is laid out otherwise', async () => {
    const [before, after] = [await pictureOf(SMALL), await pictureOf([op('x'), op('more'), ...SMALL.slice(1)])];
    const last = before.boxes[before.index('z')];
    const kept = keptView(before, { x: last.x - 5, y: last.y - 5, scale: 1 }, 80, 40);
    expect(kept.seen?.id).toBe('z');
    const now = after.boxes[after.index('z')];
    expect(foundView(after, kept)).toEqual({ x: now.x - 5, y: now.y - 5, scale: 1 });
    expect(foundView(await pictureOf([op('other')]), kept)).toBeNull();
    expect(foundView(after, { camera: null, seen: kept.seen })).toBeNull();
  });

  it('is at first the top of the graph', async () => {
    const picture = await pictureOf(nodes, { open: ALL_OPEN });
    const camera = firstCamera(picture, 500, 700, 0.6);
    expect(camera.scale).toBeGreaterThanOrEqual(0.6);
    // Whole, where that is a little smaller.
    const room = (scale: number) => firstCamera(picture, picture.width * scale + 48, picture.height * scale + 48, 0.6);
    expect([room(0.5).scale, room(0.4).scale]).toEqual([expect.closeTo(0.5, 6), 0.6]);
    expect(
      picture.boxesIn(camera.x, camera.y, camera.x + 500 / camera.scale, camera.y + 700 / camera.scale)
    ).not.toEqual([]);
  });
});

describe('colours', () => {
  const { colors } = new Theme();
  const times = (micros: number[]) => ({
    graph: 'g',
    session: 's',
    step: 1,
    nodes: micros.map((_, k) => k),
    micros,
    bytes: micros,
    shapes: [],
    devices: micros.map(() => '/cpu:0')
  });

  it('tell types of data, devices and what was measured', async () => {
    const list = [op('a', [], '', 'float32_ref'), op('b', [0], '', 'int32'), { ...op('c', [0]), device: '/gpu:0' }];
    const picture = await pictureOf(list, { setAside: false });
    const by = (what: Parameters<typeof colorBoxes>[3], measured: ReturnType<typeof times> | null = null) =>
      colorBoxes(picture, list, measured, what, colors, TEXTS, devicesOf(list, null, measured));
    expect(
      by('dtype')
        .entries.map(({ text }) => text)
        .sort()
    ).toEqual(['float32', 'int32']);
    expect(by('device').entries.map(({ text }) => text)).toEqual(['/gpu:0']);
    expect(by('device', times([1, 1])).entries.map(({ text }) => text)).toEqual(['/cpu:0', '/gpu:0']);
    // Where it ran counts, not where it was asked to.
    expect(by('device', times([1, 1, 1])).entries.map(({ text }) => text)).toEqual(['/cpu:0']);
    expect(by('none').entries).toEqual([]);
    expect(by('time').unmeasured).toBe(true);
    expect(by('time', times([1, 3000, 2])).entries.map(({ text }) => text)).toEqual(['0 µs', '3 ms']);
  });

  it('bear times that are no numbers', async () => {
    const picture = await pictureOf(SMALL);
    const odd = times([NaN, Infinity, -3, 0, NaN, 0]);
    const { fills, entries } = colorBoxes(picture, SMALL, odd, 'memory', colors, TEXTS);
    expect(entries).toEqual([]);
    expect(fills.join('')).toBe('');
  });

  it('tell structures that repeat', async () => {
    const list = ['p', 'q'].flatMap((s, k) => [op(`${s}/a`, k ? [1] : []), op(`${s}/b`, [2 * k])]);
    const picture = await pictureOf(list, { foldSeries: false });
    const { fills, entries } = colorBoxes(picture, list, null, 'structure', colors, TEXTS);
    expect(entries.map(({ text }) => text)).toEqual(['2 p']);
    expect(fills[picture.index('p/')]).toBe(fills[picture.index('q/')]);
  });
});

describe('drawing', () => {
  function draw(picture: Picture, scale: number, part: Partial<ILook> = {}): jest.Mocked<CanvasRenderingContext2D> {
    const context = document.createElement('canvas').getContext('2d') as jest.Mocked<CanvasRenderingContext2D>;
    new Painter().paint(context, picture, { x: 0, y: 0, scale }, 600, 800, 1, lookAt(picture, part));
    return context;
  }

  it('writes labels only where they can be read', async () => {
    const picture = await pictureOf(SMALL);
    expect(draw(picture, 1).fillText.mock.calls.length).toBeGreaterThan(3);
    expect(draw(picture, 0.2).fillText).not.toHaveBeenCalled();
  });

  it('draws only what is in sight', async () => {
    const picture = await pictureOf(SMALL);
    const context = document.createElement('canvas').getContext('2d') as jest.Mocked<CanvasRenderingContext2D>;
    new Painter().paint(context, picture, { x: 1e5, y: 1e5, scale: 1 }, 600, 800, 1, lookAt(picture));
    expect(context.fillText).not.toHaveBeenCalled();
  });

  it('lets fade only what hangs on boxes on their way', async () => {
    const picture = await pictureOf(SMALL);
    const still = new Map(picture.boxes.map(({ id, x, y, w, h }) => [id, { x, y, w, h }]));
    const alphas = (before: Map<string, { x: number; y: number; w: number; h: number }>) => {
      const context = document.createElement('canvas').getContext('2d') as jest.Mocked<CanvasRenderingContext2D>;
      const seen: number[] = [];
      context.stroke = jest.fn(() => seen.push(context.globalAlpha)) as never;
      new Painter().paint(
        context,
        picture,
        { x: 0, y: 0, scale: 1 },
        600,
        800,
        1,
        lookAt(picture, { before, progress: 0.5 })
      );
      return seen;
    };
    expect(alphas(still).every(alpha => alpha === 1)).toBe(true);
    expect(alphas(new Map(still).set('z', { x: 999, y: 0, w: 1, h: 1 }))).toEqual(expect.arrayContaining([0.25, 1]));
    expect(moves({ x: 0, y: 0, w: 1, h: 1 }, undefined)).toBe(true);
    expect(moves({ x: 0, y: 0, w: 1, h: 1 }, { x: 0.2, y: 0, w: 1, h: 1 })).toBe(false);
    expect(moves({ x: 0, y: 0, w: 1, h: 1 }, { x: 0, y: 0, w: 1, h: 2 })).toBe(true);
  });

  it('writes shapes where room was found', async () => {
    const picture = await pictureOf(SMALL);
    const labels = new Map([[0, { x: 1, y: 2, width: 9 }]]);
    const texts = (scale: number) => draw(picture, scale, { labels }).fillText.mock.calls.map(([text]) => text);
    expect(texts(1)).toContain(picture.edges[0].edge.label);
    expect(texts(0.6)).not.toContain(picture.edges[0].edge.label);
    expect(svgOf(picture, lookAt(picture, { labels }), measure)).toContain(`>${picture.edges[0].edge.label}</text>`);
  });

  it('bears every state at once, and boxes on their way', async () => {
    const picture = await pictureOf(nodes, { open: ALL_OPEN });
    const some = new Set([0, 1, 2]);
    const before = new Map(picture.boxes.slice(0, 5).map(({ id }) => [id, { x: 0, y: 0, w: 10, h: 10 }]));
    const state = { selected: 1, hovered: 2, lit: some, found: some, marked: some, failed: some, focused: true };
    expect(() => draw(picture, 1, { ...state, before, progress: 0.3 })).not.toThrow();
    expect(() => draw(picture, 0.05, state)).not.toThrow();
  });
});

describe('files', () => {
  it('hold the picture as SVG that any XML reader takes', async () => {
    const picture = await pictureOf([
      op('<script>"\'&😀\u0001/a'),
      op('b', [0], 'variable'),
      op('c', [1, 1], 'training')
    ]);
    const text = svgOf(picture, lookAt(picture), measure);
    const parsed = new DOMParser().parseFromString(text, 'image/svg+xml');
    expect(parsed.querySelector('parsererror')).toBeNull();
    expect(parsed.querySelector('script')).toBeNull();
    expect(parsed.querySelectorAll('path').length).toBeGreaterThanOrEqual(picture.boxes.length);
    expect(text).not.toMatch(/NaN/);
    const all = await pictureOf(nodes, { open: ALL_OPEN });
    const large = new DOMParser().parseFromString(svgOf(all, lookAt(all), measure), 'image/svg+xml');
    expect(large.querySelectorAll('text').length).toBeGreaterThanOrEqual(all.boxes.length);
  });

  it('show nothing of the moment: what is searched, selected or pointed at', async () => {
    const picture = await pictureOf(nodes);
    const look = lookAt(picture);
    const moment = {
      selected: 0,
      hovered: 1,
      lit: new Set([0]),
      found: new Set([0]),
      marked: new Set([1]),
      focused: true
    };
    expect(svgOf(picture, { ...look, ...moment }, measure)).toBe(svgOf(picture, look, measure));
    const painted: ILook[] = [];
    const paint = jest.spyOn(Painter.prototype, 'paint').mockImplementation((...all) => void painted.push(all[6]));
    jest.spyOn(HTMLCanvasElement.prototype, 'toBlob').mockImplementation(done => done(new Blob()));
    await pngOf(picture, { ...look, ...moment });
    await pngOf(picture, look);
    expect(painted[0]).toEqual(painted[1]);
    expect(painted[0].failed).toBe(look.failed);
    paint.mockRestore();
  });

  it('hold nothing where there is nothing', async () => {
    const none = await pictureOf([]);
    expect(await pngOf(none, lookAt(none))).toBeNull();
    expect(svgOf(none, lookAt(none), measure)).toContain('</svg>');
  });

  it('have names that every system takes', () => {
    expect([fileName('deep', ''), fileName('my net/2', 'a b'), fileName('', '../x.'), fileName('größe', '')]).toEqual([
      'deep-graph',
      'my-net-2-graph-a-b',
      'graph-x',
      'größe-graph'
    ]);
    const info = { id: 'g', size: 1, labels: [], default: true };
    const graph = { info, nodes: [], files: [], executions: [], byName: new Map(), times: null };
    expect(JSON.parse(jsonOf(graph)).graph).toBe('g');
  });
});
