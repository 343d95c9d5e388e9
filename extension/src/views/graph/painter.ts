import { IColors } from '../../theme';
import { IRect, ICamera } from './camera';
import { mixed } from './coloring';
import { cutText } from './cut';
import { ILabel, SHAPE_SIZE } from './labels';
import { IPlaced, IPlacedEdge, opens, Picture, SHEETS, TITLE, TOGGLE } from './picture';
import { curve, edgeWidth, ends, outline, ornament, Shape, shapeOf } from './shapes';
import { crossing, endsIn, inParts, ISight, sightOf } from './sight';

/** Pixels of a box's label and of the caption below it, at scale 1. */
export const LABEL = 12;
export const CAPTION = 10;
/** Labels smaller than this on the screen are not drawn: nobody could read them. */
const LEGIBLE = 5.5;
/** How much is seen of boxes, words and edges that do not stand out; in high contrast they must still be easy to read. */
const DIM = { box: 0.25, text: 0.35, edge: 0.2 };
const DIM_STRONG = { box: 0.5, text: 0.7, edge: 0.6 };
/** What is drawn beside the picture itself. All numbers are indices of boxes. */
export interface ILook {
  colors: IColors;
  /** By box, '' for none. */
  fills: readonly string[];
  /** By box: the role of its main operation. */
  roles: readonly string[];
  selected: number;
  hovered: number;
  /** Boxes that stand out, all others being faint; null for all. */
  lit: ReadonlySet<number> | null;
  found: ReadonlySet<number>;
  marked: ReadonlySet<number>;
  failed: ReadonlySet<number>;
  /** Places of the shapes beside edges, by the edge's index. */
  labels: ReadonlyMap<number, ILabel>;
  /** Places that boxes come from, and how far they are on their way (1: there). */
  before: ReadonlyMap<string, IRect> | null;
  progress: number;
  /** Whether the canvas has the keyboard. */
  focused: boolean;
}

/** How a box is drawn. */
export interface IStyle {
  shape: Shape;
  fill: string;
  stroke: string;
  width: number;
  dashed: boolean;
  faint: boolean;
}

/** Draws what of a picture is in sight. Boxes that look the same are one path: that is what makes thousands cheap. */
export class Painter {
  paint(
    context: CanvasRenderingContext2D,
    picture: Picture,
    camera: ICamera,
    width: number,
    height: number,
    ratio: number,
    look: ILook
  ): void {
    const { scale } = camera;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.fillStyle = look.colors.background;
    context.fillRect(0, 0, width, height);
    context.setTransform(ratio * scale, 0, 0, ratio * scale, -camera.x * scale * ratio, -camera.y * scale * ratio);
    const { x0, y0, x1, y1 } = (this._sight = sightOf(camera, width, height));
    const moving = look.before !== null && look.progress < 1;
    // What moves may come from out of sight.
    const boxes = moving ? picture.boxes.map((_, at) => at) : picture.boxesIn(x0, y0, x1, y1);
    const edges = crossing(picture, picture.edgesIn(x0, y0, x1, y1), this._sight);
    const deepest = boxes.reduce((most, at) => Math.max(most, picture.boxes[at].depth), 0);
    const boxesAt = byDepth(boxes, deepest, at => picture.boxes[at].depth);
    const edgesAt = byDepth(edges, deepest, at => picture.edges[at].depth);
    for (let depth = 0; depth <= deepest; depth++) {
      this._edges(context, picture, edgesAt[depth], scale, look, moving);
      this._boxes(context, picture, boxesAt[depth], scale, look);
    }
    this._overlays(context, picture, scale, look);
  }

