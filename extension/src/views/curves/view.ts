import { Message } from '@lumino/messaging';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import { IViewOptions } from '../view';
import { Aloud } from './aloud';
import { Board } from './board';
import { NameChooser, RunChooser } from './chooser';
import { freshId, make, say } from './dom';
import { lookOf } from './look';
import { namesOf, planOf, runsOf, shownNames } from './plan';
import { pictureFile, tableFile } from './save';
import { Settings } from './settings';
import { Toolbar } from './toolbar';
import { Tooltip } from './tooltip';

/** Training curves of all runs, as they grow. */
export class CurvesView extends Widget {
  constructor(options: IViewOptions) {
    super();
    this._options = options;
    const { trans, model, state, theme } = options;
    this.addClass('jp-glnb-curves');
    this._settings = new Settings(state);
    this._toolbar = new Toolbar(this._settings, trans, {
      setFollow: follow => this._board.setFollow(follow),
      reset: () => this._board.reset(),
      saveTable: () => void this._save(() => this._saveTable()),
      savePicture: () => void this._save(() => this._savePicture())
    });
    this._names = new NameChooser(this._settings, trans);
    this._runs = new RunChooser(this._settings, trans);
    this._live.setAttribute('aria-live', 'polite');
    this._tooltip = new Tooltip(this.node, trans);
    const keys = trans.__(
      'Arrow keys move from point to point and from line to line, Home and End to the ends; + and - zoom, 0 shows all.'
    );
    const help = make('p', 'hidden', keys);
    help.id = freshId();
    this._board = new Board(
      options,
      this._settings,
      this._list,
      this._tooltip,
      () => this._toolbar.update(this._board.follow),
      text => say(this._live, text),
      help.id
    );
    this._aloud = new Aloud(
      model,
      () => this._board.lines,
      name => this._board.best(name),
      trans,
      text => say(this._live, text)
    );
    this._fold(this._toolbar.names, this._names.node);
    this._fold(this._toolbar.runs, this._runs.node);
    const empty = trans.__(
      'There are no curves yet: the loss of whatever trains while this panel is open appears here by itself, and ' +
        'graphlab_nb.notebook.log(step, name=value) adds more.'
    );
    this._empty.append(make('p', '', empty));
    this.node.prepend(
      this._toolbar.node,
      this._names.node,
      this._runs.node,
      this._empty,
      this._none,
      this._list,
      help,
      this._live
    );
    this._list.addEventListener('scroll', () => this._tooltip.hide(), { passive: true });
    model.seriesChanged.connect(this._onSeries, this);
    model.listChanged.connect(this._onSeries, this);
    model.runChanged.connect(this._onRun, this);
    state.changed.connect(this._onState, this);
    theme.changed.connect(this._onTheme, this);
    this._arrange();
  }

  dispose(): void {
    if (this.isDisposed) {
      return;
    }
    this._stop();
    Signal.disconnectReceiver(this);
    this._sizes?.disconnect();
    this._board.dispose();
    super.dispose();
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
    this._board.resized();
  }

  private _start(): void {
    if (this._shown) {
      return;
    }
    this._shown = true;
    this._arrange();
    this._board.start();
    if (typeof ResizeObserver !== 'undefined') {
      this._sizes = this._sizes ?? new ResizeObserver(() => this._board.resized());
      this._sizes.observe(this._list);
    }
    this._options.model.show({ curves: true });
  }

  private _stop(): void {
    if (!this._shown) {
      return;
    }
    this._shown = false;
    this._sizes?.disconnect();
    this._aloud.stop();
    this._board.stop();
    this._options.model.show({ curves: false });
  }

  private _onSeries(): void {
    if (!this._shown) {
      return;
    }
    const { series, runs, sessions } = this._options.model;
    const infos = [...series.values()].map(({ info }) => [info.id, info.name, info.run]);
    const key = JSON.stringify([infos, runs, sessions.map(({ id, labels }) => [id, labels])]);
    const [first] = series.values();
    // A curve that is made anew under the same id is another one.
    if (key !== this._key || first !== this._first) {
      this._key = key;
      this._first = first;
      this._arrange();
    }
    this._board.grown();
  }

  private _onRun(): void {
    if (this._shown) {
      this._aloud.update();
    }
  }

