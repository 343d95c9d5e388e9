import { TranslationBundle } from '@jupyterlab/translation';
import { IRunInfo } from '../../protocol';
import { Curve } from './curve';
import { lookOf } from './look';
import { IChartPlan } from './plan';
import { ILine } from './read';

/** What lines are made of. */
export interface ILineParts {
  /** Curves by their names. */
  byName: ReadonlyMap<string, readonly Curve[]>;
  /** All runs, from which each has its look, and which of them are shown. */
  runs: readonly IRunInfo[];
  shown: ReadonlySet<number>;
  palette: readonly string[];
  /** What open sessions are called. */
  sessions: ReadonlyMap<string, string>;
  trans: TranslationBundle;
}

/** The lines of a chart; where they are of several sessions, each says of which. */
export function linesOf(plan: IChartPlan, parts: ILineParts): ILine[] {
  const { byName, runs, shown, palette, trans } = parts;
  const at = new Map(runs.map((run, index) => [run.run, index]));
  const found = plan.names.flatMap((name, index) =>
    (byName.get(name) ?? []).flatMap(curve => {
      const run = at.get(curve.series.info.run) ?? -1;
      return run >= 0 && shown.has(runs[run].run) ? [{ curve, name, index, run }] : [];
    })
  );
  const told = sessionsOf(
    found.map(({ curve }) => curve),
    parts.sessions
  );
  // Where one run has lines of several sessions, colours tell the sessions.
  const twins = new Set(found.map(({ name, run }) => `${run} ${name}`)).size < found.length;
  const ids = twins ? [...new Set(found.map(({ curve }) => curve.series.info.session))] : [undefined];
  const lines = found.map(({ curve, name, index, run }): ILine => {
    const { session } = curve.series.info;
    const slot = index * ids.length + (twins ? ids.indexOf(session) : 0);
    const called = told && session ? (parts.sessions.get(session) ?? closedText(session, trans)) : '';
    const who = called ? trans.__('%1, %2', runs[run].label, called) : runs[run].label;
    const shared = shown.size > 1 || called ? trans.__('%1 (%2)', name, who) : name;
    return {
      curve,
      name,
      run: called ? { ...runs[run], label: who } : runs[run],
      look: lookOf(palette, run, runs.length, slot, plan.names.length * ids.length),
      label: plan.shared ? shared : who,
      title: called ? trans.__('%1 of %2', name, called) : name
    };
  });
  // The latest run last, so that it is drawn above the others.
  return lines.sort((a, b) => a.run.run - b.run.run);
}

/**
 * Whether sessions are told: where one run has several, or several are still open. A cell that makes its session anew is told
 * apart from its earlier runs by its number.
 */
function sessionsOf(curves: readonly Curve[], open: ReadonlyMap<string, string>): boolean {
  const ofRun = new Map<number, string>();
  const alive = new Set<string>();
  for (const { series } of curves) {
    const { run, session } = series.info;
    if (session === undefined) {
      continue;
    }
    if ((ofRun.get(run) ?? session) !== session) {
      return true;
    }
    ofRun.set(run, session);
    if (open.has(session)) {
      alive.add(session);
    }
  }
  return alive.size > 1;
}

function closedText(session: string, trans: TranslationBundle): string {
  return trans.__('session %1, closed', session.replace(/^s/, ''));
}
