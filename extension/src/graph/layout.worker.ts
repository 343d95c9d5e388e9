import { layout } from './layout';
import { ILayoutRequest, ILayoutResult } from './types';

/** What the worker is told: to lay a scope out, or only to show that it is there. */
export interface IOrder {
  id: number;
  request?: ILayoutRequest;
}

/** What it answers. */
export interface IAnswer {
  id: number;
  result?: ILayoutResult;
  problem?: string;
}

/** Does what a message asks for. */
export function answer({ id, request }: IOrder): IAnswer {
  try {
    return request ? { id, result: layout(request) } : { id };
  } catch (error) {
    return { id, problem: error instanceof Error ? error.message : String(error) };
  }
}

// The types are those of a page, which has windows where a worker has its own scope.
const scope = self as unknown as {
  onmessage: ((event: MessageEvent<IOrder>) => void) | null;
  postMessage(message: IAnswer): void;
};
scope.onmessage = event => scope.postMessage(answer(event.data));
