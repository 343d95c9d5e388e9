import { TranslationBundle } from '@jupyterlab/translation';
import { Model } from '../../model';
import { make, write } from './dom';
import { statusText, waitText } from './texts';

/** So long the training is taken to stand still when no step was made, in milliseconds. */
const STILL = 2000;

/** The line below the table: how much of it is shown, of which step, and while numbers wait, since when and for what. */
export class StatusLine {
  constructor(
    private _trans: TranslationBundle,
    private _model: Model
  ) {}

  readonly node = make('div', 'jp-glnb-values-status');

  /** The numbers of the table have come. */
  looked(): void {
    this._looked = performance.now();
  }

  /** Tells of so many lines of all, with numbers of a step. */
  write(shown: number, all: number, step: number): void {
    this._told = [shown, all, step];
    this._write();
  }

  /** Tells nothing more by itself. */
  stop(): void {
    window.clearTimeout(this._timer);
    this._timer = 0;
  }

  private _write(): void {
    const [shown, all, step] = this._told;
    const { run, cost } = this._model;
    const now = performance.now();
    if (run.steps !== this._steps) {
      this._steps = run.steps;
      this._moved = now;
    }
    const running = run.state === 'running';
    const text = statusText(this._trans, shown, all, step, running ? step : run.steps);
    const waits = running && this._looked >= 0 && text !== '';
    const about = waits ? waitText(this._trans, now - this._looked, cost.rate, now - this._moved < STILL) : '';
    write(this.node, text + about);
    this.node.title = text + about;
    this.node.hidden = text === '';
    this.stop();
    if (waits) {
      this._timer = window.setTimeout(() => this._write(), 1000);
    }
  }

  private _told: [number, number, number] = [0, 0, 0];
  private _looked = -1;
  private _steps = -1;
  private _moved = 0;
  private _timer = 0;
}
