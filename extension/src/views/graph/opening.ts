import { INode, IScene, ISceneBox } from '../../graph/types';

/** A picture in which all is opened at once gets no more boxes than this by series. */
export const MOST_BOXES = 2000;

/** What of a picture's folded series is opened next. */
export interface IOpening {
  /** Ids of series to be opened. */
  open: string[];
  /** Boxes in those that stay folded, since the picture would have too many. */
  left: number;
}

/**
 * The series to open, the small ones first, where all scopes down to a depth shall be open. What is in a series is seen only once
 * it is open, so this is asked again of the scene that follows.
 */
export function seriesToOpen(scene: IScene, nodes: readonly INode[], depth: number): IOpening {
  const closed = [...scene.boxes.values()].filter(
    box => box.kind === 'series' && !box.open && reaches(box, nodes, depth)
  );
  closed.sort((a, b) => cost(a) - cost(b));
  let room = MOST_BOXES - scene.boxes.size;
  const open: string[] = [];
  let left = 0;
  for (const box of closed) {
    if (cost(box) <= room) {
      room -= cost(box);
      open.push(box.id);
    } else {
      left += box.members ?? 0;
    }
  }
  return { open, left };
}

/** How many boxes may come of a series, at most about: its members, and the operations within them. */
function cost({ members = 0, ops }: ISceneBox): number {
  return members + ops.length;
}

/** Whether a series is one of scopes down to a depth; with no bound, all are opened, also those of operations. */
function reaches(box: ISceneBox, nodes: readonly INode[], depth: number): boolean {
  if (depth === Infinity) {
    return true;
  }
  const first = box.id.trimEnd().replace(/\[\.\.\.\]$/, '/');
  return first.split('/').length - 1 <= depth && box.ops.some(op => nodes[op]?.name.startsWith(first));
}
