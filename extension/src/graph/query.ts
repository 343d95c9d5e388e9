import type { RE2JS } from 're2js';
import { dimensions, plainType } from './shapes';
import { INode } from './types';

/** What is wrong with a search's text. */
export interface IProblem {
  problem: string;
}

type Test = (node: INode, at: number) => boolean;

/** Names of the device that a run put an operation on, by its index; '' where none is known. */
export type DeviceOf = (at: number) => string;

let linearEngine: typeof RE2JS | null = null;
/** RE2's engine is on its way as soon as this is, in a file of its own: it is a third of the panel, and seldom needed. */
export const engineThere = import('re2js').then(found => {
  linearEngine = found.RE2JS;
});

/** Words of a search that say nothing yet, as while a text in quotes is being typed. */
const NOTHING_YET = ['"', '""'];
/** How near a name is to a word: it is the name, its last part, begins a part, or is elsewhere. */
const NEARNESS = 4;

/**
 * Finds operations. Words, with spaces between them, must all be true of an operation, in any case:
 *
 *   dense bias       both occur in the name
 *   transpose_b      or it has an attribute of this name, also with its value: stddev=0.1, stddev:0.1
 *   /^layer\d\/W$/   the name matches, or an attribute as "stddev=0.1"
 *   attr:stddev      has this attribute; attr:stddev=0.1 with this value, in which `*` stands for any letters
 *   type:MatMul      of this type; `*` stands for any letters
 *   device:gpu       occurs in the device it was asked to run on, or runs on
 *   dtype:float32    has an output of this type, or of one that begins so: dtype:int
 *   shape:?x784      has an output of this shape; "?" is an unknown dimension, "*" any one; "scalar" a number
 *   role:variable    plays this part
 *   "a b"            as it stands, with its spaces
 *
 * Those come first whose names are nearest to the words; of equally near ones those that are shown, in the order of building.
 */
export function search(
  nodes: readonly INode[],
  text: string,
  deviceOf: DeviceOf = () => '',
  isShown: (at: number) => boolean = () => true
): number[] | IProblem {
  const tests: Test[] = [];
  const asked = words(text).filter(word => !NOTHING_YET.includes(word));
  for (const word of asked) {
    const test = testOf(word, deviceOf);
    if (typeof test !== 'function') {
      return test;
    }
    tests.push(test);
  }
  const plain = asked.filter(word => !isExpression(word) && !QUALIFIED.test(word)).map(unquoted);
  const found: number[][] = Array.from({ length: 2 * NEARNESS }, () => []);
  if (tests.length > 0) {
    for (let i = 0; i < nodes.length; i++) {
      if (tests.every(test => test(nodes[i], i))) {
        const far = plain.reduce((most, word) => Math.max(most, farness(nodes[i].name, word)), 0);
        found[2 * far + (isShown(i) ? 0 : 1)].push(i);
      }
    }
  }
  return found.flat();
}

/** How far a name is from a word, from 0 on. */
function farness(name: string, word: string): number {
  const path = `/${name.toLowerCase()}`;
  const part = `/${word}`;
  return path === part ? 0 : path.endsWith(part) ? 1 : path.includes(part) ? 2 : NEARNESS - 1;
}

const QUALIFIED = /^(type|device|dtype|shape|role|attr):(.*)$/is;

