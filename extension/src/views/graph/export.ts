import { IGraph } from '../../model';
import { cutText } from './cut';
import { SHAPE_SIZE } from './labels';
import { CAPTION, ILook, LABEL, Painter } from './painter';
import { opens, Picture, SHEETS, TITLE, TOGGLE } from './picture';
import { curve, edgeWidth, ends, outline, ornament, PathPen } from './shapes';

const MARGIN = 16;
/** Browsers refuse larger canvases. */
const LARGEST_SIDE = 8192;

/** How a picture looks without what is of the moment: what was searched, selected, traced or pointed at. */
function still(look: ILook): ILook {
  const none = new Set<number>();
  const moment = { selected: -1, hovered: -1, lit: null, found: none, marked: none, focused: false };
  return { ...look, ...moment, before: null, progress: 1 };
}

/** The picture as an SVG file's text, in the theme's colours. */
export function svgOf(picture: Picture, look: ILook, measure: (text: string, size: number) => number): string {
  const { colors } = look;
  const [painter, plain] = [new Painter(), still(look)];
  const [width, height] = [picture.width + 2 * MARGIN, picture.height + 2 * MARGIN].map(Math.ceil);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
      `viewBox="${-MARGIN} ${-MARGIN} ${width} ${height}" font-family="${escaped(colors.font)}">`,
    `<rect x="${-MARGIN}" y="${-MARGIN}" width="${width}" height="${height}" fill="${escaped(colors.background)}"/>`
  ];
  const path = (draw: (pen: PathPen) => void, attributes: { [name: string]: string | number }) => {
    const pen = new PathPen();
    draw(pen);
    const rest = Object.entries(attributes).map(([name, value]) => ` ${name}="${escaped(String(value))}"`);
    parts.push(`<path d="${pen}"${rest.join('')}/>`);
  };
  const text = (x: number, y: number, size: number, color: string, what: string, more = '') =>
    parts.push(
      `<text x="${number(x)}" y="${number(y)}" font-size="${size}" fill="${escaped(color)}" ` +
        `dominant-baseline="central"${more}>${escaped(what)}</text>`
    );
  const deepest = picture.boxes.reduce((most, { depth }) => Math.max(most, depth), 0);
  const tipless = picture.tipless(picture.edges.keys());
  for (let depth = 0; depth <= deepest; depth++) {
    for (const [at, placed] of picture.edges.entries()) {
      const { edge, points } = placed;
      if (placed.depth !== depth) {
        continue;
      }
      const line = { stroke: colors.strongLine, 'stroke-width': edgeWidth(edge.bytes), fill: 'none' };
      path(pen => curve(pen, points), edge.kind === 'control' ? { ...line, 'stroke-dasharray': '4 4' } : line);
      if (!tipless.has(at)) {
        path(pen => ends(pen, placed, edgeWidth(edge.bytes)), { fill: colors.strongLine });
      }
    }
    picture.boxes.forEach((placed, at) => {
      if (placed.depth !== depth) {
        return;
      }
      const { box, x, y, w, h } = placed;
      const style = painter.styleOf(placed, at, plain);
      const attributes: { [name: string]: string | number } = {
        fill: style.fill,
        stroke: style.stroke,
        'stroke-width': style.width
      };
      if (style.dashed) {
        attributes['stroke-dasharray'] = '4 3';
      }
      if (style.shape === 'stack') {
        [SHEETS, SHEETS / 2].forEach(shift =>
          path(pen => outline(pen, 'round', x + shift, y - shift, w, h), attributes)
        );
      }
      path(pen => outline(pen, style.shape, x, y, w, h), attributes);
      if (style.shape === 'variable') {
        path(pen => ornament(pen, style.shape, x, y, w, h), { stroke: style.stroke, fill: 'none' });
      }
      const left = opens(box) ? TOGGLE : 6;
      const room = w - left - 6;
      const ink = look.failed.has(at) ? colors.error : colors.ink;
      const label = cutText(box.label, room, part => measure(part, LABEL));
      const bold = opens(box) ? ' font-weight="600"' : '';
      if (box.open) {
        const line = `M${number(x + 1)} ${number(y + TITLE)}H${number(x + w - 1)}`;
        parts.push(`<path d="${line}" stroke="${escaped(colors.line)}" fill="none"/>`);
        text(x + left, y + TITLE / 2, LABEL, ink, label, bold);
      } else if (box.caption !== '' && h >= LABEL + CAPTION + 2) {
        const middle = x + left + room / 2;
        text(middle, y + h / 2 - CAPTION * 0.55, LABEL, ink, label, `${bold} text-anchor="middle"`);
        const caption = cutText(box.caption, room, part => measure(part, CAPTION));
        text(middle, y + h / 2 + LABEL * 0.6, CAPTION, colors.faint, caption, ' text-anchor="middle"');
      } else {
        text(x + left + room / 2, y + h / 2, LABEL, ink, label, `${bold} text-anchor="middle"`);
      }
      if (opens(box)) {
        const [cx, cy] = [x + TOGGLE / 2, y + (box.open ? TITLE : Math.min(h, TITLE)) / 2];
        path(
          pen => {
            pen.moveTo(cx - 4, cy);
            pen.lineTo(cx + 4, cy);
            if (!box.open) {
              pen.moveTo(cx, cy - 4);
              pen.lineTo(cx, cy + 4);
            }
          },
          { stroke: colors.faint, 'stroke-width': 1.4, fill: 'none' }
        );
      }
    });
  }
  look.labels.forEach(({ x, y }, at) => text(x, y, SHAPE_SIZE, colors.faint, picture.edges[at].edge.label));
  parts.push('</svg>\n');
  return parts.join('\n');
}

/** The whole picture as a PNG, at most as large as browsers draw; null where there is nothing to draw. */
export function pngOf(picture: Picture, look: ILook): Promise<Blob | null> {
  const [width, height] = [picture.width + 2 * MARGIN, picture.height + 2 * MARGIN];
  const scale = Math.min(2, LARGEST_SIDE / Math.max(width, height, 1));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext('2d');
  if (!context || picture.boxes.length === 0) {
    return Promise.resolve(null);
  }
  const camera = { x: -MARGIN, y: -MARGIN, scale };
  new Painter().paint(context, picture, camera, canvas.width, canvas.height, 1, still(look));
  return new Promise(done => canvas.toBlob(done, 'image/png'));
}

/** The graph's operations as they came, as JSON. */
export function jsonOf(graph: IGraph): string {
  const { info, nodes, files, times } = graph;
  return JSON.stringify({ graph: info.id, labels: info.labels, nodes, files, times }, null, 1) + '\n';
}

/** What a graph's file is called, by its notebook and its label, "" of the default one: "deep-graph", "deep-graph-net". */
export function fileName(notebook: string, label: string): string {
  const plain = (text: string) =>
    text
      .replace(/[^\p{L}\p{N}._-]+/gu, '-')
      .replace(/^[-.]+|[-.]+$/g, '')
      .slice(0, 60);
  return [plain(notebook), 'graph', plain(label)].filter(part => part !== '').join('-');
}

function escaped(text: string): string {
  // XML allows no control characters at all, not even escaped.
  return text
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;');
}

function number(value: number): number {
  return Math.round(value * 100) / 100;
}
