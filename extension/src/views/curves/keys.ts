import { Range } from './curve';
import { ILine, scaled } from './read';

/** What keys act on in a chart. */
export interface IKeyTarget {
  lines: readonly ILine[];
  /** The point that the cursor is on. */
  lead: { line: ILine; index: number } | null;
  x: Range;
  cursor: number | null;
  moveTo(line: ILine, index: number): void;
  zoomTo(x: Range): void;
  reset(): void;
  leave(): void;
}

/**
 * Arrows move a cursor from point to point and from line to line, Home and End to the ends, Page Up and Down by a
 * tenth; + and - zoom, 0 shows all, Escape takes the cursor away. Whether the key meant something.
 */
export function keyPressed(key: string, target: IKeyTarget): boolean {
  const { x } = target;
  if (key === '+' || key === '=' || key === '-' || key === '_') {
    const inside = target.cursor !== null && target.cursor >= x[0] && target.cursor <= x[1];
    const about = inside && target.cursor !== null ? target.cursor : (x[0] + x[1]) / 2;
    target.zoomTo(scaled(x, about, key === '+' || key === '=' ? 0.5 : 2));
    return true;
  }
  if (key === '0') {
    target.reset();
    return true;
  }
  if (key === 'Escape') {
    const had = target.cursor !== null;
    target.leave();
    return had;
  }
  const lines = target.lines.filter(({ curve }) => curve.length > 0);
  if (lines.length === 0) {
    return false;
  }
  const { lead } = target;
  // At first the latest point of the latest run.
  const line = lead?.line ?? lines[lines.length - 1];
  const last = line.curve.length - 1;
  const index = Math.min(lead?.index ?? last, last);
  const page = Math.max(1, Math.round(line.curve.length / 10));
  const to: { [key: string]: number | undefined } = {
    ArrowLeft: lead ? index - 1 : last,
    ArrowRight: lead ? index + 1 : last,
    Home: 0,
    End: last,
    PageUp: index - page,
    PageDown: index + page
  };
  const wanted = Object.prototype.hasOwnProperty.call(to, key) ? to[key] : undefined;
  if (wanted !== undefined) {
    target.moveTo(line, Math.max(0, Math.min(last, wanted)));
    return true;
  }
  if (key === 'ArrowUp' || key === 'ArrowDown') {
    const at = lines.indexOf(line) + (key === 'ArrowUp' ? 1 : -1);
    const next = lines[(at + lines.length) % lines.length];
    const step = line.curve.series.steps[index];
    target.moveTo(next, Math.max(0, next.curve.nearest(step, { axis: 'step', epoch: 1 })));
    return true;
  }
  return false;
}
