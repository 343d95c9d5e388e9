import { IRunState } from '../../protocol';

/** Milliseconds for which a session that ran is shown while others run: those that run in turn must not make the view jump. */
export const HOLD = 1500;

/**
 * Which session is shown: the one that the user chose, else the one whose runs go on now, else the newest.
 *
 * While nothing runs, the one that is shown stays until a newer one is opened.
 */
export class SessionChoice {
  /** The one that is shown; empty where there is none. */
  shown = '';

  /** Takes what is known now; `sessions` are the newest first. Whether another one is to be shown. */
  update(sessions: readonly { id: string }[], kept: string, run: IRunState, now: number): boolean {
    const has = (id: string | null) => sessions.some(session => session.id === id);
    const newest = sessions[0]?.id ?? '';
    const before = this.shown;
    const runs = run.state === 'running' && has(run.session) ? run.session : null;
    if (run.state === 'idle') {
      this._ranAt = -Infinity; // the next cell is followed at once
    } else if (runs === before && runs !== null) {
      this._ranAt = now;
    }
    const holds = now - this._ranAt < HOLD;
    let shown = before;
    if (has(kept)) {
      shown = kept;
    } else if (!has(before)) {
      shown = before === '' && has(run.session) ? (run.session as string) : newest;
    } else if (runs !== null && !holds) {
      shown = runs;
    } else if (newest !== this._newest && runs === null && !holds) {
      shown = newest;
    }
    this._newest = newest;
    this.shown = shown;
    if (shown !== before && shown === runs) {
      this._ranAt = now;
    }
    return shown !== before;
  }

  private _newest = '';
  private _ranAt = -Infinity;
}
