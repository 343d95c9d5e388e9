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
  [12, 4],
  [9, 3, 2, 3, 2, 3],
  [3, 6],
  [14, 3, 5, 3],
  [6, 7],
  [2, 2, 7, 2, 7, 2],
  [12, 9],
  [2, 2, 2, 7]
];

/** A dash for each number; those that come round again are longer. */
function dashOf(turn: number): number[] {
  const by = 1 + 0.75 * Math.floor(turn / DASHES.length);
  return DASHES[turn % DASHES.length].map(length => length * by);
}

/**
 * How a run's line of one of several names is drawn. A run keeps its colour for ever; the latest is the strongest, and
 * solid, earlier ones are dashed each in its way, so that colour is not the only sign, and no two look the same. Where
 * several names share a chart, colours tell the names and dashes the runs: each name has one colour, and another that no
 * name has where there are more runs than dashes. Where names outnumber the colours, those that come round again are
 * dashed.
 */
export function lookOf(palette: readonly string[], run: number, runs: number, name = 0, names = 1): ILook {
  const latest = run === runs - 1;
  const shared = names > 1;
  const size = palette.length;
  let color = run % size;
  let turn = (run % size) + Math.floor(run / size);
  let solid = latest;
  if (shared && names > size) {
    const lap = Math.floor(name / size);
    color = name % size;
    turn = run * Math.ceil(names / size) + lap;
    solid = latest && lap === 0;
  } else if (shared) {
    const lap = Math.floor(run / DASHES.length);
    const colors = Math.floor(size / names); // of each name
    color = latest ? name : name + names * (lap % colors);
    turn = (run % DASHES.length) + DASHES.length * Math.floor(lap / colors);
  }
  return {
    color: palette[color],
    dash: solid ? [] : dashOf(turn),
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