  private _boxes(c: CanvasRenderingContext2D, picture: Picture, ids: number[], scale: number, look: ILook): void {
    const groups = new Map<string, { style: IStyle; members: [number, IRect][] }>();
    for (const at of ids) {
      const style = this.styleOf(picture.boxes[at], at, look);
      const key = `${style.shape}|${style.fill}|${style.stroke}|${style.width}|${style.dashed}|${style.faint}`;
      const group = groups.get(key);
      const rect = this.rectOf(picture.boxes[at], look);
      if (group) {
        group.members.push([at, rect]);
      } else {
        groups.set(key, { style, members: [[at, rect]] });
      }
    }
    const coarse = scale < 0.2;
    const filledAndStroked = () => {
      c.fill();
      c.stroke();
    };
    for (const { style, members } of groups.values()) {
      c.globalAlpha = style.faint ? dimmed(look).box : 1;
      c.fillStyle = style.fill;
      c.strokeStyle = style.stroke;
      c.lineWidth = Math.max(style.width, 0.7 / scale);
      c.setLineDash(style.dashed ? [4, 3] : []);
      if (style.shape === 'stack' && !coarse) {
        for (const shift of [SHEETS, SHEETS / 2]) {
          inParts(c, members, ([, r]) => outline(c, 'round', r.x + shift, r.y - shift, r.w, r.h), filledAndStroked);
        }
      }
      const shape = ([, r]: [number, IRect]) =>
        coarse ? c.rect(r.x, r.y, r.w, r.h) : outline(c, style.shape, r.x, r.y, r.w, r.h);
      inParts(c, members, shape, filledAndStroked);
      if (style.shape === 'variable' && !coarse) {
        c.beginPath();
        members.forEach(([, r]) => ornament(c, style.shape, r.x, r.y, r.w, r.h));
        c.lineWidth = Math.max(0.8, 0.5 / scale);
        c.stroke();
      }
    }
    c.setLineDash([]);
    this._titles(c, picture, ids, scale, look);
    if (LABEL * scale >= LEGIBLE - 1) {
      this._texts(c, picture, ids, scale, look);
    }
    c.globalAlpha = 1;
  }

  /** Lines below open boxes' titles, where the edges that come in begin. */
  private _titles(c: CanvasRenderingContext2D, picture: Picture, ids: number[], scale: number, look: ILook): void {
    c.globalAlpha = 1;
    c.strokeStyle = look.colors.line;
    c.lineWidth = Math.max(1, 0.7 / scale);
    c.beginPath();
    for (const at of ids) {
      if (picture.boxes[at].box.open) {
        const { x, y, w } = this.rectOf(picture.boxes[at], look);
        c.moveTo(x + 1, y + TITLE);
        c.lineTo(x + w - 1, y + TITLE);
      }
    }
    c.stroke();
  }

  private _texts(c: CanvasRenderingContext2D, picture: Picture, ids: number[], scale: number, look: ILook): void {
    const { colors } = look;
    const captions = CAPTION * scale >= LEGIBLE;
    c.textBaseline = 'middle';
    for (const at of ids) {
      const placed = picture.boxes[at];
      const { box } = placed;
      const r = this.rectOf(placed, look);
      const mark = opens(box);
      c.globalAlpha = look.lit && !look.lit.has(at) ? dimmed(look).text : 1;
      c.fillStyle = look.failed.has(at) ? colors.error : box.kind === 'aside' ? colors.faint : colors.ink;
      c.font = `${mark ? '600 ' : ''}${LABEL}px ${colors.font}`;
      const left = mark ? TOGGLE : 6;
      const room = r.w - left - 6;
      const middle = r.x + left + room / 2;
      c.textAlign = 'center';
      if (box.open) {
        c.textAlign = 'left';
        c.fillText(this._cut(c, box.label, room), r.x + left, r.y + TITLE / 2 + 1);
      } else if (captions && box.caption !== '' && r.h >= LABEL + CAPTION + 2) {
        c.fillText(this._cut(c, box.label, room), middle, r.y + r.h / 2 - CAPTION * 0.55);
        c.font = `${CAPTION}px ${colors.font}`;
        c.fillStyle = colors.faint;
        c.fillText(this._cut(c, box.caption, room), middle, r.y + r.h / 2 + LABEL * 0.6);
      } else {
        if (!captions) {
          // There is room for larger letters where nothing stands below them.
          const size = Math.floor(LABEL * Math.min(1.7, room / Math.max(1, c.measureText(box.label).width)));
          c.font = `${mark ? '600 ' : ''}${Math.max(LABEL, size)}px ${colors.font}`;
        }
        c.fillText(this._cut(c, box.label, room), middle, r.y + r.h / 2 + 0.5);
      }
      if (mark) {
        this._toggle(c, box.open, r, colors);
      }
    }
  }

  private _toggle(c: CanvasRenderingContext2D, open: boolean, r: IRect, colors: IColors): void {
    const [x, y] = [r.x + TOGGLE / 2, r.y + (open ? TITLE / 2 : Math.min(r.h, TITLE) / 2)];
    c.strokeStyle = colors.faint;
    c.lineWidth = 1.4;
    c.beginPath();
    c.moveTo(x - 4, y);
    c.lineTo(x + 4, y);
    if (!open) {
      c.moveTo(x, y - 4);
      c.lineTo(x, y + 4);
    }
    c.stroke();
  }

