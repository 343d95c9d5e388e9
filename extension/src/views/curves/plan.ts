import { IRunInfo, ISeriesInfo } from '../../protocol';

/** A name of curves, and where it stands in the list: what is before its first slash. */
export interface IName {
  name: string;
  kind: ISeriesInfo['kind'];
  prefix: string;
  /** The latest run that has it. */
  run: number;
}

/** A chart to be drawn. */
export interface IChartPlan {
  key: string;
  names: string[];
  /** Whether it is the one that several names share. */
  shared: boolean;
}

/** What the user chose, as far as a plan depends on it. */
export interface IChoice {
  chosen(name: string): boolean | undefined;
  together(name: string): boolean;
}

/** So many charts are shown of themselves; more must be asked for. */
export const AT_FIRST = 12;

const KINDS: readonly ISeriesInfo['kind'][] = ['loss', 'log', 'summary', 'watch'];

/**
 * Names of all series, each once: losses first, then in the order in which they came. Where they are too many to be shown
 * of themselves, those of the latest runs come before the others.
 */
export function namesOf(infos: Iterable<ISeriesInfo>): IName[] {
  const found = new Map<string, IName>();
  for (const { name, kind, run } of infos) {
    const known = found.get(name);
    if (!known) {
      const slash = name.indexOf('/');
      found.set(name, { name, kind, prefix: slash > 0 ? name.slice(0, slash + 1) : '', run });
      continue;
    }
    known.run = Math.max(known.run, run);
    if (KINDS.indexOf(kind) < KINDS.indexOf(known.kind)) {
      known.kind = kind;
    }
  }
  const all = [...found.values()];
  const names = KINDS.flatMap(kind => all.filter(name => name.kind === kind));
  return names.length > AT_FIRST ? names.sort((a, b) => b.run - a.run) : names;
}

/** Which names are shown: those that the user chose, and of the others the first few. */
export function shownNames(names: readonly IName[], choice: IChoice): Set<string> {
  const shown = new Set<string>();
  names.forEach(({ name }, at) => {
    if (choice.chosen(name) ?? at < AT_FIRST) {
      shown.add(name);
    }
  });
  return shown;
}

/** Charts for the names that are shown: first the shared one, where names were put into it, then one for each. */
export function planOf(names: readonly IName[], choice: IChoice): IChartPlan[] {
  const shown = shownNames(names, choice);
  const list = names.map(name => name.name).filter(name => shown.has(name));
  const shared = list.filter(name => choice.together(name));
  const plans: IChartPlan[] = shared.length > 0 ? [{ key: 'shared', names: shared, shared: true }] : [];
  return plans.concat(
    list.filter(name => !choice.together(name)).map(name => ({ key: `name ${name}`, names: [name], shared: false }))
  );
}

/**
 * Names in groups by prefix, filtered by what was typed: every word must occur. A prefix of one name makes no group.
 */
export function groupsOf(names: readonly IName[], filter: string): { prefix: string; names: IName[] }[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const found = names.filter(({ name }) => words.every(word => name.toLowerCase().includes(word)));
  const sizes = new Map<string, number>();
  names.forEach(({ prefix }) => sizes.set(prefix, (sizes.get(prefix) ?? 0) + 1));
  const groups = new Map<string, IName[]>([['', []]]);
  for (const name of found) {
    const prefix = (sizes.get(name.prefix) ?? 0) > 1 ? name.prefix : '';
    groups.set(prefix, [...(groups.get(prefix) ?? []), name]);
  }
  return [...groups].map(([prefix, inside]) => ({ prefix, names: inside })).filter(group => group.names.length > 0);
}

/** The runs, oldest first, with one made up for each number that curves have and the list has not. */
export function runsOf(
  runs: readonly IRunInfo[],
  infos: Iterable<ISeriesInfo>,
  label: (run: number) => string
): IRunInfo[] {
  const known = new Map(runs.map(run => [run.run, run]));
  for (const { run } of infos) {
    if (!known.has(run)) {
      known.set(run, { run, label: '', began: 0 });
    }
  }
  return [...known.values()]
    .map(run => (run.label ? run : { ...run, label: label(run.run) }))
    .sort((a, b) => a.run - b.run);
}
