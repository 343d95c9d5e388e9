/** Makes an element with a class, without any HTML in text. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = '',
  text = ''
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (className) {
    element.className = className;
  }
  if (text) {
    element.textContent = text;
  }
  return element;
}

/** A button with words on it. */
export function button(text: string, action: () => void, name = text): HTMLButtonElement {
  const made = make('button', 'jp-glnb-values-button', text);
  made.type = 'button';
  if (name !== text) {
    made.setAttribute('aria-label', name);
    made.title = name;
  }
  made.addEventListener('click', action);
  return made;
}

/** A button that stays pressed. */
export function toggle(text: string, pressed: boolean, action: (pressed: boolean) => void): HTMLButtonElement {
  const made = button(text, () => {
    const now = made.getAttribute('aria-pressed') !== 'true';
    press(made, now);
    action(now);
  });
  press(made, pressed);
  return made;
}

export function press(toggle: HTMLElement, pressed: boolean): void {
  toggle.setAttribute('aria-pressed', String(pressed));
}

/** A drop-down with its label before it. */
export function select(
  label: string,
  options: readonly { value: string; label: string }[],
  value: string,
  action: (value: string) => void
): { node: HTMLLabelElement; select: HTMLSelectElement } {
  const node = make('label', 'jp-glnb-values-field');
  const made = make('select', 'jp-glnb-values-select');
  made.setAttribute('aria-label', label); // the field may get a button, too
  node.append(make('span', '', label), made);
  fill(made, options, value);
  made.addEventListener('change', () => action(made.value));
  return { node, select: made };
}

/** Gives a drop-down other choices, and touches nothing where they are the same: an open one would close. */
export function fill(
  made: HTMLSelectElement,
  options: readonly { value: string; label: string }[],
  value: string
): void {
  const same =
    made.options.length === options.length &&
    options.every((o, i) => made.options[i].value === o.value && made.options[i].text === o.label);
  if (!same) {
    made.replaceChildren(
      ...options.map(o => {
        const option = make('option', '', o.label);
        option.value = o.value;
        return option;
      })
    );
  }
  if (made.value !== value) {
    made.value = value;
  }
}

/** Writes text only where it changed, so that nothing is laid out or read anew for nothing. */
export function write(node: HTMLElement, text: string): void {
  if (node.textContent !== text) {
    node.textContent = text;
  }
}
