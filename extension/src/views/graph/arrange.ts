import { ILayoutRequest, ILayoutResult, IScene } from '../../graph/types';
import { composeSteps, outerSize, Picture } from './picture';
import { ILaid, KeptPlaces } from './places';
import { inSlices } from './slices';

/** What lays scopes out; `Layouter` in graph/layouter.ts does it in a worker. */
export interface ILayouter {
  /** Gets ready for what will be asked for. */
  warm?(): void;
  lay(requests: ILayoutRequest[]): Promise<ILayoutResult[]>;
  cancel(): void;
  dispose(): void;
}

/**
 * Makes pictures of scenes: lays open scopes out from the inside to the outside, since a scope's size is known only when its
 * contents have places, and keeps what did not change.
 */
export class Arranger {
  constructor(
    private _layouter: ILayouter,
    private _places: KeptPlaces | null = null
  ) {}

  /** The scene's picture, or null where a newer scene was asked for meanwhile; with `keep` its places are kept. */
  async arrange(scene: IScene, keep = false): Promise<Picture | null> {
    const turn = ++this._turn;
    if (this._working) {
      this._layouter.cancel();
    }
    const layouts = new Map<string, ILayoutResult>();
    for (const scopes of openScopes(scene).reverse()) {
      const keys: string[] = [];
      const requests: ILayoutRequest[] = [];
      for (const scope of scopes) {
        const request = requestOf(scene, scope, layouts);
        const key = JSON.stringify(request);
        const known = this._known.get(scope);
        if (known && known.key === key) {
          layouts.set(scope, known.result);
          continue;
        }
        const same = this._places?.same(scope, key);
        if (same) {
          layouts.set(scope, same);
          this._known.set(scope, { key, result: same });
          continue;
        }
        const before = known?.result ?? this._places?.before(scope);
        if (before) {
          request.before = before;
        }
        keys.push(key);
        requests.push(request);
      }
      if (requests.length === 0) {
        continue;
      }
      let results: ILayoutResult[];
      try {
        this._working = true;
        results = await this._layouter.lay(requests);
      } catch (problem) {
        if (turn !== this._turn) {
          return null;
        }
        throw problem;
      } finally {
        if (turn === this._turn) {
          this._working = false;
        }
      }
      if (turn !== this._turn) {
        return null;
      }
      results.forEach((result, k) => {
        layouts.set(requests[k].scope, result);
        this._known.set(requests[k].scope, { key: keys[k], result });
      });
    }
    if (keep) {
      this._places?.keep([...layouts.keys()], this._known);
    }
    return inSlices(composeSteps(scene, layouts), () => turn === this._turn);
  }

  /** Forgets all places, as for another graph, and recalls those kept of the graph of a label. */
  clear(label = ''): void {
    this._turn++;
    this._known.clear();
    this._places?.recall(label);
  }

  /** Lays all out anew: what stood apart because something large was open between comes together. */
  forget(): void {
    this._known.clear();
    this._places?.forget();
  }

  dispose(): void {
    this._turn++;
    this._known.clear();
    this._places?.dispose();
    this._layouter.dispose();
  }

  private _turn = 0;
  private _working = false;
  private _known = new Map<string, ILaid>();
}

/** Open scopes by depth, the top first. */
export function openScopes(scene: IScene): string[][] {
  const depths: string[][] = [];
  let here = [''];
  while (here.length > 0) {
    depths.push(here);
    here = here.flatMap(scope => scene.contents(scope).filter(id => scene.boxes.get(id)?.open));
  }
  return depths;
}

function requestOf(scene: IScene, scope: string, inner: ReadonlyMap<string, ILayoutResult>): ILayoutRequest {
  const boxes: ILayoutRequest['boxes'] = [];
  for (const id of scene.contents(scope)) {
    const box = scene.boxes.get(id);
    if (box) {
      const contents = box.open ? inner.get(id) : undefined;
      const { width, height } = contents ? outerSize(box, contents) : box;
      boxes.push({ id, width, height });
    }
  }
  return { scope, boxes, edges: scene.edges(scope).map(({ id, from, to }) => ({ id, from, to })) };
}
