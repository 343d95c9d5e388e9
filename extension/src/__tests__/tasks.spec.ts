import { trans, StandIn, until } from './page';
import { readFileSync } from 'fs';
import { resolve } from 'path';
import { Widget } from '@lumino/widgets';
import { Model } from '../model';
import { IRunLanes, ITick } from '../protocol';
import { Theme } from '../theme';
import { ViewState } from '../viewstate';
import { planOf, shiftsOf, ticksOf } from '../views/tasks/plan';
import { formatBytes, formatTime, headText, shortTask } from '../views/tasks/texts';
import { TasksView } from '../views/tasks/view';

const fixtures = JSON.parse(readFileSync(resolve(__dirname, '../../../tests/fixtures/protocol.json'), 'utf8')) as {
  about: string;
  message: ITick;
}[];
const tick = fixtures.find(({ about }) => about === 'what the tasks of a cluster did')?.message as ITick;
const lanes = (tick.lanes as IRunLanes[])[0];

describe('plan', () => {
  it('moves lanes so that nothing arrives before it was sent', () => {
    // The worker has what the parameter task sent at 0.75 only half a millisecond after its own beginning.
    expect(shiftsOf(lanes.lanes)).toEqual([0, 0.25]);
    const plan = planOf(lanes);
    expect(plan.arrows).toEqual([
      { from: 0, to: 1, begins: 0.75, ends: 0.75, bytes: 48 },
      { from: 1, to: 0, begins: 2.25, ends: 3.5, bytes: 24 }
    ]);
    expect(plan.rows[1].bars.map(({ kind, begins }) => [kind, begins])).toEqual([
      ['wait', 0.25],
      ['compute', 0.75]
    ]);
    expect(plan.ends).toBe(4.25);
  });

  it('leaves lanes without letters, and letters to tasks that are not told of', () => {
    const alone = { ...lanes, lanes: [{ ...lanes.lanes[0], computes: [], waits: [] }] };
    expect(planOf(alone).arrows).toEqual([]);
    expect(planOf(alone).ends).toBeGreaterThan(0);
    expect(planOf({ ...lanes, lanes: [] }).rows).toEqual([]);
  });

  it('ends on circles of letters that no clocks could explain', () => {
    const [ps, worker] = lanes.lanes;
    const late = { ...worker, sends: [{ ...worker.sends[0], at: 9 }] };
    expect(shiftsOf([ps, late]).every(Number.isFinite)).toBe(true);
  });

  it('finds round numbers for an axis', () => {
    expect(ticksOf(4.25, 5)).toEqual([0, 1, 2, 3, 4]);
    expect(ticksOf(100, 3)).toEqual([0, 50, 100]);
    expect(ticksOf(0.001, 1)).toHaveLength(2);
  });
});

describe('texts', () => {
  it('have units that one would say', () => {
    expect([0, 0.012, 1.234, 2500].map(time => formatTime(time, trans))).toEqual(['0 ms', '12 µs', '1.23 ms', '2.5 s']);
    expect([12, 1500, 2.5e6, 3e9].map(bytes => formatBytes(bytes, trans))).toEqual([
      '12 B',
      '1.5 kB',
      '2.5 MB',
      '3 GB'
    ]);
    expect([shortTask('/job:ps/task:0'), shortTask('other')]).toEqual(['ps 0', 'other']);
  });

  it('say whether one run or the last of several is shown', () => {
    expect(headText(lanes, trans)).toBe('Step 12, the last of 2 runs of one request: 6.5 ms per run');
    expect(headText({ ...lanes, runs: 1, step: 0 }, trans)).toBe(
      'The latest run: 6.5 ms, with the way to the cluster and back'
    );
  });
});