/** What a word in slashes finds in texts, or what is wrong with it; null of any other word. */
export function expressionOf(word: string): ((text: string) => boolean) | IProblem | null {
  if (!isExpression(word)) {
    return null;
  }
  try {
    return matcher(word.replace(/^\/|\/i?$/g, ''));
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

function isExpression(word: string): boolean {
  return word.startsWith('/') && /.\/i?$/.test(word);
}

/** Cuts a search's text at its spaces, but not within /.../ or "...", also behind a colon or "=". */
export function words(text: string): string[] {
  const found: string[] = [];
  let rest = text.trim();
  while (rest !== '') {
    const taken =
      /^\/(?:\\.|[^\\/]|\/(?!\s|$|i(?:\s|$)))*\/i?(?=\s|$)/.exec(rest) ??
      /^(?:\w+[:=])*"[^"]*"/.exec(rest) ??
      /^\S+/.exec(rest);
    const word = taken![0];
    found.push(word);
    rest = rest.slice(word.length).trim();
  }
  return found;
}

function testOf(word: string, deviceOf: DeviceOf): Test | IProblem {
  const fits = expressionOf(word);
  if (typeof fits === 'function') {
    return node => fits(node.name) || !!node.attributes?.some(fits);
  }
  if (fits) {
    return fits;
  }
  const parts = QUALIFIED.exec(word);
  if (!parts) {
    const plain = unquoted(word);
    const attribute = attributeTest(plain);
    return (node, at) => node.name.toLowerCase().includes(plain) || attribute(node, at);
  }
  const value = unquoted(parts[2]);
  if (value === '') {
    return () => true; // as while it is being typed
  }
  switch (parts[1].toLowerCase()) {
    case 'type': {
      const fits = pattern(value);
      return node => fits(node.type);
    }
    case 'device':
      return (node, at) => `${node.device} ${deviceOf(at)}`.toLowerCase().includes(value);
    case 'attr':
      return attributeTest(value);
    case 'dtype':
      return node => node.outputs.some(({ dtype }) => plainType(dtype).startsWith(value) || dtype === value);
    case 'shape':
      return node => node.outputs.some(({ shape, ran }) => hasShape(shape, value) || hasShape(ran ?? null, value));
    default:
      return node => node.role === value;
  }
}

/** Repetitions of any length, of which the browser's engine takes a few; and a repetition of a group, of which it takes none. */
const ENDLESS = /[*+]|\{\d+,/g;
const REPEATED_GROUP = /\)(?:[*+]|\{\d)/;
const MOST_ENDLESS = 2;

/**
 * Whether a text has a part that a regular expression matches, in any case. The browser's engine is the faster one, but goes back
 * and tries again, for ever where repetitions are repeated; for such an expression RE2's takes its place, which never does.
 */
function matcher(source: string): (text: string) => boolean {
  const found = new RegExp(source, 'i');
  const plain = source.replace(/\\./gs, '_').replace(/\[[^\]]*\]/g, '_');
  if (!REPEATED_GROUP.test(plain) && (plain.match(ENDLESS) ?? []).length <= MOST_ENDLESS) {
    return text => found.test(text);
  }
  if (!linearEngine) {
    throw new Error('What finds repeated groups is still being loaded: try again');
  }
  const linear = linearEngine.compile(source, linearEngine.CASE_INSENSITIVE);
  return text => linear.test(text);
}

/** Whether a text is as a pattern says, in which `*` stands for any letters; both in any case. */
function pattern(value: string): (text: string) => boolean {
  const [first, ...rest] = value.toLowerCase().split('*');
  const last = rest.pop();
  return given => {
    const text = given.toLowerCase();
    if (last === undefined) {
      return text === first;
    }
    const end = text.length - last.length;
    let at = first.length;
    for (const part of rest) {
      const found = text.indexOf(part, at);
      at = found < 0 ? Infinity : found + part.length;
    }
    return text.startsWith(first) && text.endsWith(last) && at <= end;
  };
}

/** Whether a node has an attribute: "stddev", or with its value "stddev=0.1", "stddev:0.1", "ksize=(1, 2, 2, 1)". */
function attributeTest(text: string): Test {
  const [, name, value] = /^([^=:]*)[=:]?(.*)$/s.exec(text.replace(/[\s"]/g, '')) as unknown as string[];
  if (name === '') {
    return () => false;
  }
  const fits = value === '' ? () => true : valueTest(value);
  return ({ attributes }) =>
    !!attributes?.some(attribute => {
      const end = attribute.indexOf('=');
      return attribute.slice(0, end).toLowerCase() === name && fits(attribute.slice(end + 1).toLowerCase());
    });
}

/** Values are equal as text, with `*` for any letters, or as numbers: 0.10 is 0.1. */
function valueTest(value: string): (given: string) => boolean {
  const asNumber = Number(value);
  const fits = pattern(value);
  return given => fits(given) || (!isNaN(asNumber) && given !== '' && Number(given) === asNumber);
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
  const given = dimensions(shape);
  return shape.length === asked.length && asked.every((n, i) => n === '*' || n === given[i]);
}
