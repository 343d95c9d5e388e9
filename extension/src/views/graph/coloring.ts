import { DeviceOf } from '../../graph/query';
import { plainType } from '../../graph/shapes';
import { INode } from '../../graph/types';
import { INodeTimes } from '../../protocol';
import { IColors } from '../../theme';
import { shortDevice } from './devices';
import { bytesText, timeText } from './facts';
import { Picture } from './picture';
import { Coloring } from './settings';

/** One line of the legend. */
export interface ILegendEntry {
  color: string;
  text: string;
  /** What is told of it beside its text. */
  more?: string;
}

/** Colours of a picture's boxes, and what they mean. */
export interface IFills {
  /** By index of the box; '' where it has none. */
  fills: string[];
  entries: ILegendEntry[];
  /** Whether the entries are the ends of a scale. */
  scale: boolean;
  /** Whether the colouring needs a measured run and there is none. */
  unmeasured: boolean;
  /** Whether the colouring needs any run and there was none. */
  unplaced?: boolean;
}

/** Words of the legend. */
export interface ITexts {
  none: string;
  several: string;
  others: string;
  /** Of boxes with the same contents: the first one's label, and how many there are. */
  same: (label: string, count: number) => string;
}

type Rgb = [number, number, number];

/** Red, green and blue of a colour; null of what is none. */
export function rgbOf(color: string): Rgb | null {
  const hex = /^#([0-9a-f]{3,8})$/i.exec(color);
  if (hex) {
    const digits = hex[1].length < 6 ? hex[1].replace(/./g, '$&$&') : hex[1];
    return [0, 2, 4].map(at => parseInt(digits.slice(at, at + 2), 16)) as Rgb;
  }
  const rgb = /^rgba?\(([^)]*)\)$/i.exec(color);
  const parts = rgb
    ? rgb[1]
        .split(/[\s,/]+/)
        .slice(0, 3)
        .map(parseFloat)
    : [];
  if (parts.length === 3 && parts.every(isFinite)) {
    return parts as Rgb;
  }
  return rgb ? null : rgbOfName(color);
}

const named = new Map<string, Rgb | null>();