  private _edges(
    c: CanvasRenderingContext2D,
    picture: Picture,
    ids: number[],
    scale: number,
    look: ILook,
    moving: boolean
  ): void {
    const { colors } = look;
    const plain = new Map<string, IPlacedEdge[]>();
    const alphas = new Map<number, number>();
    for (const at of ids) {
      const placed = picture.edges[at];
      const { kind, bytes } = placed.edge;
      // What is on its way is joined to nothing: its edges come up at its place.
      const alpha =
        (isFaint(placed, look) ? dimmed(look).edge : 1) *
        (moving && leads(picture, placed, look) ? look.progress ** 2 : 1);
      alphas.set(at, alpha);
      const key = `${alpha}|${kind}|${Math.round(edgeWidth(bytes) * 2) / 2}`;
      const group = plain.get(key);
      if (group) {
        group.push(placed);
      } else {
        plain.set(key, [placed]);
      }
    }
    const tipless = new Set<IPlacedEdge>();
    picture.tipless(ids, at => alphas.get(at) ?? 0).forEach(at => tipless.add(picture.edges[at]));
    for (const [key, group] of plain) {
      const [alpha, kind, width] = key.split('|');
      c.globalAlpha = Number(alpha);
      this._lines(c, group, kind, Number(width), colors.strongLine, scale, tipless);
    }
    if (scale >= 0.7) {
      this._shapes(c, picture, alphas, look);
    }
    c.globalAlpha = 1;
  }

  private _lines(
    c: CanvasRenderingContext2D,
    group: readonly IPlacedEdge[],
    kind: string,
    width: number,
    color: string,
    scale: number,
    tipless: ReadonlySet<IPlacedEdge> = new Set()
  ): void {
    c.strokeStyle = color;
    c.fillStyle = color;
    c.lineWidth = Math.max(width, 0.6 / scale);
    c.setLineDash(kind === 'control' ? [4, 4] : []);
    c.beginPath();
    group.forEach(({ points }) => curve(c, points));
    c.stroke();
    c.setLineDash([]);
    if (scale >= 0.3) {
      const seen = group.filter(placed => !tipless.has(placed) && endsIn(placed.points, this._sight));
      inParts(
        c,
        seen,
        placed => ends(c, placed, width),
        () => c.fill()
      );
    }
  }

  /** The shapes that go along edges, with the edges' alphas. */
  private _shapes(c: CanvasRenderingContext2D, picture: Picture, edges: Map<number, number>, look: ILook): void {
    c.font = `${SHAPE_SIZE}px ${look.colors.font}`;
    c.textAlign = 'left';
    c.textBaseline = 'middle';
    c.fillStyle = look.colors.faint;
    for (const [at, alpha] of edges) {
      const label = look.labels.get(at);
      if (label) {
        c.globalAlpha = alpha;
        c.fillText(picture.edges[at].edge.label, label.x, label.y);
      }
    }
  }

  private _overlays(c: CanvasRenderingContext2D, picture: Picture, scale: number, look: ILook): void {
    const { colors } = look;
    const { x0, y0, x1, y1 } = this._sight;
    const unit = 1 / Math.min(1, scale);
    for (const [at, color] of [
      [look.hovered, colors.accent],
      [look.selected, colors.accent]
    ] as const) {
      if (at < 0 || look.progress < 1) {
        continue;
      }
      for (const k of crossing(picture, picture.edgesOf(at), this._sight)) {
        const placed = picture.edges[k];
        this._lines(c, [placed], placed.edge.kind, Math.max(1.5 * unit, edgeWidth(placed.edge.bytes)), color, scale);
      }
    }
    const ring = (at: number, color: string, width: number, gap: number, dash: number[] = []) => {
      const placed = picture.boxes[at];
      if (!placed) {
        return;
      }
      const r = this.rectOf(placed, look);
      if (r.x > x1 || r.y > y1 || r.x + r.w < x0 || r.y + r.h < y0) {
        return;
      }
      const shape = shapeOf(placed.box.kind, look.roles[at] ?? '');
      const far = gap * unit;
      c.strokeStyle = color;
      c.lineWidth = width * unit;
      c.setLineDash(dash);
      c.beginPath();
      outline(c, shape === 'stack' ? 'round' : shape, r.x - far, r.y - far, r.w + 2 * far, r.h + 2 * far);
      c.stroke();
      c.setLineDash([]);
    };
    look.found.forEach(at => ring(at, colors.warning, 2, 2.5));
    look.marked.forEach(at => {
      const placed = picture.boxes[at];
      if (placed) {
        const r = this.rectOf(placed, look);
        const size = 7 * unit;
        c.fillStyle = colors.accent;
        c.beginPath();
        c.moveTo(r.x - 3 * unit, r.y + r.h / 2);
        c.lineTo(r.x - 3 * unit - size, r.y + r.h / 2 - size * 0.8);
        c.lineTo(r.x - 3 * unit - size, r.y + r.h / 2 + size * 0.8);
        c.closePath();
        c.fill();
      }
    });
    if (look.hovered >= 0 && look.hovered !== look.selected) {
      ring(look.hovered, colors.accent, 1.2, 0);
    }
    if (look.selected >= 0) {
      ring(look.selected, look.focused ? colors.focus : colors.accent, 2.5, 1.5);
    }
  }

