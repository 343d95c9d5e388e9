import { PartialJSONValue } from '@lumino/coreutils';
import { ILayoutResult } from '../../graph/types';
import { ViewState } from '../../viewstate';

/** Letters of all places that are kept of a notebook; where more would be needed, first lines and then whole scopes are left out. */
const MOST = 32000;
/** Scopes with more boxes are not kept: they would take a task of the page's own. */
const LARGE = 400;
/** Places are written down when nothing has moved for so long, in milliseconds. */
const PAUSE = 500;
const NAME = 'graph.places';

/** A scope's layout, and what it was asked for with. */
export interface ILaid {
  key: string;
  result: ILayoutResult;
}

/** A scope's layout as it was kept: `sum` is of its key, '' where the lines were left out. */
interface IKept {
  sum: string;
  result: ILayoutResult;
}

/** A scope as it is written down: boxes as [x, y, layer], and places rounded. */
interface IWritten {
  sum: string;
  size: [width: number, height: number];
  boxes: { [id: string]: number[] };
  edges: { [id: string]: number[] };
}

/**
 * Where boxes stood, kept for the graph that is shown: a graph that grew from cell to cell lies otherwise than one that is laid
 * out at once, and after a reload it should lie as before.
 */
export class KeptPlaces {
  constructor(private _state: ViewState) {}

  /** Recalls what was kept of a graph, by its label. */
  recall(label: string): void {
    window.clearTimeout(this._timer);
    this._label = label;
    this._kept = read(this._state, label);
  }

  /** Forgets what was kept. */
  forget(): void {
    this._kept.clear();
  }

  /** A scope's layout where it was asked for with the same key, to be used as it is. */
  same(scope: string, key: string): ILayoutResult | null {
    const kept = this._kept.get(scope);
    return kept && kept.sum !== '' && kept.sum === sumOf(key) ? kept.result : null;
  }

  /** Where a scope's boxes stood; their lines may be missing. */
  before(scope: string): ILayoutResult | undefined {
    return this._kept.get(scope)?.result;
  }

  /** Keeps scopes' layouts, in a while. */
  keep(scopes: readonly string[], laid: ReadonlyMap<string, ILaid>): void {
    window.clearTimeout(this._timer);
    this._timer = window.setTimeout(() => {
      this._state.set(NAME, { label: this._label, scopes: written(scopes, laid) as unknown as PartialJSONValue });
    }, PAUSE);
  }

  dispose(): void {
    window.clearTimeout(this._timer);
  }

  private _label = '';
  private _kept = new Map<string, IKept>();
  private _timer = 0;
}

function written(scopes: readonly string[], laid: ReadonlyMap<string, ILaid>): { [scope: string]: IWritten } {
  const found: { [scope: string]: IWritten } = {};
  let left = MOST;
  for (const scope of scopes) {
    const one = laid.get(scope);
    if (!one || Object.keys(one.result.boxes).length > LARGE) {
      continue;
    }
    const whole = write(one);
    const bare = { ...whole, sum: '', edges: {} };
    for (const part of [whole, bare]) {
      const length = scope.length + JSON.stringify(part).length;
      if (length <= left) {
        found[scope] = part;
        left -= length;
        break;
      }
    }
  }
  return found;
}

function write({ key, result }: ILaid): IWritten {
  const round = (n: number) => Math.round(n * 10) / 10;
  const boxes: IWritten['boxes'] = {};
  for (const [id, { x, y, layer }] of Object.entries(result.boxes)) {
    boxes[id] = [round(x), round(y), layer];
  }
  const edges: IWritten['edges'] = {};
  for (const [id, line] of Object.entries(result.edges)) {
    edges[id] = line.map(round);
  }
  // The size is not rounded: the scope around it is laid out with just this one.
  return { sum: sumOf(key), size: [result.width, result.height], boxes, edges };
}

/** What was kept of a graph; what is not understood is as if it had not been kept. */
function read(state: ViewState, label: string): Map<string, IKept> {
  const found = new Map<string, IKept>();
  const kept = state.get<PartialJSONValue>(NAME, {}) as { label?: unknown; scopes?: unknown } | null;
  if (kept?.label === label && isTable(kept.scopes)) {
    for (const [scope, part] of Object.entries(kept.scopes)) {
      if (isWritten(part)) {
        const [width, height] = part.size;
        const boxes: ILayoutResult['boxes'] = {};
        for (const [id, [x, y, layer]] of Object.entries(part.boxes)) {
          boxes[id] = { x, y, layer };
        }
        found.set(scope, { sum: part.sum, result: { scope, width, height, boxes, edges: part.edges } });
      }
    }
  }
  return found;
}

function isTable(value: unknown): value is { [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isWritten(value: unknown): value is IWritten {
  const part = value as { [name: string]: unknown };
  const numbers = (list: unknown) => Array.isArray(list) && list.every(n => typeof n === 'number' && isFinite(n));
  return (
    isTable(value) &&
    typeof part.sum === 'string' &&
    numbers(part.size) &&
    (part.size as number[]).length === 2 &&
    isTable(part.boxes) &&
    Object.values(part.boxes).every(place => numbers(place) && (place as number[]).length === 3) &&
    isTable(part.edges) &&
    Object.values(part.edges).every(numbers)
  );
}

/** A text's length and FNV-1a hash (Fowler, Noll and Vo), 32 bits of it. */
function sumOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let k = 0; k < text.length; k++) {
    hash = Math.imul(hash ^ text.charCodeAt(k), 0x01000193);
  }
  return `${text.length}.${(hash >>> 0).toString(36)}`;
}
