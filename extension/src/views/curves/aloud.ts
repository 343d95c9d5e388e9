import { TranslationBundle } from '@jupyterlab/translation';
import { Model } from '../../model';
import { formatValue } from './numbers';
import { ILine } from './read';
import { Best } from './best';
import { courseText } from './trend';

/** Milliseconds between two times that it is said how curves go while a training runs: more often nobody could do anything else. */
export const AGAIN = 30000;
/** Milliseconds after the end of a training until its last points are surely there. */
const SETTLED = 600;
/** So many curves get a sentence each; of the others it is only said where they are: each chart has its own words. */
const MOST = 3;
/** More curves than this are only counted. */
const NAMED = 24;

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
    const said = lines.filter(({ curve, run }) => run.run === latest && curve.length > 0);
    const long = said.filter(({ curve }) => curve.length > 1).slice(0, MOST);
    const short = said.filter(line => !long.includes(line));
    const texts = long.map(({ curve, name, title }) => {
      const { steps, values } = curve.series;
      return courseText(title, { length: curve.length, steps, values }, this._best(name), this._trans, curve);
    });
    const named = Math.max(0, NAMED - long.length);
    for (const { curve, title } of short.slice(0, named)) {
      texts.push(this._trans.__('%1 is %2.', title, formatValue(curve.series.values[curve.length - 1])));
    }
    if (short.length > named) {
      texts.push(this._trans._n('%1 more curve is shown.', '%1 more curves are shown.', short.length - named));
    }
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
