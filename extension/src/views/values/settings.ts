import { JSONObject } from '@lumino/coreutils';
import { IChoice, IRepresentation, Kind, NO_CHOICE, representations } from './shapes';
import { Palette } from './scale';

/** How an opened tensor is shown, as far as the user chose; kept by the tensor's name. */
export interface ILook extends IChoice {
  kind: Kind | null;
  palette: Palette | 'auto';
  /** Colours end at the least and greatest number instead of at the quantiles. */
  full: boolean;
  /** Each picture of a grid has a scale of its own. */
  own: boolean;
}

export const NO_LOOK: ILook = { ...NO_CHOICE, kind: null, palette: 'auto', full: false, own: false };

/** What was kept, or the defaults where it is missing or was damaged. */
export function readLook(kept: JSONObject | undefined): ILook {
  const look: { [name: string]: unknown } = { ...NO_LOOK };
  const numbers = (x: unknown) => Array.isArray(x) && x.every(n => typeof n === 'number' && Number.isFinite(n));
  for (const [name, value] of Object.entries(kept ?? {})) {
    const now = look[name];
    const pair = (name === 'rows' || name === 'columns') && (value === null || (numbers(value) && pairOf(value)));
    if (name === 'kind' ? typeof value === 'string' : pair) {
      look[name] = value;
    } else if (Array.isArray(now) ? numbers(value) : now !== null && typeof now === typeof value) {
      look[name] = value;
    }
  }
  return look as unknown as ILook;
}

function pairOf(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2;
}

/** The representation to show: the chosen one where the shape has it, else the first; null where nothing can be shown. */
export function wayOf(shape: readonly number[], look: ILook): IRepresentation | null {
  const ways = representations(shape, look.fold);
  return ways.find(way => way.kind === look.kind) ?? ways[0] ?? null;
}

/**
 * The colours that are used: automatic ones are red, green and blue where there are three channels, gray for what are pictures
 * unless some of it is `negative`, and signed for everything else.
 */
export function paletteOf(
  shape: readonly number[],
  way: IRepresentation,
  chosen: Palette | 'auto',
  negative = false
): Palette {
  const color = way.tiling !== null && way.tiling.color >= 0;
  if (chosen !== 'auto' && (chosen !== 'color' || color)) {
    return chosen;
  }
  if (color) {
    return 'color';
  }
  const pictures = way.kind === 'images' || way.kind === 'rows' || (way.kind === 'filters' && shape[2] === 1);
  return pictures && !negative ? 'gray' : 'signed';
}
