import { TranslationBundle } from '@jupyterlab/translation';
import { LabIcon, refreshIcon, runIcon, stopIcon } from '@jupyterlab/ui-components';
import { Message, MessageLoop } from '@lumino/messaging';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import { Ask, Model } from './model';
import { IEvent } from './protocol';
import { eventText, sentText, stateText } from './telling';
import { sessionLabels } from './views/sessions';

const icon = (name: string, path: string) =>
  new LabIcon({
    name: `graphlab-nb:${name}`,
    svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16" viewBox="0 0 24 24"><path class="jp-icon3" fill="#616161" d="${path}"/></svg>`
  });

export const pauseIcon = icon('pause', 'M6 5h4v14H6zM14 5h4v14h-4z');
export const stepIcon = icon('step', 'M5 5v14l9-7zM16 5h3v14h-3z');
export const panelIcon = icon('panel', 'M9 3h6v5h-6zM3 16h6v5H3zM15 16h6v5h-6zM11 8h2v3h6v5h-2v-3H7v3H5v-5h6z');

/** Most steps that are made at once. */
const MOST_STEPS = 1000000;

/** The number of steps that a text asks for, as "1000" or "1e3"; null where it is no whole number from 1 to a million. */
export function countOf(text: string): number | null {
  const count = /^\s*\+?\d+(\.\d*)?(e\+?-?\d+)?\s*$/i.test(text) ? Number(text) : NaN;
  return Number.isInteger(count) && count >= 1 && count <= MOST_STEPS ? count : null;
}

/** Milliseconds in which a line can be read. */
const READ = 1500;

/** Buttons that pause, step and stop, and a line that says what the training does and what became of the last command. */
export class Controls extends Widget {
  constructor(
    private _model: Model,
    private _trans: TranslationBundle,
    private _announce: (text: string) => void
  ) {
    super();
    this.addClass('jp-glnb-controls');
    this.node.setAttribute('role', 'toolbar');
    this.node.setAttribute('aria-label', _trans.__('Training'));
    this._bar.className = 'jp-glnb-controls-bar';
    this.node.append(this._bar);
    this._pause = this._button('pause', () => this.pauseOrResume());
    this._step = this._button('step', () => this.step());
    this._count = document.createElement('input');
    Object.assign(this._count, { type: 'number', min: '1', max: String(MOST_STEPS), step: '1', value: '1' });
    this._count.className = 'jp-glnb-count';
    this._count.title = _trans.__('How many steps the step button makes');
    this._count.setAttribute('aria-label', this._count.title);
    this._count.addEventListener('input', () => this._checkCount());
    this._count.addEventListener('keydown', event => {
      if (event.key === 'Enter') {
        this.step();
      }
    });
    this._bad.className = 'jp-glnb-count-bad';
    this._bad.id = `jp-glnb-count-bad-${++counter}`;
    this._bad.title = this._bad.textContent = _trans.__('1 to %1', MOST_STEPS.toLocaleString());
    this._bar.append(this._count, this._bad);
    this._checkCount();
    this._stop = this._button('stop', () => this.stop());
    this._fetch = this._button('fetch', () => this.fetch());
    face(this._step, stepIcon, _trans.__('Make steps, then pause again'));
    face(this._stop, stopIcon, _trans.__('Stop the training before its next run: its loops end'));
    face(this._fetch, refreshIcon, _trans.__('Look at values now'));
    this._status = document.createElement('span');
    this._status.className = 'jp-glnb-status';
    const row = document.createElement('div');
    row.className = 'jp-glnb-status-row';
    row.append(this._status);
    this._bar.append(row);
    _model.runChanged.connect(this._onState, this);
    _model.linkChanged.connect(this._onLink, this);
    _model.eventHappened.connect(this._onEvent, this);
    _model.listChanged.connect(this._onList, this);
    this._onState();
    this._onList();
  }

  dispose(): void {
    window.clearTimeout(this._clear);
    Signal.disconnectReceiver(this);
    super.dispose();
  }

  protected onAfterAttach(msg: Message): void {
    super.onAfterAttach(msg);
    if (typeof ResizeObserver !== 'undefined') {
      this._rows = new ResizeObserver(() => this._fit());
      this._rows.observe(this._bar);
    }
  }

  protected onBeforeDetach(msg: Message): void {
    this._rows?.disconnect();
    super.onBeforeDetach(msg);
  }

  /** As high as buttons and line are: where it is narrow, the line stands below the buttons. */
  private _fit(): void {
    const height = `${this._bar.offsetHeight + 1}px`;
    if (this._bar.offsetHeight > 0 && this.node.style.minHeight !== height) {
      this.node.style.minHeight = this.node.style.maxHeight = height;
      if (this.parent) {
        MessageLoop.postMessage(this.parent, Widget.Msg.FitRequest);
      }
    }
  }

  /** Shows a text for some seconds, and says it aloud. */
  say(text: string): void {
    this._say(text, true);
  }

  pauseOrResume(): void {
    this._order({ op: this._model.run.state === 'paused' ? 'resume' : 'pause' });
  }