  /** Where a box is at this moment of the way to its place. */
  rectOf(placed: IPlaced, look: ILook): IRect {
    if (look.before === null || look.progress >= 1) {
      return placed;
    }
    const from = look.before.get(placed.id) ?? look.before.get(placed.box.parent);
    if (!from) {
      return placed;
    }
    const t = look.progress;
    const way = (a: number, b: number) => a + (b - a) * t;
    return { x: way(from.x, placed.x), y: way(from.y, placed.y), w: way(from.w, placed.w), h: way(from.h, placed.h) };
  }

  /** How a box is drawn. */
  styleOf(placed: IPlaced, at: number, look: ILook): IStyle {
    const { colors } = look;
    const { box, depth } = placed;
    const failed = look.failed.has(at);
    const raised = box.kind === 'scope' || box.kind === 'series' ? mixed(colors.raised, colors.strongLine, 0.12) : '';
    const open = depth % 2 === 0 ? mixed(colors.background, colors.raised, 0.6) : colors.background;
    return {
      shape: shapeOf(box.open && box.kind === 'series' ? 'scope' : box.kind, look.roles[at] ?? ''),
      fill: box.open ? open : look.fills[at] || raised || mixed(colors.background, colors.raised, 0.35),
      stroke: failed ? colors.error : box.kind === 'aside' ? colors.line : colors.strongLine,
      width: failed ? 2 : box.kind === 'scope' || box.kind === 'series' ? 1.3 : 1,
      dashed: box.kind === 'failed' || box.kind === 'aside',
      faint: !box.open && look.lit !== null && !look.lit.has(at)
    };
  }

  /** A text cut to the room there is; known texts are not measured again. */
  private _cut(c: CanvasRenderingContext2D, text: string, room: number): string {
    const key = `${c.font.slice(0, 9)}|${Math.round(room)}|${text}`;
    let cut = this._cuts.get(key);
    if (cut === undefined) {
      cut = cutText(text, room, part => c.measureText(part).width);
      if (this._cuts.size > 20000) {
        this._cuts.clear();
      }
      this._cuts.set(key, cut);
    }
    return cut;
  }

  private _cuts = new Map<string, string>();
  private _sight: ISight = { x0: 0, y0: 0, x1: 0, y1: 0 };
}

function dimmed({ colors }: ILook): typeof DIM {
  return colors.strong ? DIM_STRONG : DIM;
}

function byDepth(ids: readonly number[], deepest: number, depthOf: (at: number) => number): number[][] {
  const depths: number[][] = Array.from({ length: deepest + 1 }, () => []);
  ids.forEach(at => depths[Math.min(deepest, depthOf(at))].push(at));
  return depths;
}

function isFaint({ from, to }: IPlacedEdge, look: ILook): boolean {
  const { lit } = look;
  return lit !== null && !((from < 0 || lit.has(from)) && (to < 0 || lit.has(to)));
}

/** Whether an edge leads from, to or through a box that is on its way to another place. */
function leads({ boxes }: Picture, { from, to, parent }: IPlacedEdge, { before }: ILook): boolean {
  return [from, to, from < 0 || to < 0 ? parent : -1].some(
    at => at >= 0 && moves(boxes[at], before?.get(boxes[at].id))
  );
}

/** Whether a box is not where it was before, or was not there. */
export function moves(now: IRect, before: IRect | undefined): boolean {
  return !before || (['x', 'y', 'w', 'h'] as const).some(side => Math.abs(now[side] - before[side]) > 0.5);
}