/** A colour that has a name, as themes of high contrast use "black": canvases know them all. */
function rgbOfName(color: string): Rgb | null {
  let found = named.get(color);
  if (found === undefined) {
    const context = document.createElement('canvas').getContext('2d');
    const read = (before: string) => {
      if (context) {
        context.fillStyle = before;
        context.fillStyle = color; // of what is no colour nothing is taken
      }
      return typeof context?.fillStyle === 'string' ? context.fillStyle : '';
    };
    const texts = [read('#010203'), read('#040506')];
    found = texts[0] === texts[1] && /^(#|rgb)/.test(texts[0]) ? rgbOf(texts[0]) : null;
    named.set(color, found);
  }
  return found;
}

/** A colour between two, `t` of the way from a to b. */
export function mixed(a: string, b: string, t: number): string {
  const [from, to] = [rgbOf(a), rgbOf(b)];
  if (!from || !to) {
    return t < 0.5 ? a : b;
  }
  return `rgb(${from.map((value, k) => Math.round(value + (to[k] - value) * t)).join(', ')})`;
}

/** Colours boxes by what the user chose. */
export function colorBoxes(
  picture: Picture,
  nodes: readonly INode[],
  times: INodeTimes | null,
  coloring: Coloring,
  colors: IColors,
  texts: ITexts,
  deviceOf: DeviceOf = () => ''
): IFills {
  const fills: string[] = new Array(picture.boxes.length).fill('');
  const nothing = { fills, entries: [], scale: false, unmeasured: false };
  switch (coloring) {
    case 'none':
      return nothing;
    case 'time':
    case 'memory':
      return times ? byMeasure(picture, times, coloring, colors) : { ...nothing, unmeasured: true };
    case 'structure':
      return byStructure(picture, colors, texts);
    case 'device': {
      const whole = new Map<string, string>();
      const short = (op: number) => {
        const device = deviceOf(op);
        const name = shortDevice(device);
        if (device.length > (whole.get(name)?.length ?? 0)) {
          whole.set(name, device);
        }
        return name;
      };
      // What no run needed has no device: a box is of the one that the others in it have.
      return byName(picture, colors, texts, short, true, name => whole.get(name));
    }
    default:
      return byName(picture, colors, texts, op => plainType(nodes[op]?.outputs[0]?.dtype ?? ''), false);
  }
}

/** Colours boxes by what their operations have a name for; `lenient`: those without one do not make a box one of several. */
function byName(
  picture: Picture,
  colors: IColors,
  texts: ITexts,
  valueOf: (op: number) => string,
  lenient: boolean,
  moreOf: (name: string) => string | undefined = () => undefined
): IFills {
  const nameOf = (at: number) => {
    const { ops } = picture.boxes[at].box;
    let first: string | undefined;
    for (const op of ops) {
      const value = valueOf(op);
      if (value === '' && lenient) {
        continue;
      }
      if (first !== undefined && value !== first) {
        return texts.several;
      }
      first = value;
    }
    return first || texts.none;
  };
  const counts = new Map<string, number>();
  const names = picture.boxes.map((placed, at) => (placed.box.open ? '' : nameOf(at)));
  for (const name of names) {
    if (name !== '') {
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  const plain = new Set([texts.none, texts.several, '']);
  const chosen = [...counts]
    .filter(([name]) => !plain.has(name))
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, colors.palette.length);
  const fill = (color: string) => mixed(colors.background, color, colors.strong ? 0.45 : colors.dark ? 0.38 : 0.28);
  const colorOf = new Map(chosen.map(([name], k) => [name, fill(colors.palette[k])]));
  const gray = mixed(colors.background, colors.faint, 0.25);
  const entries: ILegendEntry[] = chosen.map(([name]) => ({
    color: colorOf.get(name) as string,
    text: name,
    more: moreOf(name)
  }));
  if (counts.has(texts.several)) {
    colorOf.set(texts.several, gray);
    entries.push({ color: gray, text: texts.several });
  }
  const others = [...counts.keys()].filter(name => !plain.has(name) && !colorOf.has(name));
  if (others.length > 0) {
    others.forEach(name => colorOf.set(name, colors.raised));
    entries.push({ color: colors.raised, text: texts.others, more: others.sort().join(', ') });
  }
  return { fills: names.map(name => colorOf.get(name) ?? ''), entries, scale: false, unmeasured: false };
}

/**
 * Softly, so that boxes with the same contents look the same at first sight. A structure's colour goes by its number, as long
 * as that is free: so colours stay when other boxes are opened or made.
 */
function byStructure(picture: Picture, colors: IColors, texts: ITexts): IFills {
  const members = new Map<number, number[]>();
  picture.boxes.forEach(({ id }, at) => {
    const number = picture.scene.structure(id);
    if (number >= 0) {
      const known = members.get(number);
      if (known) {
        known.push(at);
      } else {
        members.set(number, [at]);
      }
    }
  });
  const size = colors.palette.length;
  const taken = new Set<number>();
  const fills: string[] = new Array(picture.boxes.length).fill('');
  const entries: ILegendEntry[] = [];
  for (const [number, boxes] of [...members].filter(([, boxes]) => boxes.length > 1).slice(0, size)) {
    let slot = number % size;
    while (taken.has(slot)) {
      slot = (slot + 1) % size;
    }
    taken.add(slot);
    const color = mixed(colors.background, colors.palette[slot], colors.strong ? 0.4 : colors.dark ? 0.26 : 0.16);
    const closed = boxes.filter(at => !picture.boxes[at].box.open);
    closed.forEach(at => (fills[at] = color));
    if (closed.length > 0) {
      entries.push({ color, text: texts.same(picture.boxes[boxes[0]].box.label, boxes.length) });
    }
  }
  return { fills, entries, scale: false, unmeasured: false };
}

function byMeasure(picture: Picture, times: INodeTimes, coloring: 'time' | 'memory', colors: IColors): IFills {
  const list = coloring === 'time' ? times.micros : times.bytes;
  const ofOp = new Map(times.nodes.map((op, k) => [op, list[k]]));
  const values = picture.boxes.map(({ box }) =>
    box.ops.reduce((sum, op) => {
      const value = ofOp.get(op);
      return value !== undefined && isFinite(value) && value > 0 ? sum + value : sum;
    }, 0)
  );
  const most = values.reduce((most, value, at) => (picture.boxes[at].box.open ? most : Math.max(most, value)), 0);
  const hot = colors.palette[1];
  // A root, since a few operations take most and all others would look alike.
  const fill = (value: number) => mixed(colors.background, hot, 0.04 + 0.56 * Math.sqrt(Math.min(1, value / most)));
  const text = coloring === 'time' ? timeText : bytesText;
  return {
    fills: values.map((value, at) => (value > 0 && !picture.boxes[at].box.open ? fill(value) : '')),
    entries:
      most > 0
        ? [
            { color: fill(0), text: text(0) },
            { color: fill(most), text: text(most) }
          ]
        : [],
    scale: true,
    unmeasured: false
  };
}
