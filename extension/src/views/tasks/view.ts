import { Message } from '@lumino/messaging';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import { IRunLanes } from '../../protocol';
import { sessionLabels } from '../sessions';
import { IViewOptions } from '../view';
import { make, say } from './dom';
import { Picture } from './picture';
import { planOf } from './plan';
import { Tables } from './tables';
import { headText } from './texts';

/** The tasks of a cluster in the latest run: when each computes and waits, and what they send each other. */
export class TasksView extends Widget {
  constructor(private _options: IViewOptions) {
    super();
    const { model, theme, trans } = _options;
    this.addClass('jp-glnb-tasks');
    this._live.setAttribute('aria-live', 'polite');
    this._picture = new Picture(trans, text => say(this._live, text));
    this._tables = new Tables(trans);
    this._sessions.setAttribute('aria-label', trans.__('Session'));
    this._sessions.addEventListener('change', () => {
      this._chosen = this._sessions.value;
      this._draw();
    });
    const head = make('div', 'head');
    head.append(this._sessions, this._head);
    this._empty.textContent = trans.__(
      'No run on the cluster was seen yet: what its tasks do appears here with the next run of a session on it.'
    );
    const legend = make('div', 'legend');
    for (const [kind, text] of [
      ['compute', trans.__('computes')],
      ['wait', trans.__('waits for others')],
      ['arrow', trans.__('sends')]
    ]) {
      const entry = make('span', 'entry', text);
      entry.prepend(make('span', `key jp-glnb-tasks-key-${kind}`));
      legend.append(entry);
    }
    const note = make(
      'p',
      'note',
      trans.__(
        'Each task tells times by its own clock, from when it began; lanes are moved so that nothing arrives before it was sent.'
      )
    );
    this._found.append(legend, this._picture.node, this._picture.help, note, this._tables.node);
    this.node.append(head, this._empty, this._found, this._live);
    model.lanesChanged.connect(this._onLanes, this);
    model.listChanged.connect(this._onLanes, this);
    theme.changed.connect(this._onLanes, this);
  }

  dispose(): void {
    if (!this.isDisposed) {
      this._stop();
      Signal.disconnectReceiver(this);
      super.dispose();
    }
  }

  protected onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    if (this.isVisible) {
      this._start();
    }
  }

  protected onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this._start();
  }

  protected onAfterHide(message: Message): void {
    super.onAfterHide(message);
    this._stop();
  }

  protected onBeforeDetach(message: Message): void {
    super.onBeforeDetach(message);
    this._stop();
  }

  protected onResize(message: Widget.ResizeMessage): void {
    super.onResize(message);
    this._onLanes();
  }

  private _start(): void {
    if (!this._shown) {
      this._shown = true;
      this._options.model.show({ lanes: true });
      this._draw();
    }
  }

  private _stop(): void {
    if (this._shown) {
      this._shown = false;
      cancelAnimationFrame(this._frame);
      this._frame = 0;
      this._options.model.show({ lanes: false });
    }
  }

  /** Draws once for all that came before the next frame. */
  private _onLanes(): void {
    if (this._shown && !this._frame) {
      this._frame = requestAnimationFrame(() => {
        this._frame = 0;
        this._draw();
      });
    }
  }

  private _draw(): void {
    const { model, trans } = this._options;
    const told = this._choose([...model.lanes.values()]);
    this._empty.hidden = told !== null;
    this._found.hidden = told === null;
    say(this._head, told ? headText(told, trans) : '');
    if (told) {
      const plan = planOf(told);
      const style = getComputedStyle(this.node);
      const padding = parseFloat(style.paddingLeft) + parseFloat(style.paddingRight);
      const width = Math.max(100, Math.floor(this.node.clientWidth - (Number.isFinite(padding) ? padding : 0)));
      this._picture.show(plan, trans.__('Tasks. %1', headText(told, trans)), width);
      this._tables.show(told, plan);
    }
  }

  /** The session to show, the chosen or else the one that ran last, and the list of all. */
  private _choose(all: readonly IRunLanes[]): IRunLanes | null {
    const { model } = this._options;
    const told =
      all.find(({ session }) => session === this._chosen) ??
      all.find(({ session }) => session === model.run.session) ??
      all[all.length - 1] ??
      null;
    const labels = new Map(sessionLabels(model.sessions, model.graphs).map(({ id, label }) => [id, label]));
    const options = all.map(({ session }) => ({ id: session, label: labels.get(session) ?? session }));
    const key = JSON.stringify(options);
    if (key !== this._listed) {
      this._listed = key;
      this._sessions.replaceChildren(...options.map(({ id, label }) => new Option(label, id)));
    }
    this._sessions.hidden = options.length < 2;
    this._sessions.value = told?.session ?? '';
    return told;
  }

  private _sessions = make('select', 'sessions');
  private _head = make('span', 'title');
  private _empty = make('p', 'empty');
  private _found = make('div', 'found');
  private _live = make('div', 'hidden');
  private _picture: Picture;
  private _tables: Tables;
  private _chosen = '';
  private _listed = '';
  private _shown = false;
  private _frame = 0;
}
