import { TranslationBundle } from '@jupyterlab/translation';
import { ILane, IRunLanes } from '../../protocol';
import { IArrow, IBar, IPlan } from './plan';

const digits = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 3 });

/** A time of so many milliseconds, in the unit that one would say. */
export function formatTime(milliseconds: number, trans: TranslationBundle): string {
  if (milliseconds >= 1000) {
    return trans.__('%1 s', digits.format(milliseconds / 1000));
  }
  return milliseconds >= 0.1 || milliseconds === 0
    ? trans.__('%1 ms', digits.format(milliseconds))
    : trans.__('%1 µs', digits.format(milliseconds * 1000));
}

export function formatBytes(bytes: number, trans: TranslationBundle): string {
  if (bytes < 1000) {
    return trans.__('%1 B', digits.format(bytes));
  }
  return bytes < 1e6
    ? trans.__('%1 kB', digits.format(bytes / 1e3))
    : bytes < 1e9
      ? trans.__('%1 MB', digits.format(bytes / 1e6))
      : trans.__('%1 GB', digits.format(bytes / 1e9));
}

/** A task's short name: "ps 0". */
export function shortTask(task: string): string {
  const parts = /^\/job:([^/]+)\/task:(\d+)$/.exec(task);
  return parts ? `${parts[1]} ${parts[2]}` : task;
}

/** What a task did, per run. */
export function laneText({ task, computed, waited, sent }: ILane, trans: TranslationBundle): string {
  return trans.__(
    '%1: %2 computing, %3 waiting, %4 sent',
    task,
    formatTime(computed, trans),
    formatTime(waited, trans),
    formatBytes(sent, trans)
  );
}

export function barText(bar: IBar, trans: TranslationBundle): string {
  const took = formatTime(bar.ends - bar.begins, trans);
  const at = formatTime(bar.begins, trans);
  return bar.kind === 'compute'
    ? trans.__('Computes for %1, from %2 on', took, at)
    : trans.__('Waits for %1, from %2 on', took, at);
}

export function arrowText(arrow: IArrow, plan: IPlan, trans: TranslationBundle): string {
  const to = plan.rows[arrow.to].lane.task;
  const at = formatTime(arrow.begins, trans);
  return arrow.bytes > 0
    ? trans.__('Sends %1 to %2 at %3', formatBytes(arrow.bytes, trans), to, at)
    : trans.__('Tells %1 at %2 that it is done', to, at);
}

/** Which run is shown. */
export function headText(told: IRunLanes, trans: TranslationBundle): string {
  const step = told.step > 0 ? trans.__('Step %1', told.step.toLocaleString()) : trans.__('The latest run');
  const took = formatTime(told.took, trans);
  return told.runs > 1
    ? trans._n(
        '%2, the last of %1 run of one request: %3 per run',
        '%2, the last of %1 runs of one request: %3 per run',
        told.runs,
        step,
        took
      )
    : trans.__('%1: %2, with the way to the cluster and back', step, took);
}
