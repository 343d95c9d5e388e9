const SVG = 'http://www.w3.org/2000/svg';

/** Makes an element with a class of ours, and text, which is never taken for HTML. */
export function make<K extends keyof HTMLElementTagNameMap>(tag: K, name = '', text = ''): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (name) {
    element.className = `jp-glnb-tasks-${name}`;
  }
  if (text) {
    element.textContent = text;
  }
  return element;
}

/** Makes a part of a drawing. */
export function draw<K extends keyof SVGElementTagNameMap>(
  tag: K,
  name: string,
  attributes: { [name: string]: number | string } = {}
): SVGElementTagNameMap[K] {
  const element = document.createElementNS(SVG, tag);
  if (name) {
    element.setAttribute('class', `jp-glnb-tasks-${name}`);
  }
  for (const [key, value] of Object.entries(attributes)) {
    element.setAttribute(key, typeof value === 'number' ? String(Math.round(value * 10) / 10) : value);
  }
  return element;
}

/** Sets text only where it is another: what is read aloud or selected is left in peace. */
export function say(element: Element, text: string): void {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}
