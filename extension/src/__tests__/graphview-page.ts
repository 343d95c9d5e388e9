import { StandIn, trans } from './page';
import { MessageLoop } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import { layout } from '../graph/layout';
import { ILayoutRequest } from '../graph/types';
import { Ask, Model } from '../model';
import { IExecution, IGraphInfo, IGraphNode, IReply } from '../protocol';
import { Theme } from '../theme';
import { ViewState } from '../viewstate';
import { GraphView } from '../views/graph/view';

/** A small operation; `inputs` are indices of operations. */
export function op(name: string, inputs: number[] = [], part: Partial<IGraphNode> = {}): IGraphNode {
  const outputs = [{ dtype: 'float32', shape: [4, 4] }];
  const rest = { control: [], outputs, device: '', role: '' as const, file: 0, line: 1, ...part };
  return { name, type: 'Op', inputs: inputs.flatMap(k => [k, 0]), ...rest };
}

/** A graph with one scope. */
export const SMALL = [op('x'), op('s/a', [0]), op('s/b', [1]), op('y', [2], { line: 7 })];
export const FILES = [
  { file: 'cell', cell: 'c1', count: 5 },
  { file: '/m/layers.py', cell: null, count: null }
];

/** The graph view in a page, with a model that a test fills, and what it did to the application around it. */
export class Page {
  model = new Model();
  state: ViewState;
  host = new StandIn();
  asked: Ask[] = [];
  view: GraphView;

  constructor(state = {}) {
    this.state = new ViewState(state);
    this.model.send = command => {
      this.asked.push(command);
      const node = {
        graph: '',
        name: '',
        attributes: [{ name: 'k', value: '<i>3</i>' }],
        placed: '/cpu:0',
        description: ''
      };
      return Promise.resolve({ reply: { v: 1, id: '', node } as IReply, buffers: [] });
    };
    const layouter = {
      lay: (requests: ILayoutRequest[]) => Promise.resolve(requests.map(request => layout(request))),
      cancel: () => undefined,
      dispose: () => undefined
    };
    const { model, host, state: kept } = this;
    this.view = new GraphView({ model, state: kept, theme: new Theme(), trans, host }, layouter);
    Widget.attach(this.view, document.body);
    MessageLoop.sendMessage(this.view.canvas, new Widget.ResizeMessage(600, 800));
  }

  get moved() {
    return this.host.cursorMoved;
  }

  get revealed() {
    return this.host.revealed;
  }

  get saved(): [string, Blob][] {
    return this.host.saved.map(({ name, data }) => [name, data]);
  }

  greet(info: Partial<IGraphInfo> = {}, ...more: IGraphInfo[]): void {
    const graph = { id: 'g', size: SMALL.length, labels: [], default: true, ...info };
    const sessions = [{ id: 's', graph: 'g', labels: [], devices: [], runs: 1 }];
    const run = this.model.run;
    this.model.greet({ v: 1, version: '', lease: 5, run, graphs: [graph, ...more], sessions, series: [], runs: [] });
  }

  async load(
    nodes: IGraphNode[] = SMALL,
    graph = 'g',
    size = nodes.length,
    executions: IExecution[] = []
  ): Promise<void> {
    const first = this.model.graphs.get(graph)?.nodes.length ?? 0;
    this.model.takeChunk({ graph, first, size, nodes: nodes.slice(first), files: FILES, executions });
    await this.settle();
  }

  /** Lets timers, promises and frames run. */
  async settle(): Promise<void> {
    for (let k = 0; k < 4; k++) {
      await jest.advanceTimersByTimeAsync(150);
    }
  }

  find<T extends HTMLElement>(selector: string): T {
    const found = this.view.node.querySelector<T>(selector);
    if (!found) {
      throw new Error(`There is no ${selector}`);
    }
    return found;
  }

  text(selector: string): string {
    return this.find(selector).textContent ?? '';
  }

  key(key: string, on: HTMLElement = this.view.canvas.canvas): void {
    on.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
  }

  get ids(): string[] {
    return (this.view.store.picture?.boxes ?? []).map(({ id }) => id);
  }

  mouse(type: string, x: number, y: number, more = {}): void {
    const event = new MouseEvent(type, { clientX: x, clientY: y, bubbles: true, ...more });
    this.view.canvas.canvas.dispatchEvent(event);
  }

  place(id: string): { x: number; y: number } {
    const { picture } = this.view.store;
    const box = picture?.boxes[picture.index(id)] ?? { x: NaN, y: NaN };
    const { x, y, scale } = this.view.canvas.camera;
    return { x: (box.x - x) * scale, y: (box.y - y) * scale };
  }

  click(id: string): void {
    const { x, y } = this.place(id);
    this.mouse('pointerdown', x + 30, y + 8);
    this.mouse('pointerup', x + 30, y + 8);
  }
}
