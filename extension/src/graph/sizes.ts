/** Sizes of a box's texts, in CSS pixels. */
export const LABEL_SIZE = 12;
export const CAPTION_SIZE = 10;

/** Room to the left and right of a box's texts, and above and below them. */
export const PADDING = { x: 8, y: 4 } as const;

/** Room for the "+" of a box that can be opened. */
export const MARK_SIZE = 16;

const LEAST = { width: 60, height: 28 } as const;

/** A name that is longer is cut when it is drawn. */
const MOST_WIDTH = 260;

/** Lines are a little higher than their letters. */
const LINE = 1.3;

export type Measure = (text: string, size: number) => number;

/** The size of a closed box, whole pixels, so that borders are sharp. */
export function boxSize(
  label: string,
  caption: string,
  opens: boolean,
  measure: Measure
): { width: number; height: number } {
  const text = Math.max(width(label, LABEL_SIZE, measure), width(caption, CAPTION_SIZE, measure));
  const lines = LABEL_SIZE * LINE + (caption === '' ? 0 : CAPTION_SIZE * LINE);
  const wide = text + 2 * PADDING.x + (opens ? MARK_SIZE : 0);
  return {
    width: Math.ceil(Math.min(Math.max(wide, LEAST.width), MOST_WIDTH)),
    height: Math.ceil(Math.max(lines + 2 * PADDING.y, LEAST.height))
  };
}

function width(text: string, size: number, measure: Measure): number {
  const found = text === '' ? 0 : measure(text, size);
  return Number.isFinite(found) ? found : 0;
}
