/**
 * Long work is a generator that yields where it may be interrupted: after so many operations, and between its parts. Who
 * runs it decides whether to go on at once, later, or not at all.
 */
export type Work<T> = Generator<void, T>;

/** So many operations are done between two yields: a few milliseconds on a slow machine. */
export const PIECE = 1024;

/** Does all of the work at once. */
export function finished<T>(work: Work<T>): T {
  for (;;) {
    const step = work.next();
    if (step.done) {
      return step.value;
    }
  }
}
