import { ILinks } from './links';
import { PIECE, Work } from './pieces';
import { INode } from './types';

/** A scope's contents as one number: equal for scopes with the same types of operations, joined in the same ways. */
export type Fingerprint = number;

const types = new Map<string, number>();

/** A number of 32 bits for a text; the same in every session. */
export function hashText(text: string): number {
  let found = types.get(text);
  if (found === undefined) {
    found = 0x811c9dc5;
    for (let i = 0; i < text.length; i++) {
      found = Math.imul(found ^ text.charCodeAt(i), 0x01000193);
    }
    types.set(text, found);
  }
  return found;
}

function mix(a: number, b: number): number {
  let h = Math.imul(a ^ (a >>> 15), 0x2c1b3c6d) ^ Math.imul(b ^ (b >>> 13), 0x297a2d39);
  h = Math.imul(h ^ (h >>> 12), 0x85ebca6b);
  return h ^ (h >>> 16);
}

/**
 * Fingerprints of all scopes, bottom-up. Sums do not depend on the order in which things were built; two of 32 bits are
 * kept, so that two of a hundred thousand scopes are hardly ever taken for the same by chance. `counts` is of the
 * operations shown in each.
 */
export function* printSteps(
  nodes: readonly INode[],
  links: ILinks,
  parents: readonly number[],
  depths: readonly number[],
  scopeOf: Int32Array,
  shown: Uint8Array,
  counts: ArrayLike<number>
): Work<Fingerprint[]> {
  const low = new Int32Array(parents.length);
  const high = new Int32Array(parents.length);
  const add = (scope: number, value: number) => {
    low[scope] += mix(value, 0x1b873593);
    high[scope] += mix(value, 0x5bd1e995);
  };
  const typeOf = new Int32Array(nodes.length);
  for (let i = 0; i < nodes.length; i++) {
    typeOf[i] = hashText(nodes[i].type);
    if (shown[i]) {
      add(scopeOf[i], typeOf[i]);
    }
  }
  yield;
  const join = (from: number, to: number, output: number) => {
    let a = scopeOf[from];
    let b = scopeOf[to];
    while (a !== b) {
      if (depths[a] >= depths[b]) {
        a = parents[a];
      } else {
        b = parents[b];
      }
    }
    add(a, mix(mix(typeOf[from], output), typeOf[to]));
  };
  for (let i = 0; i < nodes.length; i++) {
    if (i % PIECE === PIECE - 1) {
      yield;
    }
    if (!shown[i]) {
      continue;
    }
    for (let t = links.firstTensor[i]; t < links.firstTensor[i + 1]; t++) {
      for (let k = links.readerStart[t]; k < links.readerStart[t + 1]; k++) {
        if (shown[links.readers[k]]) {
          join(i, links.readers[k], t - links.firstTensor[i]);
        }
      }
    }
    for (let k = links.waiterStart[i]; k < links.waiterStart[i + 1]; k++) {
      if (shown[links.waiters[k]]) {
        join(i, links.waiters[k], -1);
      }
    }
  }
  for (let s = parents.length - 1; s > 0; s--) {
    if (counts[s] > 0) {
      add(parents[s], mix(low[s], high[s]));
    }
  }
  return Array.from(low, (value, s) => (value >>> 0) + (high[s] & 0xfffff) * 4294967296);
}

/**
 * Numbers for scopes that are not alone in their structure, in the order of first appearance; -1 for those that are.
 */
export function structureNumbers(prints: readonly Fingerprint[], counts: ArrayLike<number>): Int32Array {
  const seen = new Map<Fingerprint, number>();
  for (let s = 1; s < prints.length; s++) {
    if (counts[s] > 0) {
      seen.set(prints[s], (seen.get(prints[s]) ?? 0) + 1);
    }
  }
  const numbers = new Map<Fingerprint, number>();
  return Int32Array.from(prints, (print, s) => {
    if (s === 0 || !(counts[s] > 0) || seen.get(print)! < 2) {
      return -1;
    }
    let number = numbers.get(print);
    if (number === undefined) {
      number = numbers.size;
      numbers.set(print, number);
    }
    return number;
  });
}
