import { readFileSync } from 'fs';
import { resolve } from 'path';
import { StandIn, trans } from './page';
import { Widget } from '@lumino/widgets';
import { Model } from '../model';
import { ICommand, IReply } from '../protocol';
import { Theme } from '../theme';
import { ViewState } from '../viewstate';
import { History, HistogramHistory } from '../views/values/histories';
import { fetchPast } from '../views/values/past';
import { ValuesView } from '../views/values/view';

interface IFixture {
  kind: string;
  message: IReply;
  buffers: string[];
}

const fixtures: IFixture[] = JSON.parse(
  readFileSync(resolve(__dirname, '../../../tests/fixtures/protocol.json'), 'utf8')
);
const fixture = fixtures.find(f => f.kind === 'Reply' && f.message.trends)!;
const buffers = fixture.buffers.map(text => new Uint8Array(Buffer.from(text, 'base64')));

function remembering(): { model: Model; asked: Partial<ICommand>[] } {
  const model = new Model();
  const asked: Partial<ICommand>[] = [];
  model.send = command => {
    asked.push(command);
    return Promise.resolve({ reply: fixture.message, buffers });
  };
  return { model, asked };
}

describe('what was before', () => {
  it('is read from the kernel', async () => {
    const { model, asked } = remembering();
    const past = (await fetchPast(model, 's1')).get('W:0')!;
    expect(asked).toEqual([{ op: 'trends', session: 's1' }]);
    expect(Array.from(past.steps)).toEqual([10, 20]);
    expect(Array.from(past.of('mean'))).toEqual([0, 9]);
    expect(Array.from(past.of('norm'))).toEqual([4, 13]);
    expect(past.histograms.map(h => ({ ...h, counts: Array.from(h.counts) }))).toEqual([
      { step: 20, low: -1, high: 1, counts: [3, 1, 0, 4] }
    ]);
  });

  it('stands before what is there, once', () => {
    const history = new History(4);
    history.add(30, 3);
    history.add(40, 4);
    history.precede([5, 10, 20, 30], [0.5, 1, 2, 99]);
    expect(history.steps).toEqual([10, 20, 30, 40]);
    expect(history.values).toEqual([1, 2, 3, 4]);
    const histograms = new HistogramHistory();
    const at = (step: number) => ({ step, low: 0, high: 1, counts: [step] });
    histograms.add(at(3));
    histograms.precede([at(1), at(2), at(3)]);
    expect(histograms.list.map(h => h.step)).toEqual([1, 2, 3]);
  });

  it('is what a view begins with when a page comes back', async () => {
    const { model, asked } = remembering();
    const precede = jest.spyOn(History.prototype, 'precede');
    const host = new StandIn();
    const view = new ValuesView({ model, state: new ViewState({}), theme: new Theme(), trans, host });
    Widget.attach(view, document.body);
    const run = { state: 'running' as const, session: 's1', steps: 5, runs: 5, rate: 1, since: 0, cell: null };
    const sessions = [{ id: 's1', graph: 'g', labels: ['sess'], devices: [], runs: 1 }];
    model.tick({ v: 1, type: 'tick', seq: 0, time: 0, run, sessions }, []);
    await Promise.resolve();
    await Promise.resolve();
    expect(asked).toEqual([{ op: 'trends', session: 's1' }]);
    expect(precede.mock.calls.map(([steps, values]) => [Array.from(steps), Array.from(values)])).toEqual([
      [
        [10, 20],
        [0, 9]
      ]
    ]);
    model.send = () => Promise.reject(new Error('gone'));
    view.dispose();
    precede.mockRestore();
  });
});
