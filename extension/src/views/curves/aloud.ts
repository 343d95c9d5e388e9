import { TranslationBundle } from '@jupyterlab/translation';
import { Model } from '../../model';
import { ILine } from './read';
import { Best, courseText } from './trend';

/** Milliseconds between two times that it is said how curves go while a training runs: more often nobody could do anything else. */
export const AGAIN = 30000;
/** Milliseconds after the end of a training until its last points are surely there. */
const SETTLED = 600;
/** More curves than this are not said: each chart has its own words. */
const MOST = 3;

/** Says how curves went, in a sentence each: where a training is paused or over, and now and then while it runs. */
export class Aloud {
  constructor(
    private _model: Model,
    private _lines: () => readonly ILine[],
    private _best: (name: string) => Best,
    private _trans: TranslationBundle,
    private _say: (text: string) => void
  ) {}

  /** The training does something else, or goes on. */
  update(): void {
    const { state } = this._model.run;
    const runs = state === 'running';
    if (runs && !this._runs) {
      this._saidAt = Date.now();
    } else if (runs && Date.now() - this._saidAt > AGAIN) {
      this._now();
    } else if (!runs && this._runs) {
      window.clearTimeout(this._timer);
      this._timer = window.setTimeout(() => this._now(), SETTLED);
    }
    this._runs = runs;
  }

  /** Nobody looks any more. */
  stop(): void {
    window.clearTimeout(this._timer);
    this._runs = false;
  }

  private _now(): void {
    this._saidAt = Date.now();
    const lines = this._lines();
    const latest = Math.max(...lines.map(line => line.run.run));
    const texts = lines
      .filter(({ curve, run }) => run.run === latest && curve.length > 1)
      .slice(0, MOST)
      .map(({ curve, name }) => {
        const { steps, values } = curve.series;
        return courseText(name, { length: curve.length, steps, values }, this._best(name), this._trans, curve);
      });
    const text = texts.join(' ');
    if (text && text !== this._said) {
      this._said = text;
      this._say(text);
    }
  }

  private _runs = false;
  private _said = '';
  private _saidAt = 0;
  private _timer = 0;
}
