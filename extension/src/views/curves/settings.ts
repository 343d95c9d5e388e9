import { JSONObject } from '@lumino/coreutils';
import { IRunInfo } from '../../protocol';
import { ViewState } from '../../viewstate';
import { Axis } from './curve';
import { Best } from './best';

const AXES: readonly Axis[] = ['step', 'time', 'epoch'];

/**
 * What the user chose in the curves view, kept in the view state under "curves.". Anything kept that is no longer valid
 * counts as not chosen.
 */
export class Settings {
  constructor(private _state: ViewState) {}

  get axis(): Axis {
    const axis = this._state.get<string>('curves.axis', 'step') as Axis;
    return AXES.includes(axis) ? axis : 'step';
  }
  set axis(axis: Axis) {
    this._state.set('curves.axis', axis);
  }

  get log(): boolean {
    return this._state.get<boolean>('curves.log', false) === true;
  }
  set log(log: boolean) {
    this._state.set('curves.log', log);
  }

  /** From 0, none, to 0.99. */
  get smoothing(): number {
    const value = this._state.get<number>('curves.smoothing', 0.6);
    return typeof value === 'number' && value >= 0 ? Math.min(0.99, value) : 0.6;
  }
  set smoothing(value: number) {
    this._state.set('curves.smoothing', value);
  }

  /** Steps of an epoch. */
  get epoch(): number {
    const value = this._state.get<number>('curves.epoch', 100);
    return typeof value === 'number' && value > 0 && Number.isFinite(value) ? value : 100;
  }
  set epoch(steps: number) {
    if (steps > 0 && Number.isFinite(steps)) {
      this._state.set('curves.epoch', steps);
    }
  }

  /** Whether the trends are shown as text. */
  get described(): boolean {
    return this._state.get<boolean>('curves.described', false) === true;
  }
  set described(described: boolean) {
    this._state.set('curves.described', described);
  }

  get onlyLast(): boolean {
    return this._state.get<boolean>('curves.onlyLast', false) === true;
  }
  set onlyLast(only: boolean) {
    this._state.set('curves.onlyLast', only);
  }

  /** Runs to show, of those given. */
  shownRuns(runs: readonly IRunInfo[]): Set<number> {
    if (this.onlyLast) {
      return new Set(runs.slice(-1).map(run => run.run));
    }
    const hidden = new Set(this._list('curves.hiddenRuns'));
    return new Set(runs.filter(run => !hidden.has(keyOf(run))).map(run => run.run));
  }

  showRun(run: IRunInfo, shown: boolean, runs: readonly IRunInfo[]): void {
    const now = this.shownRuns(runs);
    const hidden = runs.filter(other => (other.run === run.run ? !shown : !now.has(other.run))).map(keyOf);
    this.onlyLast = false;
    this._state.set('curves.hiddenRuns', hidden.slice(-200));
  }

  showAllRuns(): void {
    this.onlyLast = false;
    this._state.set('curves.hiddenRuns', []);
  }

  /** What the user said of a name's being shown; undefined where nothing. */
  chosen(name: string): boolean | undefined {
    return this._flag('curves.names', name);
  }

  choose(names: readonly string[], shown: boolean): void {
    this._setFlags('curves.names', names, shown);
  }

  /** Whether a name is drawn in the chart that several share. */
  together(name: string): boolean {
    return this._flag('curves.together', name) === true;
  }

  join(names: readonly string[], together: boolean): void {
    this._setFlags('curves.together', names, together);
  }

  /** Which of a name's values is the best, as the user said; undefined where nothing. */
  best(name: string): Best | undefined {
    const max = this._flag('curves.best', name);
    return max === undefined ? undefined : max ? 'max' : 'min';
  }

  setBest(name: string, best: Best): void {
    this._setFlags('curves.best', [name], best === 'max');
  }

  private _list(key: string): string[] {
    const value = this._state.get<string[]>(key, []);
    return Array.isArray(value) ? value : [];
  }

  /** Flags are kept as pairs, as a name may be anything, "__proto__" too. */
  private _flags(key: string): Map<string, boolean> {
    const value = this._state.get<[string, boolean][]>(key, []);
    const pairs = Array.isArray(value) ? value : [];
    return new Map(pairs.filter(pair => Array.isArray(pair) && typeof pair[0] === 'string'));
  }

  private _flag(key: string, name: string): boolean | undefined {
    const raw = this._state.toJSON() as JSONObject;
    const value = raw[key];
    const cached = this._cache.get(key);
    if (cached && cached.value === value) {
      return cached.flags.get(name);
    }
    const flags = this._flags(key);
    this._cache.set(key, { value, flags });
    return flags.get(name);
  }

  private _setFlags(key: string, names: readonly string[], flag: boolean): void {
    const flags = this._flags(key);
    names.forEach(name => {
      flags.delete(name);
      flags.set(name, flag);
    });
    this._state.set(key, [...flags].slice(-2000));
  }

  private _cache = new Map<string, { value: unknown; flags: Map<string, boolean> }>();
}

/** Numbers of runs begin anew with the kernel; with their time they do not meet again. */
function keyOf(run: IRunInfo): string {
  return `${run.run}@${run.began}`;
}