  step(): void {
    const count = this._checkCount();
    if (count === null) {
      const most = MOST_STEPS.toLocaleString();
      this._say(this._trans.__('Not sent: steps are a whole number from 1 to %1.', most), true);
    } else {
      this._order({ op: 'step', count });
    }
  }

  stop(): void {
    this._order({ op: 'stop' });
  }

  fetch(): void {
    this._order({ op: 'fetch' });
  }

  /** The number of steps in the field, or null where it has none; then a word beside it says what it takes. */
  private _checkCount(): number | null {
    const count = countOf(this._count.value);
    this._bad.hidden = count !== null;
    this._count.setAttribute('aria-invalid', String(count === null));
    if (count === null) {
      this._count.setAttribute('aria-describedby', this._bad.id);
    } else {
      this._count.removeAttribute('aria-describedby');
    }
    return count;
  }

  private _button(name: string, act: () => void): HTMLButtonElement {
    const button = document.createElement('button');
    button.className = 'jp-glnb-button';
    button.dataset.name = name;
    button.addEventListener('click', act);
    this._bar.append(button);
    return button;
  }

  private _order(command: Ask): void {
    this._say(sentText(command.op, this._model.run.state, this._trans), false);
    this._model.send(command).catch(error => {
      const why = error instanceof Error ? error.message : String(error);
      this._say(this._trans.__('Not done: %1.', why.replace(/\.$/, '')), true);
    });
  }

  /** A kernel that is lost, or another one, is said aloud once; nothing that the old one did is said any more. */
  private _onLink(): void {
    const { state, text } = this._model.link;
    if (this._linked && text !== this._linked) {
      window.clearTimeout(this._clear);
      this._said = '';
      this._announce(text);
    }
    this._linked = state === 'connected' || this._linked ? text : '';
    this._onState();
  }

  /** Learns what sessions are called: when it is said that one is closed it is in no list. */
  private _onList(): void {
    const { sessions, graphs } = this._model;
    const labels = sessionLabels(sessions, graphs);
    const open = new Set(labels.map(({ id }) => id));
    const taken = new Set(labels.map(({ label }) => label));
    // What a closed one was called may by now be another one's name.
    this._sessions.forEach((label, id) => !open.has(id) && taken.has(label) && this._sessions.delete(id));
    labels.forEach(({ id, label }) => this._sessions.set(id, label));
  }

  private _onEvent(_: unknown, event: IEvent): void {
    this._say(eventText(event, this._trans, this._model.run, this._sessions), true);
  }

  /** Shows a text for some seconds in place of the state, or until another state has come and the text could be read. */
  private _say(text: string, aloud: boolean): void {
    this._said = text;
    this._saidAt = Date.now();
    this._saidIn = this._model.run.state;
    if (aloud) {
      this._announce(text);
    }
    window.clearTimeout(this._clear);
    this._clear = window.setTimeout(() => {
      this._onState(); // another state may have come meanwhile, and nothing after it
      this._clear = window.setTimeout(() => {
        this._said = '';
        this._onState();
      }, 6000 - READ);
    }, READ + 50);
    this._onState();
  }

  private _onState(): void {
    const { run, link } = this._model;
    const linked = link.state === 'connected';
    const paused = run.state === 'paused';
    const steerable = linked && run.state !== 'idle' && run.state !== 'stopping';
    if (this._pause.dataset.paused !== String(paused)) {
      this._pause.dataset.paused = String(paused);
      const text = paused ? this._trans.__('Let the training go on') : this._trans.__('Pause before the next run');
      face(this._pause, paused ? runIcon : pauseIcon, text);
    }
    // Not `disabled`, which would throw the focus away: a button that does nothing now says so.
    enable(this._pause, steerable);
    enable(this._step, steerable && paused);
    enable(this._stop, steerable);
    enable(this._fetch, linked);
    if (this._said && run.state !== this._saidIn && Date.now() - this._saidAt > READ) {
      this._said = '';
    }
    const text = this._said || stateText(this._model, this._trans, this._sessions);
    if (this._status.textContent !== text) {
      this._status.textContent = text;
      this._status.title = text;
    }
    this.node.dataset.state = linked ? run.state : link.state;
  }

  private _bar = document.createElement('div');
  private _rows: ResizeObserver | null = null;
  private _pause: HTMLButtonElement;
  private _step: HTMLButtonElement;
  private _stop: HTMLButtonElement;
  private _fetch: HTMLButtonElement;
  private _count: HTMLInputElement;
  private _bad = document.createElement('span');
  private _status: HTMLElement;
  private _sessions = new Map<string, string>();
  /** What the connection was last; empty until there was one. */
  private _linked = '';
  private _said = '';
  private _saidAt = 0;
  private _saidIn = '';
  private _clear = 0;
}

let counter = 0;

function face(button: HTMLButtonElement, labIcon: LabIcon, text: string): void {
  button.replaceChildren();
  labIcon.element({ container: button });
  button.title = text;
  button.setAttribute('aria-label', text);
}

function enable(button: HTMLButtonElement, enabled: boolean): void {
  button.disabled = !enabled && document.activeElement !== button;
  button.setAttribute('aria-disabled', String(!enabled));
}
