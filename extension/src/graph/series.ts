import { finished, Work } from './pieces';

/** So many are looked at between two yields. */
const MEMBERS = 1024;

/** A box that may be one of a series. */
export interface IMember {
  /** Its last part, as shown. */
  name: string;
  /** Equal for boxes that are alike inside and, where that says little, in what they are joined to. */
  sign: string;
  /** How many it takes to fold them. */
  least: number;
}

/** Boxes that become one. */
export interface ISeriesGroup {
  /** Places in the list of members, in the order of building. */
  members: number[];
  label: string;
}

interface ICut {
  before: string;
  after: string;
  number: number;
}

/**
 * Finds series in one scope: names that differ in one number only ("layer1", "layer2"; "add", "add_1"), of the same
 * sign. The number at the end counts first; where that makes no series, the last one within ("add_1_grad") may, and last that
 * before the end's, which all have that a cell made when it ran again ("layer1_1", "layer2_1").
 *
 * `accepts` has the last word on a group.
 */
export function findSeries(
  members: readonly IMember[],
  accepts: (members: readonly number[]) => boolean = () => true
): ISeriesGroup[] {
  return finished(
    seriesSteps(members, function* (group) {
      return accepts(group);
    })
  );
}

/** The same, a piece at a time. */
export function* seriesSteps(
  members: readonly IMember[],
  accepts: (members: readonly number[]) => Work<boolean>
): Work<ISeriesGroup[]> {
  const found: ISeriesGroup[] = [];
  let rest = members.map((member, i) => i);
  for (const cut of [cutAtEnd, cutWithin, cutOfCopy]) {
    const groups = new Map<string, { member: number; cut: ICut }[]>();
    for (const [k, i] of rest.entries()) {
      if (k % MEMBERS === MEMBERS - 1) {
        yield;
      }
      const parts = cut(members[i].name);
      const key = `${parts.before}\n${parts.after}\n${members[i].sign}`;
      const group = groups.get(key);
      if (group) {
        group.push({ member: i, cut: parts });
      } else {
        groups.set(key, [{ member: i, cut: parts }]);
      }
    }
    const taken = new Set<number>();
    yield;
    for (const group of groups.values()) {
      const places = group.map(({ member }) => member);
      if (group.length < members[places[0]].least || !(yield* accepts(places))) {
        continue;
      }
      yield;
      places.forEach(place => taken.add(place));
      const numbers = group.map(({ cut: { number } }) => number);
      const range = `${least(numbers)}–${-least(numbers.map(n => -n))}`;
      found.push({ members: places, label: `${group[0].cut.before}[${range}]${group[0].cut.after}` });
    }
    rest = rest.filter(i => !taken.has(i));
  }
  return found;
}

function cutAtEnd(name: string): ICut {
  const parts = /^(.*?)_?(\d{1,9})$/s.exec(name);
  return parts ? { before: parts[1], after: '', number: Number(parts[2]) } : { before: name, after: '', number: 0 };
}

function cutWithin(name: string): ICut {
  const parts = /^(.*?)_?(\d{1,9})(\D+)$/s.exec(name);
  if (parts) {
    return { before: parts[1], after: parts[3], number: Number(parts[2]) };
  }
  // "add_grad" stands before "add_1_grad".
  const last = /^(.+)(_[^_\d]+)$/s.exec(name);
  return last ? { before: last[1], after: last[2], number: 0 } : { before: name, after: '', number: 0 };
}

function cutOfCopy(name: string): ICut {
  const parts = /^(.*?)_?(\d{1,9})(_\d{1,9})$/s.exec(name);
  return parts
    ? { before: parts[1], after: parts[3], number: Number(parts[2]) }
    : { before: name, after: '', number: 0 };
}

function least(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => Math.min(a, b), Infinity);
}
