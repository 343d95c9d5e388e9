/** What things are called, how numbers are written, and elements in one call. */

export const WORDS = {
  circle: "Circle",
  xor: "Exclusive or",
  gauss: "Two clouds",
  spiral: "Spiral",
  plane: "Plane (values)",
  hills: "Hills (values)",
  own: "Own: two classes",
  own_values: "Own: values",
  mnist: "MNIST digits",
  x1: "x₁",
  x2: "x₂",
  x1x1: "x₁²",
  x2x2: "x₂²",
  x1x2: "x₁x₂",
  sinx1: "sin x₁",
  sinx2: "sin x₂",
  tanh: "Tanh",
  relu: "ReLU",
  sigmoid: "Sigmoid",
  linear: "Linear",
  sgd: "Gradient descent",
  momentum: "Momentum",
  adam: "Adam",
  none: "None",
  l1: "L1",
  l2: "L2",
};

/** A number in few characters; a dash for none. */
export function told(value, digits = 3) {
  if (value === null || value === undefined || Number.isNaN(value)) {
    return "–";
  }
  if (typeof value === "string") {
    return value === "inf" ? "∞" : "−∞";
  }
  const size = Math.abs(value);
  const text = size >= 1e6 || (size && size < 1e-4) ? value.toExponential(2) : String(Number(value.toPrecision(digits)));
  return text.replace("-", "−");
}

/** A number with six digits, as fields take it: in 12 characters at most. */
export function plain(value) {
  const number = Number(value.toPrecision(6));
  const size = Math.abs(number);
  return size >= 1e7 || (size && size < 1e-4) ? number.toExponential() : String(number);
}

/** A whole number with commas. */
export function whole(value) {
  return value.toLocaleString("en");
}

/** Shows a setting in its field. */
export function show(input, value) {
  input.value = input.dataset.shown = String(value);
}

/** An element; properties that begin with "on" are its listeners, those that an element does not have its attributes. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) {
      element.addEventListener(name.slice(2), value);
    } else if (name in element && name !== "list") {
      element[name] = value;
    } else {
      element.setAttribute(name, value);
    }
  }
  element.append(...children);
  return element;
}

let made = 0;

/** A name that no other element of the page has. */
export function fresh(word) {
  made += 1;
  return `glnb-pg-${word}-${made}`;
}

/** A labelled choice. */
export function choice(label, values, pick) {
  const select = make("select", { onchange: () => pick(select.value), "aria-label": label });
  for (const value of values) {
    select.append(make("option", { value: String(value) }, WORDS[value] ?? String(value)));
  }
  return { element: make("label", { className: "glnb-pg-field" }, make("span", {}, label), select), input: select };
}

/** A labelled number, with values that are offered; what is typed counts when it is left or Enter is pressed. */
export function entry(label, offered, pick, attributes = {}) {
  const list = make("datalist", { id: fresh("list") }, ...offered.map(value => make("option", { value: String(value) })));
  const take = () => {
    if (input.value !== input.dataset.shown) {
      input.dataset.shown = input.value;
      pick(input.value.trim() === "" ? null : Number(input.value));
    }
  };
  const input = make("input", {
    type: "number",
    step: "any",
    list: list.id,
    "aria-label": label,
    onchange: take,
    // Where values are offered, browsers keep this key from the field.
    onkeydown: event => event.key === "Enter" && take(),
    ...attributes,
  });
  return { element: make("label", { className: "glnb-pg-field" }, make("span", {}, label), input, list), input };
}