  private _onState(_: unknown, name: string): void {
    if (name !== '' && !name.startsWith('curves.')) {
      return;
    }
    if (name !== 'curves.smoothing') {
      this._arrange();
    }
    const along = ['', 'curves.axis', 'curves.epoch'].includes(name);
    this._board.refresh(along ? 'all' : name === 'curves.log' ? 'y' : '');
    this._toolbar.update(this._board.follow);
  }

  private _onTheme(): void {
    this._arrange();
    this._board.repaint();
  }

  /** Finds out which charts there are, with which lines. */
  private _arrange(): void {
    const { model, trans, theme } = this._options;
    const infos = [...model.series.values()].map(series => series.info);
    const names = namesOf(infos);
    const runs = runsOf(model.runs, infos, run => trans.__('run %1', run)).filter(
      ({ run }) => infos.some(info => info.run === run) || infos.length === 0
    );
    const shownRuns = this._settings.shownRuns(runs);
    const shown = shownNames(names, this._settings);
    this._names.update(names);
    this._runs.update(runs, at => lookOf(theme.colors.palette, at, runs.length));
    say(this._toolbar.names, trans.__('Curves %1/%2', shown.size, names.length));
    say(this._toolbar.runs, trans.__('Runs %1/%2', shownRuns.size, runs.length));
    this._toolbar.names.title = trans.__('%1 of %2 curves are shown: choose others', shown.size, names.length);
    this._toolbar.runs.title = trans.__('%1 of %2 runs are shown: choose others', shownRuns.size, runs.length);
    this._toolbar.update(this._board.follow);
    const empty = infos.length === 0;
    this._empty.hidden = !empty;
    if (empty && this._board.zoom) {
      this._board.reset(); // what comes next is another kernel's
    }
    this._toolbar.node.hidden = empty;
    const none = !empty && (shown.size === 0 || shownRuns.size === 0);
    say(this._none, shown.size === 0 ? trans.__('No curve is chosen.') : trans.__('No run is chosen.'));
    this._none.hidden = !none;
    this._list.hidden = empty || none;
    this._board.arrange(none ? [] : planOf(names, this._settings), runs, shownRuns);
    this._place();
  }

  /** Lets a button open and close a list. */
  private _fold(button: HTMLButtonElement, node: HTMLElement): void {
    node.id = freshId();
    button.setAttribute('aria-controls', node.id);
    button.addEventListener('click', () => {
      const open = button.getAttribute('aria-expanded') !== 'true';
      button.setAttribute('aria-expanded', String(open));
      this._place();
    });
  }

  private _place(): void {
    for (const [button, node] of [
      [this._toolbar.names, this._names.node],
      [this._toolbar.runs, this._runs.node]
    ]) {
      node.hidden = this._toolbar.node.hidden || button.getAttribute('aria-expanded') !== 'true';
    }
    this._board.resized();
  }

  private async _save(work: () => Promise<void>): Promise<void> {
    if (this._saving) {
      return;
    }
    this._saving = true;
    try {
      await work();
    } catch (error) {
      const { host, trans } = this._options;
      host.announce(trans.__('It could not be saved: %1', String(error)));
    } finally {
      this._saving = false;
    }
  }

  private async _saveTable(): Promise<void> {
    const { host } = this._options;
    host.save('curves.csv', await tableFile(this._board.lines, pause));
  }

  private async _savePicture(): Promise<void> {
    const { host, theme, trans } = this._options;
    await this._board.drawAll(pause);
    const best = (name: string) => this._board.best(name);
    const picture = await pictureFile(this._board.charts, this._settings.log, best, theme.colors, trans, pause);
    this._board.trim();
    if (picture) {
      host.save('curves.png', picture);
    } else {
      host.announce(trans.__('There is no chart to save.'));
    }
  }

  private _options: IViewOptions;
  private _settings: Settings;
  private _toolbar: Toolbar;
  private _names: NameChooser;
  private _runs: RunChooser;
  private _tooltip: Tooltip;
  private _board: Board;
  private _aloud: Aloud;
  private _empty = make('div', 'empty');
  private _none = make('p', 'none');
  private _list = make('div', 'list');
  private _live = make('div', 'hidden');
  private _sizes: ResizeObserver | null = null;
  private _shown = false;
  private _saving = false;
  private _key = '';
  private _first: unknown;
}

/** Lets the page do other things before going on. */
function pause(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, 0));
}
