import { TranslationBundle } from '@jupyterlab/translation';
import { Ask, IDLE, Model } from './model';
import { IEvent, IRunState, ISessionSteps } from './protocol';

/** What sessions are called, by their ids. */
export type Names = ReadonlyMap<string, string>;

/** Sessions whose steps a line has room for. */
const MOST = 3;
/** Seconds without a run after which that is said rather than how many there are per second. */
const QUIET = 2;
/** Steps per second below which it is said how long one takes. */
const SLOW = 0.5;

/** What a user reads of a command's way: in effect after so long, or why not. `run` is the state that it led to. */
export function eventText(
  event: IEvent,
  trans: TranslationBundle,
  run: IRunState = IDLE,
  names: Names = new Map()
): string {
  const took = trans.__('after %1 ms', Math.max(1, Math.round(event.took * 1000)));
  const several = (run.trained ?? []).length > 0;
  const session = several && event.session ? event.session : null;
  const at = (more: number) =>
    run.training === false ? runText(run.runs + more, trans) : stepText(event.step + more, session, names, trans);
  switch (event.event) {
    case 'paused':
      return trans.__('Paused before %1, %2.', at(1), took);
    case 'resumed':
      return trans.__('Resumed before %1, %2.', at(1), took);
    case 'stepped':
      return event.text ? trans.__('%1: %2', capital(at(0)), event.text) : trans.__('Stepped to %1, %2.', at(0), took);
    case 'stopped':
      return event.text || trans.__('Stopped at %1, %2.', at(0), took);
    case 'refused':
      return trans.__('Not done: %1.', event.text);
    case 'closed':
      return trans.__('Session %1 is closed.', names.get(event.text) ?? event.text);
    case 'measured':
      return trans.__('The run before %1 was measured.', stepText(event.step, session, names, trans));
    case 'fetched':
      // Whose values are shown is the user's choice, and their steps stand beside them.
      return several
        ? trans.__('Values were looked at, %1.', took)
        : trans.__('Values are of step %1, %2.', event.step.toLocaleString(), took);
    case 'caught':
      return trans.__('%1.', event.text);
    default:
      return event.text;
  }
}

/** What is said of a command until it is answered. */
export function sentText(op: Ask['op'], state: IRunState['state'], trans: TranslationBundle): string {
  if (state === 'idle' || state === 'paused') {
    return trans.__('Sent …');
  }
  if (state === 'busy') {
    return op === 'fetch'
      ? trans.__('Sent; it takes effect before the next run, or as the cell ends …')
      : trans.__('Sent; it takes effect when the cell runs a graph …');
  }
  return trans.__('Sent; it takes effect before the next run …');
}

/** One line: what the training does. */
export function stateText({ run, link }: Model, trans: TranslationBundle, names: Names = new Map()): string {
  if (link.state !== 'connected') {
    return link.text;
  }
  if (run.building && run.state !== 'idle' && run.state !== 'paused') {
    const [built, of] = run.building;
    return of > 1
      ? trans.__('Compiling kernels, %1 of %2 are done …', built, of)
      : trans.__('Compiling kernels for the device …');
  }
  switch (run.state) {
    case 'idle':
      return idleText(run, names, trans);
    case 'busy':
      return trans.__('A cell runs') + waitingText(run, trans);
    case 'running':
      return runningText(run, names, trans) + waitingText(run, trans);
    case 'paused': {
      const where = pausedText(run, names, trans);
      return run.cell === null ? trans.__('Paused in a thread %1', where) : trans.__('Paused %1', where);
    }
    default:
      return run.cell === null ? trans.__('Stopping …') : trans.__('The stop was raised; the cell has not ended yet …');
  }
}

function idleText(run: IRunState, names: Names, trans: TranslationBundle): string {
  const [first, ...others] = run.trained ?? [];
  if (run.outside) {
    const place = run.steps ? stepText(run.steps, null, names, trans) : runText(run.runs, trans);
    return trans.__('No cell runs; a widget trains: %1', place);
  }
  if (!first) {
    const steps = run.steps.toLocaleString();
    return run.steps ? trans._n('Idle after %2 step', 'Idle after %2 steps', run.steps, steps) : trans.__('Idle');
  }
  const args = [first.steps.toLocaleString(), nameOf(first.session, names)];
  const text = trans._n('Idle after %2 step of %3', 'Idle after %2 steps of %3', first.steps, ...args);
  return text + rest(others, names, trans);
}