describe('TasksView', () => {
  const setUp = () => {
    jest.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(500);
    const model = new Model();
    const view = new TasksView({ model, state: new ViewState(), theme: new Theme(), trans, host: new StandIn() });
    Widget.attach(view, document.body);
    const picture = view.node.querySelector('.jp-glnb-tasks-picture') as HTMLElement;
    return { model, view, picture };
  };
  const press = (node: HTMLElement, key: string) => node.dispatchEvent(new KeyboardEvent('keydown', { key }));

  it('asks for lanes only while it is shown', () => {
    const { model, view } = setUp();
    expect(model.interest.lanes).toBe(true);
    view.hide();
    expect(model.interest.lanes).toBe(false);
    view.show();
    expect(model.interest.lanes).toBe(true);
    view.dispose();
    expect(model.interest.lanes).toBe(false);
  });

  it('draws the latest run, and lists it', async () => {
    const { model, view, picture } = setUp();
    expect(view.node.querySelector<HTMLElement>('.jp-glnb-tasks-empty')?.hidden).toBe(false);
    model.tick(tick, []);
    await until(() => view.node.querySelectorAll('rect.jp-glnb-tasks-compute').length === 3);
    expect(view.node.querySelectorAll('rect.jp-glnb-tasks-wait')).toHaveLength(2);
    expect(view.node.querySelectorAll('path.jp-glnb-tasks-arrow')).toHaveLength(2);
    expect(view.node.querySelector<HTMLElement>('.jp-glnb-tasks-empty')?.hidden).toBe(true);
    const rows = [...view.node.querySelectorAll('tbody tr')].map(row => [...row.children].map(c => c.textContent));
    expect(rows).toEqual([
      ['/job:ps/task:0', '1.25 ms', '2.5 ms', '48 B'],
      ['/job:worker/task:0', '1 ms', '500 µs', '24 B'].map(text => text.replace('500 µs', '0.5 ms')),
      ['/job:ps/task:0', '/job:worker/task:0', '48 B', '0.75 ms'],
      ['/job:worker/task:0', '/job:ps/task:0', '24 B', '2.25 ms']
    ]);
    expect(picture.getAttribute('aria-label')).toContain('6.5 ms per run');
    view.dispose();
  });

  it('is read by keyboard', async () => {
    const { model, view, picture } = setUp();
    model.tick(tick, []);
    await until(() => view.node.querySelector('rect.jp-glnb-tasks-compute'));
    const said = () => view.node.querySelector('[aria-live]')?.textContent;
    press(picture, 'ArrowRight');
    expect(said()).toBe(
      '/job:ps/task:0: 1.25 ms computing, 2.5 ms waiting, 48 B sent. Computes for 0.5 ms, from 0 ms on'
    );
    press(picture, 'ArrowRight');
    expect(said()).toBe('Sends 48 B to /job:worker/task:0 at 0.75 ms');
    press(picture, 'ArrowDown');
    expect(said()).toContain('/job:worker/task:0: 1 ms computing');
    press(picture, 'End');
    expect(said()).toBe('Sends 24 B to /job:ps/task:0 at 2.25 ms');
    expect(view.node.querySelector('.jp-glnb-tasks-cursor')?.getAttribute('visibility')).toBe('visible');
    view.dispose();
  });

  it('lets the user choose among sessions, and shows what ran last otherwise', async () => {
    const { model, view } = setUp();
    const other = { ...lanes, session: 's2', step: 99 };
    model.tick({ ...tick, lanes: [lanes, other] }, []);
    const title = () => view.node.querySelector('.jp-glnb-tasks-title')?.textContent;
    await until(() => title()?.startsWith('Step 12,'));
    const select = view.node.querySelector('select') as HTMLSelectElement;
    expect(select.hidden).toBe(false);
    select.value = 's2';
    select.dispatchEvent(new Event('change'));
    expect(title()).toContain('Step 99,');
    model.clear();
    await until(() => view.node.querySelector<HTMLElement>('.jp-glnb-tasks-found')?.hidden);
    view.dispose();
  });
});
