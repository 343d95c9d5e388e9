import { CANCELLED, grid, steps } from './layout';
import { IAnswer, IOrder } from './layout.worker';
import { ILayoutRequest, ILayoutResult } from './types';
import { makeWorker } from './worker';

/** A worker that has not answered by then is done without, in milliseconds. */
const PING = 3000;
/** A scope that takes longer is shown as a plain grid. */
const DEADLINE = 2000;
/** On the main thread, the page gets its turn after so long. */
const SLICE = 12;
/** So many results are kept; the oldest go first. */
const KEPT = 200;
/** Scopes with more boxes are not kept. */
const LARGE = 2000;

interface IJob {
  requests: ILayoutRequest[];
  results: ILayoutResult[];
  begun: boolean;
  given: boolean;
  resolve(results: ILayoutResult[]): void;
  reject(error: Error): void;
}

/**
 * Has scopes laid out beside the page: in a worker, or where there is none in slices on the main thread.
 *
 * Only the newest request waits: one before it that was not begun is dropped, and its promise rejected with
 * `cancelled`. Results are kept, so that opening a scope and closing it again costs nothing.
 */
export class Layouter {
  /** Starts the worker before it is needed: loading it takes as long as a layout. */
  warm(): void {
    void this._ready();
  }

  /** Lays scopes out, one after the other; the answer has their order. */
  lay(requests: ILayoutRequest[]): Promise<ILayoutResult[]> {
    return new Promise((resolve, reject) => {
      if (this._disposed) {
        reject(new Error(CANCELLED));
        return;
      }
      this._drop(this._waiting);
      this._waiting = { requests, results: [], begun: false, given: false, resolve, reject };
      void this._work();
    });
  }

  /** Gives up what is asked for and not there yet. */
  cancel(): void {
    const running = this._running;
    this._drop(this._waiting);
    this._waiting = null;
    this._drop(running);
    if (running && this._worker) {
      this._endWorker(); // it cannot be asked to stop
    }
    this._abort?.();
  }

  dispose(): void {
    this._disposed = true;
    this.cancel();
    this._endWorker();
    this._cache.clear();
  }

  private _drop(job: IJob | null): void {
    if (job && !job.given) {
      job.given = true;
      job.reject(new Error(CANCELLED));
    }
  }

  private async _work(): Promise<void> {
    while (!this._running && this._waiting) {
      const job = this._waiting;
      this._waiting = null;
      this._running = job;
      try {
        for (const request of job.requests) {
          if (job.given) {
            break;
          }
          job.results.push(await this._one(request, job));
        }
        if (!job.given) {
          job.given = true;
          job.resolve(job.results);
        }
      } catch (error) {
        if (!job.given) {
          job.given = true;
          job.reject(error instanceof Error ? error : new Error(String(error)));
        }
      } finally {
        this._running = null;
      }
    }
  }

  private async _one(request: ILayoutRequest, job: IJob): Promise<ILayoutResult> {
    // A large scope's key takes as long as it saves, and who asks keeps what was the last answer.
    const key = request.boxes.length > LARGE ? '' : keyOf(request);
    const known = this._cache.get(key);
    if (known) {
      this._cache.delete(key); // it becomes the newest
      this._cache.set(key, known);
      return known;
    }
    const worker = await this._ready();
    if (job.given) {
      throw new Error(CANCELLED);
    }
    let result = worker ? await this._inWorker(worker, request) : await this._inSlices(request);
    if (!result && !job.given && !this._worker && !this._late) {
      result = await this._inSlices(request); // the worker broke
    }
    if (job.given) {
      throw new Error(CANCELLED);
    }
    result = result ?? grid(request);
    if (key !== '') {
      this._cache.set(key, result);
    }
    if (this._cache.size > KEPT) {
      this._cache.delete(this._cache.keys().next().value!);
    }
    return result;
  }

  /** The worker once it has answered, or null where there is none. */
  private _ready(): Promise<Worker | null> {
    if (this._broken || (this._worker && !this._starting)) {
      return Promise.resolve(this._worker);
    }
    this._starting ??= this._start().finally(() => (this._starting = null));
    return this._starting;
  }

  private async _start(): Promise<Worker | null> {
    let worker: Worker;
    try {
      worker = makeWorker();
    } catch {
      this._broken = true;
      return null;
    }
    this._worker = worker;
    const found = await this._ask(worker, {}, PING);
    if (!found && this._worker === worker) {
      this._broken = true;
      this._endWorker();
    }
    return this._worker;
  }

  private async _inWorker(worker: Worker, request: ILayoutRequest): Promise<ILayoutResult | null> {
    this._late = false;
    const found = await this._ask(worker, { request }, DEADLINE);
    if (found?.problem !== undefined) {
      console.error(`Laying out "${request.scope}" failed: ${found.problem}`);
      return grid(request);
    }
    if (!found && this._worker === worker) {
      this._endWorker();
    }
    return found?.result ?? null;
  }

  /** Sends an order; null where the worker breaks, is ended, or has not answered in time. */
  private _ask(worker: Worker, order: Omit<IOrder, 'id'>, time: number): Promise<IAnswer | null> {
    const id = ++this._orders;
    return new Promise(resolve => {
      const finish = (found: IAnswer | null) => {
        clearTimeout(timer);
        worker.onmessage = worker.onerror = worker.onmessageerror = null;
        this._abort = null;
        resolve(found);
      };
      const fail = () => {
        this._broken = true;
        this._endWorker();
      };
      const timer = setTimeout(() => {
        this._late = true;
        finish(null);
      }, time);
      this._abort = () => finish(null);
      worker.onmessage = (event: MessageEvent<IAnswer>) => {
        if (event.data.id === id) {
          finish(event.data);
        }
      };
      worker.onerror = event => {
        event.preventDefault();
        fail();
      };
      worker.onmessageerror = fail;
      try {
        worker.postMessage({ id, ...order });
      } catch {
        fail();
      }
    });
  }

  /** On the main thread, a slice at a time; null where it takes too long or is given up. */
  private async _inSlices(request: ILayoutRequest): Promise<ILayoutResult | null> {
    let given = false;
    this._abort = () => (given = true);
    const work = steps(request);
    const end = performance.now() + DEADLINE;
    try {
      for (let now = performance.now(); !given && now < end; now = performance.now()) {
        do {
          const step = work.next();
          if (step.done) {
            return step.value;
          }
        } while (performance.now() - now < SLICE);
        await new Promise(resolve => setTimeout(resolve, 0));
      }
      this._late = !given;
      return null;
    } catch (error) {
      console.error(`Laying out "${request.scope}" failed`, error);
      return grid(request);
    } finally {
      this._abort = null;
    }
  }

  private _endWorker(): void {
    this._worker?.terminate();
    this._worker = null;
    this._abort?.();
  }

  private _worker: Worker | null = null;
  private _starting: Promise<Worker | null> | null = null;
  private _broken = false;
  private _late = false;
  private _disposed = false;
  private _orders = 0;
  private _running: IJob | null = null;
  private _waiting: IJob | null = null;
  private _abort: (() => void) | null = null;
  private _cache = new Map<string, ILayoutResult>();
}

/** All that a layout depends on: what was there before counts as well, since places are kept. */
function keyOf(request: ILayoutRequest): string {
  return JSON.stringify([request.scope, request.boxes, request.edges, request.before?.boxes ?? null]);
}