function runningText(run: IRunState, names: Names, trans: TranslationBundle): string {
  const trained = run.training === false ? [] : (run.trained ?? []);
  const trains = run.training !== false && (run.steps > 0 || trained.length > 0);
  let place = trains ? stepText(run.steps, null, names, trans) : runText(run.runs, trans);
  if (trained.length > 0) {
    place = stepText(trained[0].steps, trained[0].session, names, trans) + rest(trained.slice(1), names, trans);
  }
  place = run.cell === null ? trans.__('%1 in a thread', capital(place)) : capital(place);
  const rate = Number.isNaN(run.rate) ? 0 : run.rate;
  if ((run.quiet ?? 0) > Math.max(QUIET, rate > 0 ? 3 / rate : 0)) {
    return trans.__('%1, no new run for %2 s', place, Math.floor(run.quiet as number).toLocaleString());
  }
  if (rate > 0 && rate < SLOW) {
    return trans.__('%1, one in %2 s', place, Math.round(1 / rate).toLocaleString());
  }
  const told = rate >= 10 ? Math.round(rate).toLocaleString() : rate.toFixed(1);
  return rate > 0 ? trans.__('%1, %2 per second', place, told) : place;
}

/** Where a training is held: "before step 131 of s2, after 180 of sess". */
function pausedText(run: IRunState, names: Names, trans: TranslationBundle): string {
  if (run.training === false) {
    return trans.__('before %1', runText(run.runs + 1, trans));
  }
  const trained = run.trained ?? [];
  const held = trained.find(({ session }) => session === run.session);
  const others = trained.filter(one => one !== held);
  if (trained.length > 0 && !held) {
    const [first, ...more] = trained;
    return trans.__('after %1', stepText(first.steps, first.session, names, trans) + rest(more, names, trans));
  }
  const before = trans.__('before %1', stepText(run.steps + 1, held ? held.session : null, names, trans));
  return others.length > 0 ? trans.__('%1, after %2', before, listed(others, names, trans)) : before;
}

/** What is to come with the next run, and what came of a stop. */
function waitingText(run: IRunState, trans: TranslationBundle): string {
  const words: { [op: string]: string } = {
    pause: trans.__('pause'),
    resume: trans.__('going on'),
    step: trans.__('the steps'),
    stop: trans.__('stop'),
    fetch: trans.__('looking')
  };
  const texts: string[] = [];
  if (run.caught) {
    texts.push(trans.__('the cell caught the stop'));
  }
  const waiting = [...new Set(run.waiting ?? [])].map(op => words[op] ?? op);
  if (waiting.length > 0) {
    texts.push(trans._n('%2 waits for the next run', '%2 wait for the next run', waiting.length, waiting.join(', ')));
  }
  return texts.map(text => `; ${text}`).join('');
}

function rest(others: readonly ISessionSteps[], names: Names, trans: TranslationBundle): string {
  return others.length > 0 ? `, ${listed(others, names, trans)}` : '';
}

/** "130 of s2, 7 of s3 and 2 more sessions". */
function listed(sessions: readonly ISessionSteps[], names: Names, trans: TranslationBundle): string {
  const texts = sessions
    .slice(0, MOST - 1)
    .map(({ session, steps }) => trans.__('%1 of %2', steps.toLocaleString(), nameOf(session, names)));
  const more = sessions.length - texts.length;
  return more > 0
    ? trans._n('%2 and %1 more session', '%2 and %1 more sessions', more, texts.join(', '))
    : texts.join(', ');
}

function stepText(step: number, session: string | null, names: Names, trans: TranslationBundle): string {
  return session === null
    ? trans.__('step %1', step.toLocaleString())
    : trans.__('step %1 of %2', step.toLocaleString(), nameOf(session, names));
}

function runText(runs: number, trans: TranslationBundle): string {
  return trans.__('run %1', runs.toLocaleString());
}

function nameOf(session: string, names: Names): string {
  return names.get(session) ?? session;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
