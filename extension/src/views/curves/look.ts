/** How a line is drawn. */
export interface ILook {
  color: string;
  /** Lengths of dashes and gaps in pixels; none is a solid line. */
  dash: number[];
  width: number;
  alpha: number;
}

const DASHES = [
  [7, 3],
  [2, 2.5],
  [9, 3, 2, 3],
  [4, 3],
  [12, 4]
];

/**
 * How a run's line of one of several names is drawn. A run keeps its colour for ever; the latest is the strongest, and
 * solid, earlier ones are dashed each in its way, so that colour is not the only sign. Where several names share a
 * chart, colours tell the names and dashes the runs; where names outnumber the colours, those that come round again are
 * dashed.
 */
export function lookOf(palette: readonly string[], run: number, runs: number, name = 0, names = 1): ILook {
  const latest = run === runs - 1;
  const shared = names > 1;
  const color = palette[(shared ? name : run) % palette.length];
  const lap = shared ? Math.floor(name / palette.length) : 0;
  const turn = latest ? lap - 1 : run + lap;
  return {
    color,
    dash: turn < 0 ? [] : DASHES[turn % DASHES.length],
    width: latest ? 2 : 1.25,
    alpha: latest ? 1 : 0.8
  };
}

/** A piece of a line as a small picture, to be put beside its name. Decoration: the name stands beside it. */
export function swatch(look: ILook): SVGSVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('class', 'jp-glnb-curves-swatch');
  svg.setAttribute('width', '26');
  svg.setAttribute('height', '10');
  svg.setAttribute('aria-hidden', 'true');
  const line = document.createElementNS('http://www.w3.org/2000/svg', 'line');
  const set = (attributes: { [name: string]: string | number }) =>
    Object.entries(attributes).forEach(([name, value]) => line.setAttribute(name, String(value)));
  set({ x1: 1, y1: 5, x2: 25, y2: 5, stroke: look.color, 'stroke-width': look.width + 0.5, opacity: look.alpha });
  set({ 'stroke-dasharray': look.dash.join(' ') || 'none' });
  svg.appendChild(line);
  return svg;
}
