import { forReaders, ILinks } from './links';
import { PIECE, Work } from './pieces';
import { elements, plainType } from './shapes';
import { ITree, lastPart } from './tree';
import { INode, ISceneOptions } from './types';

/** A small node that more operations read than this is set aside: its edges would cross the whole picture. */
const MANY_READERS = 6;

/** Of what is set aside, what an operation may serve only and so goes with it. */
const SETUP = 2;

/** Whether an operation is a variable's own. */
export function isVariable(node: INode): boolean {
  return node.role === 'variable' || node.role === 'slot' || /^(VariableV?2?|VarHandleOp)$/.test(node.type);
}

/**
 * Says which operations are taken out of the picture's flow: not 0 where one is.
 *
 * By rule (where `options.setAside`): what only sets up or saves, summaries, an optimizer's own variables and
 * arithmetic, and small nodes that either serve one operation or are read everywhere. What the user said comes last and
 * wins.
 */
export function* asideSteps(
  nodes: readonly INode[],
  links: ILinks,
  tree: ITree,
  options: ISceneOptions
): Work<Uint8Array> {
  const aside = new Uint8Array(nodes.length);
  if (options.setAside) {
    byRole(nodes, tree, aside);
    yield;
    whatOnlySetsUp(nodes, links, aside);
    yield;
    variablesOfTraining(nodes, links, tree, aside);
    yield;
    yield* smallNodes(nodes, links, tree, aside);
  }
  setByName(nodes, tree, options.aside, aside, 1);
  setByName(nodes, tree, options.back, aside, 0);
  return aside;
}

function byRole(nodes: readonly INode[], tree: ITree, aside: Uint8Array): void {
  for (let i = 0; i < nodes.length; i++) {
    const { role, type, outputs } = nodes[i];
    if (role === 'initializer' || role === 'saver' || role === 'slot') {
      aside[i] = SETUP;
    } else if (role === 'summary') {
      aside[i] = 1;
    } else if (role === 'training' && type !== 'NoOp' && !/Apply|Scatter/.test(type)) {
      // Powers of beta and the like; a learning rate that is computed from something else is of interest.
      const small = outputs.every(output => elements(output.shape) === 1);
      aside[i] = small && /^(Const|Identity|Read|Mul|Assign(Add|Sub)?)/.test(type) ? 1 : 0;
    }
  }
  // "W/Adam/read" belongs to the slot "W/Adam"; scopes have higher numbers than those around them.
  const slots = new Uint8Array(tree.paths.length);
  for (let s = 1; s < slots.length; s++) {
    const namesake = tree.namesakes[s];
    slots[s] = slots[tree.parents[s]] || (namesake >= 0 && nodes[namesake].role === 'slot') ? 1 : 0;
  }
  for (let i = 0; i < nodes.length; i++) {
    if (slots[tree.scopeOf[i]]) {
      aside[i] = SETUP;
    }
  }
}

/**
 * What only feeds initializers or savers goes with them; readers were mostly built later, so one walk from the end
 * does.
 */
function whatOnlySetsUp(nodes: readonly INode[], links: ILinks, aside: Uint8Array): void {
  for (let i = nodes.length - 1; i >= 0; i--) {
    const { role } = nodes[i];
    if (aside[i] || isVariable(nodes[i]) || (role !== '' && role !== 'constant')) {
      continue;
    }
    let serves = 0;
    let other = 0;
    forReaders(links, i, reader => (aside[reader] === SETUP ? serves++ : other++));
    if (serves > 0 && other === 0) {
      aside[i] = SETUP;
    }
  }
}

/** Variables that nothing but the training reads, as a count of steps or Adam's powers of beta. */
function variablesOfTraining(nodes: readonly INode[], links: ILinks, tree: ITree, aside: Uint8Array): void {
  for (let i = 0; i < nodes.length; i++) {
    if (aside[i] || !isVariable(nodes[i]) || nodes[i].outputs.some(output => elements(output.shape) !== 1)) {
      continue;
    }
    const own = tree.scopes.get(`${nodes[i].name}/`) ?? -1;
    const reads: number[] = [];
    let training = 0;
    let other = 0;
    const count = (reader: number) => {
      if (nodes[reader].role === 'training') {
        training++;
      } else if (!aside[reader]) {
        other++;
      }
    };
    forReaders(links, i, reader => {
      if (tree.scopeOf[reader] === own) {
        reads.push(reader);
        training += nodes[reader].role === 'training' ? 1 : 0;
        forReaders(links, reader, count);
      } else {
        count(reader);
      }
    });
    if (training > 0 && other === 0) {
      for (const op of [i, ...reads]) {
        aside[op] = aside[op] || 1;
      }
    }
  }
}

/**
 * Constants that serve one operation ("add/y" of "add"), and small nodes that many read. A constant at the top that one
 * operation reads stays: it is mostly a number that the user wrote down, and a first graph of a * b would be empty
 * without.
 */
function* smallNodes(nodes: readonly INode[], links: ILinks, tree: ITree, aside: Uint8Array): Work<void> {
  for (let i = 0; i < nodes.length; i++) {
    if (i % PIECE === PIECE - 1) {
      yield;
    }
    const node = nodes[i];
    if (aside[i] || isVariable(node) || node.role === 'placeholder' || node.role === 'gradient') {
      continue;
    }
    const constant = node.role === 'constant' || node.type === 'Const';
    if (!constant && !isSmall(node)) {
      continue;
    }
    const readers = new Set<number>();
    forReaders(links, i, reader => {
      if (!aside[reader] && readers.size <= MANY_READERS) {
        readers.add(reader);
      }
    });
    aside[i] = readers.size > MANY_READERS || (constant && readers.size === 1 && tree.scopeOf[i] > 0) ? 1 : 0;
  }
}

function isSmall(node: INode): boolean {
  return node.outputs.every(({ dtype, shape }) => {
    const count = elements(shape);
    return count >= 0 && (count <= 1 || (count <= 16 && shape!.length === 1 && /^u?int/.test(plainType(dtype))));
  });
}

/** Sets what the user named: an operation, a scope, or a variable with all that is under its name. */
function setByName(nodes: readonly INode[], tree: ITree, names: string[], aside: Uint8Array, value: number): void {
  if (names.length === 0) {
    return;
  }
  const scopes = new Uint8Array(tree.paths.length);
  for (const name of names) {
    const op = tree.byName.get(name) ?? -1;
    if (op >= 0) {
      aside[op] = value;
    }
    const scope = tree.scopes.get(name.endsWith('/') ? name : `${name}/`);
    if (scope && (op < 0 || isVariable(nodes[op]))) {
      scopes[scope] = 1;
    }
  }
  for (let s = 1; s < scopes.length; s++) {
    scopes[s] = scopes[s] || scopes[tree.parents[s]];
    // The box of "W/" shows the variable W as well.
    const namesake = tree.namesakes[s];
    if (scopes[s] && namesake >= 0 && isMain(nodes[namesake])) {
      aside[namesake] = value;
    }
  }
  for (let i = 0; i < nodes.length; i++) {
    if (scopes[tree.scopeOf[i]]) {
      aside[i] = value;
    }
  }
}

/**
 * Whether an operation is shown as one with the scope of its name: a variable with its helpers, and the operation that
 * stands for an optimizer's whole step. Others, as "layer" beside "layer/W", stay beside it.
 */
export function isMain(node: INode): boolean {
  return isVariable(node) || (node.type === 'NoOp' && lastPart(node.name) !== '' && node.role === 'training');
}
