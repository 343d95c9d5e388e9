import { TranslationBundle } from '@jupyterlab/translation';
import { draw, make } from './dom';
import { IArrow, IBar, IPlan, ticksOf } from './plan';
import { arrowText, barText, formatBytes, formatTime, laneText, shortTask } from './texts';

/** Heights in pixels: of a lane's name, of its bars, and of what it sends below. */
const NAME = 18;
const BARS = 16;
const SENDS = 24;
const LANE = NAME + BARS + SENDS;
const AXIS = 22;
const EDGE = 8;
/** Pixels that a letter takes, about. */
const LETTER = 6.5;

/** What a cursor of the keyboard stands on. */
interface IItem {
  text: string;
  x: number;
  y: number;
  width: number;
}

let counter = 0;

/** A lane for each task: when it computes and waits, and what it sends to others. */
export class Picture {
  constructor(
    private _trans: TranslationBundle,
    private _say: (text: string) => void
  ) {
    this.node.tabIndex = 0;
    this.node.setAttribute('role', 'application');
    this.node.setAttribute('aria-describedby', this.help.id);
    this.node.append(this._svg);
    this._svg.setAttribute('aria-hidden', 'true');
    this.node.addEventListener('keydown', event => this._onKey(event));
    this.node.addEventListener('blur', () => this._mark(null));
  }

  readonly node = make('div', 'picture');
  readonly help = Object.assign(make('p', 'hidden'), { id: `jp-glnb-tasks-${++counter}` });

  /** Draws a run as wide as there is room. */
  show(plan: IPlan, title: string, width: number): void {
    const { _trans: trans } = this;
    this.node.setAttribute('aria-label', title);
    this.help.textContent = trans.__(
      'Arrow up and down go from task to task, left and right through what it does; Home and End go to its ends.'
    );
    const inner = Math.max(40, width - 2 * EDGE);
    const x = (time: number) => EDGE + (time / plan.ends) * inner;
    const height = plan.rows.length * LANE + AXIS;
    for (const [name, value] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}` })) {
      this._svg.setAttribute(name, String(value));
    }
    this._items = plan.rows.map(() => []);
    const parts: Element[] = [this._defs(), ...this._axis(plan, x, height, inner)];
    parts.push(...plan.arrows.map(arrow => this._arrow(arrow, plan, x)));
    plan.rows.forEach((row, at) => {
      const top = at * LANE;
      const name = draw('text', 'name', { x: EDGE, y: top + NAME - 5 });
      const text = laneText(row.lane, trans);
      const room = Math.floor(inner / LETTER);
      name.textContent =
        text.length <= room ? text : row.lane.task.length <= room ? row.lane.task : shortTask(row.lane.task);
      name.append(titled(text));
      parts.push(
        draw('line', 'ground', { x1: EDGE, x2: EDGE + inner, y1: top + NAME + BARS, y2: top + NAME + BARS }),
        name
      );
      parts.push(...row.bars.map(bar => this._bar(bar, at, x)));
    });
    parts.push(...this._labels(plan, x, EDGE + inner), this._cursor);
    this._items.forEach(items => items.sort((a, b) => a.x - b.x));
    this._svg.replaceChildren(...parts);
    if (this._at) {
      this._mark(this._at);
    }
  }

  private _defs(): Element {
    const defs = draw('defs', '');
    const pattern = draw('pattern', '', { id: this._waitId, width: 5, height: 5, patternUnits: 'userSpaceOnUse' });
    pattern.append(draw('path', 'stripe', { d: 'M-1 1 1-1M0 5 5 0M4 6 6 4' }));
    const head = draw('marker', '', {
      id: this._headId,
      viewBox: '0 0 8 8',
      refX: 7,
      refY: 4,
      markerWidth: 7,
      markerHeight: 7,
      orient: 'auto'
    });
    head.append(draw('path', 'head', { d: 'M0 0 8 4 0 8z' }));
    defs.append(pattern, head);
    return defs;
  }

  private _axis(plan: IPlan, x: (time: number) => number, height: number, inner: number): Element[] {
    return ticksOf(plan.ends, Math.max(2, Math.floor(inner / 70))).flatMap(time => {
      const label = draw('text', 'tick', { x: x(time), y: height - 6, 'text-anchor': time === 0 ? 'start' : 'middle' });
      label.textContent = formatTime(time, this._trans);
      const over = x(time) + label.textContent.length * LETTER * 0.5 > inner + 2 * EDGE;
      if (over) {
        label.setAttribute('text-anchor', 'end');
      }
      return [draw('line', 'grid', { x1: x(time), x2: x(time), y1: NAME, y2: height - AXIS + 4 }), label];
    });
  }

  private _bar(bar: IBar, at: number, x: (time: number) => number): Element {
    const y = at * LANE + NAME;
    const width = Math.max(1.5, x(bar.ends) - x(bar.begins));
    const rect = draw('rect', bar.kind, { x: x(bar.begins), y, width, height: BARS });
    if (bar.kind === 'wait') {
      rect.setAttribute('fill', `url(#${this._waitId})`);
    }
    const text = barText(bar, this._trans);
    rect.append(titled(text));
    this._items[at].push({ text, x: x(bar.begins), y, width });
    return rect;
  }

