import { IColors } from '../../theme';
import { niceTicks } from './numbers';
import { IPart } from './parts';

/** Writes indices at the upper and left border of a matrix's picture, each at the middle of what it stands for. */
export function drawIndices(
  context: CanvasRenderingContext2D,
  box: { x: number; y: number; width: number; height: number },
  part: IPart,
  colors: IColors
): void {
  const { size } = colors;
  const ticks = ([from, to]: [number, number], room: number, each: number) =>
    niceTicks(from, to - 1, Math.max(1, room / (size * each)), true);
  const share = ([from, to]: [number, number], at: number) => (at + 0.5 - from) / (to - from);
  context.fillStyle = colors.faint;
  context.textAlign = 'center';
  context.textBaseline = 'bottom';
  for (const at of ticks(part.columns, box.width, 4)) {
    // The canvas ends where the picture does: the last index may not reach beyond it.
    const most = box.x + box.width - context.measureText(String(at)).width / 2;
    context.fillText(String(at), Math.min(box.x + share(part.columns, at) * box.width, most), box.y - 3);
  }
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  for (const at of ticks(part.rows, box.height, 2)) {
    context.fillText(String(at), box.x - 5, box.y + share(part.rows, at) * box.height);
  }
}
