/** What an element is made with. */
export interface IParts {
  class?: string;
  text?: string;
  title?: string;
  attributes?: { [name: string]: string };
  on?: { [event: string]: (event: Event) => void };
}

/** Makes an element; text is never understood as HTML. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  parts: IParts = {},
  ...children: (Node | null)[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  if (parts.class) {
    node.className = parts.class;
  }
  if (parts.text !== undefined) {
    node.textContent = parts.text;
  }
  if (parts.title) {
    node.title = parts.title;
  }
  for (const [name, value] of Object.entries(parts.attributes ?? {})) {
    node.setAttribute(name, value);
  }
  for (const [name, listener] of Object.entries(parts.on ?? {})) {
    node.addEventListener(name, listener);
  }
  children.forEach(child => child && node.appendChild(child));
  return node;
}

const SVG = 'http://www.w3.org/2000/svg';

/** Icons of 16 by 16, drawn with lines. */
const ICONS = {
  fit: 'M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4M5.5 5.5h5v5h-5z',
  nearer: 'M8 3v10M3 8h10',
  farther: 'M3 8h10',
  fold: 'M3 6h8v7H3zM5 4h8v7M7 2h8v7',
  aside: 'M2 3h6v10H2zM11 5h3v2h-3zM11 9h3v2h-3z',
  types: 'M2 3h12L9.5 8.5V13l-3 1V8.5z',
  trace: 'M8 2v3M5 5h6v5H5zM8 10v4M6 12l2 2 2-2',
  only: 'M3 3h4v3H3zM9 10h4v3H9zM5 6v2.5h6V10',
  list: 'M2 4h2M6 4h8M4 8h2M8 8h6M4 12h2M8 12h6',
  more: 'M3 7.5h1v1H3zM7.5 7.5h1v1h-1zM12 7.5h1v1h-1z',
  close: 'M4 4l8 8M12 4l-8 8'
} as const;

export type Icon = keyof typeof ICONS;

/** An icon in the colour of the text around it; it says nothing to screen readers. */
export function icon(name: Icon): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('width', '16');
  svg.setAttribute('height', '16');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('class', 'jp-glnb-graph-icon');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', ICONS[name]);
  svg.appendChild(path);
  return svg;
}

/** A button that shows an icon and is named in words. */
export function iconButton(name: Icon, label: string, press: (event: Event) => void): HTMLButtonElement {
  return make(
    'button',
    {
      class: 'jp-glnb-graph-button',
      title: label,
      attributes: { type: 'button', 'aria-label': label },
      on: { click: press }
    },
    icon(name) as unknown as HTMLElement
  );
}

/** Whether the user asked the system for less motion. */
export function lessMotion(): boolean {
  return typeof matchMedia === 'function' && !!matchMedia('(prefers-reduced-motion: reduce)')?.matches;
}
