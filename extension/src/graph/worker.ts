/** Starts the worker that lays graphs out. Bundlers look for exactly this line; tests put another in its place. */
export function makeWorker(): Worker {
  return new Worker(new URL('./layout.worker.js', import.meta.url));
}
