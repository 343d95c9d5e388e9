/** Makes an element with a class of ours, and text, which is never taken for HTML. */
export function make<K extends keyof HTMLElementTagNameMap>(tag: K, name = '', text = ''): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (name) {
    element.className = `jp-glnb-curves-${name}`;
  }
  if (text) {
    element.textContent = text;
  }
  return element;
}

/** A button with words on it. */
export function button(text: string, title: string, pressed: () => void): HTMLButtonElement {
  const element = make('button', 'button', text);
  element.type = 'button';
  element.title = title;
  element.addEventListener('click', pressed);
  return element;
}

/** A check box and its words. */
export function check(
  text: string,
  changed: (checked: boolean) => void
): { label: HTMLLabelElement; box: HTMLInputElement } {
  const label = make('label', 'check');
  const box = make('input');
  box.type = 'checkbox';
  box.addEventListener('change', () => changed(box.checked));
  label.append(box, make('span', 'text', text));
  return { label, box };
}

/** Sets text only where it is another: what is read aloud or selected is left in peace. */
export function say(element: Element, text: string): void {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

let count = 0;

/** An id that no other element has, for labels and descriptions. */
export function freshId(): string {
  return `jp-glnb-curves-${++count}`;
}
