import { ILane, IRunLanes } from '../../protocol';

/** A time in which a task computes or waits, in milliseconds from the picture's left edge. */
export interface IBar {
  kind: 'compute' | 'wait';
  begins: number;
  ends: number;
}

/** What goes from one lane to another, from when it is sent to when the part that waits for it has it. */
export interface IArrow {
  from: number;
  to: number;
  begins: number;
  ends: number;
  bytes: number;
}

export interface IRow {
  lane: ILane;
  bars: IBar[];
}

export interface IPlan {
  rows: IRow[];
  arrows: IArrow[];
  /** Where the last bar or arrow ends. */
  ends: number;
}

/** When the part of a level has what it waited for: as its wait ends, or, where it never waited, as it begins. */
function arrival(lane: ILane, level: number): number {
  const wait = lane.waits.find(span => span.level === level);
  return wait?.ends ?? lane.computes.find(span => span.level === level)?.begins ?? 0;
}

/**
 * How much later than the earliest each task began, at least. Tasks tell times since they began themselves, by clocks that
 * differ from machine to machine; but nothing has arrived before it was sent.
 */
export function shiftsOf(lanes: readonly ILane[]): number[] {
  const places = new Map(lanes.map(({ task }, at) => [task, at]));
  const shifts = lanes.map(() => 0);
  for (let round = 0; round < lanes.length; round++) {
    lanes.forEach((lane, from) => {
      for (const { task, level, at } of lane.sends) {
        const to = places.get(task);
        if (to !== undefined) {
          shifts[to] = Math.max(shifts[to], shifts[from] + at - arrival(lanes[to], level));
        }
      }
    });
  }
  return shifts;
}

/** Where everything of a run lies. */
export function planOf({ lanes }: IRunLanes): IPlan {
  const shifts = shiftsOf(lanes);
  const places = new Map(lanes.map(({ task }, at) => [task, at]));
  const rows = lanes.map((lane, at) => {
    const moved = (kind: IBar['kind']) => (span: { begins: number; ends: number }) => ({
      kind,
      begins: span.begins + shifts[at],
      ends: span.ends + shifts[at]
    });
    const bars = [...lane.computes.map(moved('compute')), ...lane.waits.map(moved('wait'))];
    return { lane, bars: bars.sort((a, b) => a.begins - b.begins || a.ends - b.ends) };
  });
  const arrows = lanes.flatMap((lane, from) =>
    lane.sends.flatMap(({ task, level, at, bytes }) => {
      const to = places.get(task);
      if (to === undefined) {
        return [];
      }
      const begins = at + shifts[from];
      return [{ from, to, begins, ends: Math.max(begins, arrival(lanes[to], level) + shifts[to]), bytes }];
    })
  );
  const ends = Math.max(0.001, ...rows.flatMap(({ bars }) => bars.map(bar => bar.ends)), ...arrows.map(a => a.ends));
  return { rows, arrows, ends };
}

/** Numbers for an axis from 0 to `end`, at most `most` of them, at steps of 1, 2 or 5 times a power of 10. */
export function ticksOf(end: number, most: number): number[] {
  const rough = end / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find(factor => factor * power >= rough * (1 - 1e-9)) ?? 10);
  return Array.from({ length: Math.floor(end / step + 1e-9) + 1 }, (_, k) => k * step);
}
