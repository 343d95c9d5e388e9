import { plainType, shapeText } from './shapes';
import { INode } from './types';

/** What is wrong with a search's text. */
export interface IProblem {
  problem: string;
}

type Test = (node: INode) => boolean;

/**
 * Finds operations. Words, with spaces between them, must all be true of an operation, in any case:
 *
 *   dense bias       both occur in the name
 *   /^layer\d\/W$/   the name matches
 *   type:MatMul      of this type; `*` stands for any letters
 *   device:gpu       occurs in the device it was asked to run on
 *   dtype:float32    has an output of this type
 *   shape:?x784      has an output of this shape; "?" is an unknown dimension, "*" any one; "scalar" a number
 *   role:variable    plays this part
 *   "a b"            as it stands, with its spaces
 */
export function search(nodes: readonly INode[], text: string): number[] | IProblem {
  const tests: Test[] = [];
  for (const word of words(text)) {
    const test = testOf(word);
    if (typeof test !== 'function') {
      return test;
    }
    tests.push(test);
  }
  const found: number[] = [];
  if (tests.length > 0) {
    for (let i = 0; i < nodes.length; i++) {
      if (tests.every(test => test(nodes[i]))) {
        found.push(i);
      }
    }
  }
  return found;
}

/** Cuts a search's text at its spaces, but not within /.../ or "...". */
function words(text: string): string[] {
  const found: string[] = [];
  let rest = text.trim();
  while (rest !== '') {
    const taken =
      /^\/(?:\\.|[^\\/]|\/(?!\s|$|i(?:\s|$)))*\/i?(?=\s|$)/.exec(rest) ?? /^"[^"]*"/.exec(rest) ?? /^\S+/.exec(rest);
    const word = taken![0];
    found.push(word);
    rest = rest.slice(word.length).trim();
  }
  return found;
}

function testOf(word: string): Test | IProblem {
  if (word.startsWith('/') && /.\/i?$/.test(word)) {
    return expression(word.replace(/^\/|\/i?$/g, ''));
  }
  const parts = /^(type|device|dtype|shape|role):(.*)$/is.exec(word);
  if (!parts) {
    const plain = unquoted(word);
    return node => node.name.toLowerCase().includes(plain);
  }
  const value = unquoted(parts[2]);
  if (value === '') {
    return () => true; // as while it is being typed
  }
  switch (parts[1].toLowerCase()) {
    case 'type':
      return pattern(value, type => node => type.test(node.type));
    case 'device':
      return node => node.device.toLowerCase().includes(value);
    case 'dtype':
      return node => node.outputs.some(({ dtype }) => plainType(dtype) === value || dtype === value);
    case 'shape':
      return node => node.outputs.some(({ shape }) => hasShape(shape, value));
    default:
      return node => node.role === value;
  }
}

function expression(source: string): Test | IProblem {
  try {
    const found = new RegExp(source, 'i');
    return node => found.test(node.name);
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

function pattern(value: string, test: (type: RegExp) => Test): Test {
  const escaped = value.replace(/[\\^$.+?()[\]{}|]/g, '\\$&').replace(/\*+/g, '.*');
  return test(new RegExp(`^${escaped}$`, 'i'));
}

function unquoted(word: string): string {
  return word.replace(/^"([^"]*)"?$/, '$1').toLowerCase();
}

function hasShape(shape: readonly number[] | null, value: string): boolean {
  if (shape === null) {
    return value === 'unknown';
  }
  if (value === 'scalar' || value === '[]') {
    return shape.length === 0;
  }
  const asked = value.replace(/[[\]\s]/g, '').split(/[x×,]/);
  const given = shapeText(shape).split('x');
  return shape.length === asked.length && asked.every((n, i) => n === '*' || n === given[i]);
}
