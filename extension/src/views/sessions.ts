import { IGraph, Model } from '../model';
import { IRunState, ISessionInfo } from '../protocol';

/** Milliseconds for which a session that ran is shown while others run: those that run in turn must not make the view jump. */
export const HOLD = 1500;

/** Sessions, the newest first, with labels that tell them apart. */
export function sessionLabels(
  sessions: readonly ISessionInfo[],
  graphs: ReadonlyMap<string, IGraph>
): { id: string; label: string }[] {
  const graphLabel = (id: string) => graphs.get(id)?.info.labels.join(', ') ?? '';
  const plain = (session: ISessionInfo) => session.labels.join(', ') || session.id;
  const count = new Map<string, number>();
  for (const session of sessions) {
    count.set(plain(session), (count.get(plain(session)) ?? 0) + 1);
  }
  return [...sessions].reverse().map(session => {
    const label = plain(session);
    if ((count.get(label) ?? 0) < 2) {
      return { id: session.id, label };
    }
    const graph = graphLabel(session.graph);
    return { id: session.id, label: `${label} (${graph ? `${graph}, ` : ''}${session.id})` };
  });
}

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

/** Which session's values are shown of a graph: chosen among the graph's own, as the view of values chooses among all. */
export class GraphSession {
  constructor(
    private _model: Model,
    /** The session that was chosen by hand, if any. */
    private _kept: () => string
  ) {}

  /** The one that is shown; empty where the graph has no open one. */
  get shown(): string {
    return this._choice.shown;
  }

  /** Takes what is known now. Whether another session is to be shown. */
  update(graph: string): boolean {
    const { sessions, run } = this._model;
    const before = this.shown;
    if (graph !== this._graph) {
      this._graph = graph;
      this._choice = new SessionChoice();
    }
    const own = sessions.filter(session => session.graph === graph).reverse();
    this._choice.update(own, this._kept(), run, Date.now());
    return this.shown !== before;
  }

  /** What the one that is shown is called, where the graph has others; else nothing. */
  label(graph: string): string {
    const { sessions, graphs } = this._model;
    this.update(graph);
    const several = sessions.filter(session => session.graph === graph).length > 1;
    return (several && sessionLabels(sessions, graphs).find(({ id }) => id === this.shown)?.label) || '';
  }

  private _choice = new SessionChoice();
  private _graph = '';
}
