import { StandIn, trans } from './page';
import { readFileSync } from 'fs';
import { resolve } from 'path';
import { DataGrid } from '@lumino/datagrid';
import { Widget } from '@lumino/widgets';
import { Model } from '../model';
import { IValueRow } from '../protocol';
import { Theme } from '../theme';
import { ViewState } from '../viewstate';
import { TableMouse } from '../views/values/tablekeys';
import { ValuesTable } from '../views/values/table';
import { ValuesView } from '../views/values/view';

const RUN = { state: 'idle' as const, session: 's', steps: 5, runs: 5, rate: 1, since: 0, cell: null };
const TENSORS = Array.from({ length: 9 }, (_, i) => `layer${i}/weights`);

function row(name: string, more: Partial<IValueRow> = {}): IValueRow {
  return { name, node: 0, dtype: 'float32', shape: [4], initialized: true, trainable: true, pinned: false, ...more };
}

async function frames(): Promise<void> {
  await new Promise(done => setTimeout(done, 120));
}

describe('room for an opened tensor', () => {
  let view: ValuesView;
  let model: Model;

  const make = (kept = {}, width = 600) => {
    model = new Model();
    view = new ValuesView({ model, state: new ViewState(kept), theme: new Theme(), trans, host: new StandIn() });
    Object.defineProperty(view.node, 'clientWidth', { value: width });
    const sessions = [{ id: 's', graph: 'g', labels: ['sess'], devices: [], runs: 1 }];
    model.tick({ v: 1, type: 'tick', seq: 0, time: 0, run: RUN, sessions }, []);
    Widget.attach(view, document.body);
  };
  const table = async (count: number) => {
    const rows = TENSORS.slice(0, count).map(name => row(name));
    const statistics = new Float64Array(rows.length * 9).fill(1);
    const shape = [rows.length, 9];
    const values = { session: 's', step: 5, rows, statistics: { buffer: 0, dtype: 'float64' as const, shape } };
    model.tick({ v: 1, type: 'tick', seq: 0, time: 0, run: RUN, values }, [statistics.buffer]);
    await frames();
  };
  const most = () => view.node.querySelector<HTMLElement>('.jp-glnb-values-upper')!.style.maxHeight;

  afterEach(() => {
    view?.dispose();
    jest.restoreAllMocks();
    document.body.replaceChildren();
  });

  it('is what the lines of the table do not need', async () => {
    make();
    await table(1);
    expect(most()).toBe('');
    view.openTensor(TENSORS[0]);
    const one = parseFloat(most());
    expect(one).toBeGreaterThan(20);
    expect(one).toBeLessThan(90);
    await table(3);
    const three = parseFloat(most());
    expect(three - one).toBeCloseTo(one, 0); // a line and the headings, then two lines more
    view.node.querySelector<HTMLElement>('.jp-glnb-values-close')!.click();
    expect(most()).toBe('');
  });

  it('is not taken from a table beside it', async () => {
    make({}, 1200);
    await table(1);
    view.openTensor(TENSORS[0]);
    expect(most()).toBe('');
  });

  it('leaves nothing of the histograms behind the statistics', () => {
    const style = readFileSync(resolve(__dirname, '../../style/values.css'), 'utf8');
    const [, rules] = /\.jp-glnb-values-statistics \{([^}]*)\}/.exec(style) ?? [];
    expect(rules).toContain('display: flex');
    expect(rules).not.toContain('position');
  });

  it('shows the tab of the tensor that was open last', async () => {
    jest.spyOn(Element.prototype, 'getBoundingClientRect').mockImplementation(function (this: Element) {
      const strip = this.closest('.jp-glnb-values-tabs');
      if (!strip) {
        return new DOMRect(0, 0, 600, 400);
      }
      const at = this === strip ? 0 : 100 * [...strip.children].indexOf(this) - strip.scrollLeft;
      return { left: at, right: at + (this === strip ? 300 : 100) } as DOMRect;
    });
    make({ 'values.open': TENSORS, 'values.active': TENSORS[6] });
    await table(9);
    const strip = view.node.querySelector('.jp-glnb-values-tabs')!;
    expect(strip.querySelector('[aria-selected=true]')!.textContent).toContain('layer6');
    expect(strip.scrollLeft).toBe(400);
    (strip.children[1] as HTMLElement).click();
    expect(strip.scrollLeft).toBe(100);
    (strip.children[2] as HTMLElement).click();
    expect(strip.scrollLeft).toBe(100); // in sight already
    strip.scrollLeft = 0;
    view.hide();
    view.openTensor(TENSORS[8]);
    strip.scrollLeft = 0;
    view.show();
    expect(strip.scrollLeft).toBe(600);
  });

  it('is given to names, though the table is narrow, and not taken away by a filter', async () => {
    jest
      .spyOn(CanvasRenderingContext2D.prototype, 'measureText')
      .mockImplementation(text => ({ width: 7 * text.length }) as TextMetrics);
    const shown = new ValuesTable(new Theme(), trans);
    Object.defineProperty(shown.node, 'clientWidth', { value: 230 });
    const resized = jest.spyOn(DataGrid.prototype, 'resizeColumn');
    const wide = () => resized.mock.calls.filter(([region]) => region === 'row-header').pop()?.[2];
    const rows = ['w:0', 'layer1/weights'].map(name => ({ ...row(name), statistics: null, count: 4 }));
    shown.setRows(rows as never);
    expect(wide()).toBe(14 * 7 + 14);
    shown.setRows(rows.slice(0, 1) as never);
    expect(wide()).toBe(14 * 7 + 14);
    shown.setRows([{ ...rows[0], name: 'a/very/long/name/of/a/variable' }] as never);
    expect(wide()).toBeCloseTo(230 * 0.6);
    shown.dispose();
  });

  it('says what a cell of the table has no room for where the mouse rests on it', () => {
    const shown = new ValuesTable(new Theme(), trans);
    const problem = "Looking must change nothing, but Enqueue 'q', which it would run, changes a queue";
    shown.setRows([{ ...row('q:0', { problem }), statistics: null, count: 4 } as never]);
    const mouse = new TableMouse(shown);
    const node = document.createElement('div');
    const hover = (region: string, column: number) => {
      const grid = { hitTest: () => ({ region, row: 0, column, x: 50, width: 100 }), viewport: { node } };
      jest.spyOn(Object.getPrototypeOf(TableMouse.prototype), 'onMouseHover').mockImplementation(() => undefined);
      mouse.onMouseHover(grid as unknown as DataGrid, new MouseEvent('mousemove'));
      return node.title;
    };
    expect(hover('body', 0)).toBe(problem);
    expect(hover('row-header', 0)).toContain('q:0');
    expect(hover('void', 0)).toBe('');
    shown.dispose();
  });
});