  /** From below the sender's bars to the middle of the receiver's. */
  private _arrow(arrow: IArrow, plan: IPlan, x: (time: number) => number): Element {
    const from = arrow.from * LANE + NAME + BARS;
    const down = arrow.to > arrow.from;
    const to = arrow.to * LANE + NAME + (down ? 0 : BARS);
    const [begin, end] = [x(arrow.begins), x(arrow.ends)];
    const bend = down ? 14 : 6;
    const d = `M${begin.toFixed(1)} ${from}C${begin.toFixed(1)} ${from + bend} ${end.toFixed(1)} ${to + (down ? -16 : 14)} ${end.toFixed(1)} ${to}`;
    const path = draw('path', arrow.bytes > 0 ? 'arrow' : 'arrow jp-glnb-tasks-empty', { d });
    path.setAttribute('marker-end', `url(#${this._headId})`);
    const text = arrowText(arrow, plan, this._trans);
    path.append(titled(text));
    this._items[arrow.from].push({ text, x: begin, y: from + 2, width: 6 });
    return path;
  }

  /** Bytes beside where they are sent, as far as there is room. */
  private _labels(plan: IPlan, x: (time: number) => number, edge: number): Element[] {
    const taken = plan.rows.map(() => -Infinity);
    return [...plan.arrows]
      .filter(arrow => arrow.bytes > 0)
      .sort((a, b) => a.begins - b.begins)
      .flatMap(arrow => {
        const text = `${formatBytes(arrow.bytes, this._trans)} → ${shortTask(plan.rows[arrow.to].lane.task)}`;
        const wide = text.length * LETTER;
        const at = Math.min(x(arrow.begins) + 4, edge - wide);
        if (at < taken[arrow.from] + 4 || wide > edge) {
          return [];
        }
        taken[arrow.from] = at + wide;
        const label = draw('text', 'bytes', { x: at, y: arrow.from * LANE + NAME + BARS + 15 });
        label.textContent = text;
        return [label];
      });
  }

  private _onKey(event: KeyboardEvent): void {
    const moves: { [key: string]: [number, number] } = {
      ArrowUp: [-1, 0],
      ArrowDown: [1, 0],
      ArrowLeft: [0, -1],
      ArrowRight: [0, 1],
      Home: [0, -Infinity],
      End: [0, Infinity]
    };
    const move = moves[event.key];
    if (!move || event.ctrlKey || event.altKey || event.metaKey || this._items.length === 0) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    const clamp = (n: number, most: number) => Math.max(0, Math.min(most, n));
    const lane = this._at ? clamp(this._at.lane + move[0], this._items.length - 1) : 0;
    const most = this._items[lane].length - 1;
    const before = this._at ? this._at.item : move[1] === Infinity ? most : 0;
    const item = clamp(this._at ? (move[0] ? 0 : before + move[1]) : before, Math.max(0, most));
    const entered = !this._at || lane !== this._at.lane;
    this._mark({ lane, item });
    const found = this._items[lane][item];
    const name = this._names()[lane];
    this._say(found ? (entered ? `${name}. ${found.text}` : found.text) : name);
  }

  private _names(): string[] {
    return [...this._svg.querySelectorAll('.jp-glnb-tasks-name > title')].map(title => title.textContent ?? '');
  }

  private _mark(at: { lane: number; item: number } | null): void {
    this._at = at;
    const found = at && this._items[at.lane]?.[Math.min(at.item, this._items[at.lane].length - 1)];
    this._cursor.setAttribute('visibility', found ? 'visible' : 'hidden');
    if (found) {
      const box = { x: found.x - 2, y: found.y - 2, width: found.width + 4, height: BARS + 4 };
      for (const [name, value] of Object.entries(box)) {
        this._cursor.setAttribute(name, value.toFixed(1));
      }
    }
  }

  private _svg = draw('svg', 'drawing');
  private _cursor = draw('rect', 'cursor', { visibility: 'hidden', rx: 2 });
  private _waitId = `jp-glnb-tasks-wait-${counter}`;
  private _headId = `jp-glnb-tasks-head-${counter}`;
  private _items: IItem[][] = [];
  private _at: { lane: number; item: number } | null = null;
}

function titled(text: string): Element {
  const title = draw('title', '');
  title.textContent = text;
  return title;
}
