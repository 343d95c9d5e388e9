import { WORDS, make, plain, told } from "./words.js";
import { colour, inkColour, paint, paintInk, pictureOf, placesOf } from "./paint.js";

const HEAD = 58;
const NODE = 38;
const PIXELS = 74;
const GAP = 10;
/** From column to column, at least: what their heads need. */
const STEP = 74;
const SVG = "http://www.w3.org/2000/svg";

/** Room beside the columns, for the names of inputs and the like. */
function edges(digits) {
  return digits ? { left: 4, right: 18, large: PIXELS - NODE } : { left: 56, right: 6, large: 0 };
}

/** The width that a net needs. */
export function widthOf(setup) {
  const { left, right, large } = edges(setup.task === "digits");
  return left + large + NODE + right + (setup.widths.length - 1) * STEP;
}

/** The net: a picture for each neuron, a line for each weight, and the buttons that change its shape. */
export class NetView {
  /**
   * @param {(message: object) => void} send tells the kernel.
   * @param {(shown: number[] | null) => void} look is told which neuron is looked at.
   * @param {(words: string) => void} refuse is told why something cannot be.
   */
  constructor(send, look, refuse) {
    this.send = send;
    this.look = look;
    this.refuse = refuse;
    this.lines = document.createElementNS(SVG, "svg");
    this.lines.setAttribute("aria-hidden", "true");
    this.nodes = make("div", { className: "glnb-pg-nodes" });
    this.hint = make("div", { className: "glnb-pg-hint" });
    this.card = make("div", { className: "glnb-pg-card", role: "dialog", hidden: true });
    this.plane = make("div", { className: "glnb-pg-plane" }, this.lines, this.nodes);
    this.scroller = make("div", { className: "glnb-pg-scroller", role: "group", "aria-label": "The net" }, this.plane);
    // The card lies beside what scrolls, which would clip it.
    this.element = make("div", { className: "glnb-pg-net" }, this.scroller, this.card);
    this.scroller.addEventListener("scroll", () => this.placeCard());
    this.lines.addEventListener("click", event => this.clicked(event));
    this.lines.addEventListener("pointermove", event => this.hover(event));
    this.lines.addEventListener("pointerleave", () => (this.hint.textContent = ""));
    this.card.addEventListener("keydown", event => event.key === "Escape" && this.close());
  }

  /** Builds it anew where its shape changed. */
  setup(setup) {
    this.now = setup;
    this.frame = null; // the last one was of another net
    this.places = placesOf(setup);
    const shape = JSON.stringify([setup.task, setup.widths, setup.settings.features]);
    if (shape !== this.shape) {
      const focused = this.nodes.contains(document.activeElement) ? document.activeElement.dataset.key : null;
      this.shape = shape;
      this.close();
      this.build(setup);
      this.arrange();
      if (focused) {
        this.nodes.querySelector(`[data-key="${focused}"]`)?.focus();
      }
    }
  }

  build(setup) {
    this.columns = setup.widths.map((width, layer) => (layer ? this.layer(setup, layer, width) : this.inputs(setup)));
    this.nodes.replaceChildren(...this.columns.flatMap(({ head, others, cells }) => [head, ...(others ?? []), ...cells]));
    this.links = [];
    this.lines.replaceChildren();
    for (let layer = 0; layer + 1 < this.columns.length; layer++) {
      this.columns[layer].cells.forEach((_, from) =>
        this.columns[layer + 1].cells.forEach((_, to) => this.link(layer, from, to))
      );
    }
  }

  link(layer, from, to) {
    const seen = document.createElementNS(SVG, "path");
    const felt = document.createElementNS(SVG, "path");
    seen.setAttribute("class", "glnb-pg-link");
    felt.setAttribute("class", "glnb-pg-felt");
    const link = { seen, felt, layer, from, to };
    felt.dataset.link = String(this.links.length);
    this.links.push(link);
    this.lines.append(seen, felt);
  }

  inputs(setup) {
    const head = make("div", { className: "glnb-pg-head" }, make("b", {}, setup.task === "digits" ? "Pixels" : "Inputs"));
    if (setup.task === "digits") {
      const [, side] = setup.sides;
      const canvas = make("canvas", { width: side, height: side });
      const cell = make("div", { className: "glnb-pg-node glnb-pg-pixels", title: "The digit that was clicked" }, canvas);
      return { head, cells: [cell], canvases: [canvas] };
    }
    const active = setup.settings.features;
    const cells = new Array(active.length);
    const canvases = new Array(active.length);
    const others = [];
    setup.choices.features.forEach((feature, row) => {
      const at = active.indexOf(feature);
      const canvas = make("canvas");
      const cell = make(
        "button",
        {
          type: "button",
          className: "glnb-pg-node glnb-pg-input",
          "aria-pressed": String(at >= 0),
          "data-key": feature,
          title: at >= 0 ? "Leave this input out" : "Give the net this input",
          onclick: () => this.toggle(feature),
        },
        make("span", {}, WORDS[feature]),
        canvas
      );
      cell.dataset.row = String(row);
      if (at >= 0) {
        this.watch(cell, 0, at);
        cells[at] = cell;
        canvases[at] = canvas;
      } else {
        others.push(cell);
      }
    });
    return { head, cells, canvases, others };
  }

  toggle(feature) {
    const active = this.now.settings.features;
    const value = this.now.choices.features.filter(name => active.includes(name) !== (name === feature));
    this.send({ do: "set", name: "features", value });
  }

  layer(setup, layer, width) {
    const output = layer === setup.widths.length - 1;
    const head = make("div", { className: "glnb-pg-head" }, make("b", {}, output ? "Output" : `Hidden ${layer}`));
    if (!output) {
      const layers = change => {
        const value = [...setup.settings.layers];
        value[layer - 1] += change;
        this.send({ do: "set", name: "layers", value });
      };
      const button = (sign, change, words, disabled) =>
        make(
          "button",
          {
            type: "button",
            "data-key": `${sign}${layer}`,
            "aria-label": `${words} neuron in hidden layer ${layer}`,
            disabled,
            onclick: () => layers(change),
          },
          sign
        );
      head.append(
        make(
          "div",
          {},
          button("−", -1, "One less", width <= 1),
          make("span", {}, String(width)),
          button("+", 1, "One more", width >= setup.most.neurons)
        )
      );
    }
    const cells = [];
    const canvases = [];
    for (let neuron = 0; neuron < width; neuron++) {
      const canvas = make("canvas");
      const name = this.name(setup, layer, neuron);
      const cell = make(
        "button",
        {
          type: "button",
          className: "glnb-pg-node",
          "data-key": `n${layer}.${neuron}`,
          "aria-label": `${name}: its weights`,
          title: `${name}; click for its weights`,
          onclick: () => this.open(layer, neuron),
        },
        canvas
      );
      if (output && setup.task === "digits") {
        cell.append(make("i", {}, String(neuron)));
      }
      this.watch(cell, layer, neuron);
      cells.push(cell);
      canvases.push(canvas);
    }
    return { head, cells, canvases };
  }

  /** Shows a neuron large while the pointer or the keyboard's focus is on it. */
  watch(cell, layer, neuron) {
    if (this.now?.task === "digits") {
      return;
    }
    for (const [begin, end] of [
      ["pointerenter", "pointerleave"],
      ["focus", "blur"],
    ]) {
      cell.addEventListener(begin, () => this.look([layer, neuron]));
      cell.addEventListener(end, () => this.look(null));
    }
  }

  name(setup, layer, neuron) {
    if (layer === 0) {
      return WORDS[setup.settings.features[neuron]];
    }
    if (layer === setup.widths.length - 1) {
      return setup.task === "digits" ? `Output ${neuron}` : "Output";
    }
    return `Hidden ${layer}, neuron ${neuron + 1}`;
  }

  /** Puts everything where it belongs, for the width that there is; where that is too little, it scrolls. */
  arrange() {
    const room = this.scroller.clientWidth;
    if (!this.columns || !room) {
      return;
    }
    const digits = this.now.task === "digits";
    const need = widthOf(this.now);
    const width = Math.max(room, need);
    const most = Math.max(digits ? 2 : this.now.choices.features.length, ...this.now.widths.slice(1));
    const height = HEAD + most * (NODE + GAP);
    this.plane.style.width = width > room ? `${width}px` : "";
    this.plane.style.height = `${height}px`;
    if (width > room) {
      this.scroller.tabIndex = 0; // for the arrow keys
    } else {
      this.scroller.removeAttribute("tabindex");
    }
    this.lines.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const { left, right, large } = edges(digits);
    const apart = (width - left - large - NODE - right) / Math.max(this.columns.length - 1, 1);
    const spots = this.columns.map(({ head, cells, others }, column) => {
      const x = left + (column ? large : 0) + column * apart;
      head.style.left = `${x + (NODE + (column ? 0 : large)) / 2}px`;
      const first = HEAD + ((most - cells.length) * (NODE + GAP) - (column ? 0 : large)) / 2;
      for (const cell of others ?? []) {
        put(cell, x, HEAD + Number(cell.dataset.row) * (NODE + GAP));
      }
      return cells.map((cell, row) => {
        const y = cell.dataset.row === undefined ? first : HEAD + Number(cell.dataset.row) * (NODE + GAP);
        const spot = [x, cell.dataset.row === undefined ? y + row * (NODE + GAP) : y];
        put(cell, ...spot);
        return spot;
      });
    });
    for (const { seen, felt, layer, from, to } of this.links) {
      const [x1, y1] = spots[layer][from];
      const [x2, y2] = spots[layer + 1][to];
      const size = layer ? NODE : NODE + large;
      const [a, b, c, d] = [x1 + size, y1 + size / 2, x2, y2 + NODE / 2];
      const path = `M${a} ${b}C${(a + c) / 2} ${b} ${(a + c) / 2} ${d} ${c} ${d}`;
      seen.setAttribute("d", path);
      felt.setAttribute("d", path);
    }
    this.placeCard();
  }

  draw(frame, playing) {
    const { now: setup, columns, places } = this;
    const first = !this.frame;
    this.frame = frame;
    columns.forEach(({ canvases }, layer) =>
      canvases.forEach((canvas, neuron) => {
        const picture = pictureOf(setup, frame, layer, neuron);
        if (picture) {
          paint(canvas, picture, setup.sides[layer]);
        }
      })
    );
    for (const link of this.links) {
      const at = places[link.layer];
      const known = at.weights >= 0;
      const weight = known ? frame.numbers[at.weights + link.from * at.outputs + link.to] : 0;
      const wide = known ? 0.5 + Math.min(Math.abs(weight), 4) * 1.5 : 1;
      link.seen.setAttribute("stroke-width", wide.toFixed(2));
      link.seen.setAttribute("stroke", known ? colour(Number.isFinite(weight) ? weight : 0) : "currentColor");
    }
    if (!this.card.hidden) {
      this.fill(first, !playing);
    }
  }

  /** Shows the digit that was chosen. */
  ink(pixels, side) {
    paintInk(this.columns[0].canvases[0], pixels, side, inkColour(this.element));
  }

  // Weights

  linkOf(event) {
    const at = event.target.dataset?.link;
    const link = at === undefined ? null : this.links[Number(at)];
    return link && this.places[link.layer].weights >= 0 ? link : null;
  }

  hover(event) {
    const link = this.linkOf(event);
    if (!link || !this.frame) {
      this.hint.textContent = "";
      return;
    }
    const at = this.places[link.layer];
    const weight = this.frame.numbers[at.weights + link.from * at.outputs + link.to];
    const names = [this.name(this.now, link.layer, link.from), this.name(this.now, link.layer + 1, link.to)];
    this.hint.textContent = `Weight ${told(weight)} from ${names[0]} to ${names[1]}; click to change it`;
  }

  clicked(event) {
    const link = this.linkOf(event);
    if (link) {
      this.open(link.layer + 1, link.to, link.from);
    }
  }

  /** Opens the card with a neuron's weights and its bias. */
  open(layer, neuron, from = null) {
    const at = this.places[layer - 1];
    const title = this.name(this.now, layer, neuron);
    this.fields = [];
    const rows = [];
    const field = (label, place, number) => {
      const input = make("input", {
        type: "number",
        step: "any",
        "aria-label": label,
        onchange: () => this.take(input, label, layer - 1, place),
        // What is no number to the browser, such as 1e400, is no change to it either.
        onkeydown: event => event.key === "Enter" && input.value === "" && this.take(input, label, layer - 1, place),
        onblur: () => input.value === "" && this.take(input, label, layer - 1, place),
      });
      this.fields.push({ input, number });
      rows.push(make("label", {}, make("span", {}, label), input));
    };
    if (at.weights >= 0) {
      for (let input = 0; input < at.inputs; input++) {
        field(`from ${this.name(this.now, layer - 1, input)}`, [input, neuron], at.weights + input * at.outputs + neuron);
      }
    }
    field("bias", neuron, at.biases + neuron);
    const close = make("button", { type: "button", "aria-label": "Close", onclick: () => this.close() }, "×");
    this.card.replaceChildren(make("header", {}, make("b", {}, title), close), ...rows);
    this.card.setAttribute("aria-label", `Weights of ${title}`);
    this.card.hidden = false;
    this.opened = this.columns[layer].cells[neuron];
    this.fill(true);
    this.placeCard();
    const first = this.fields[from ?? 0].input;
    first.focus();
    first.select();
  }

  /** Puts the card beside its neuron, as far as there is room. */
  placeCard() {
    if (this.card.hidden) {
      return;
    }
    const room = this.element.clientWidth - this.card.offsetWidth - 4;
    const x = parseFloat(this.opened.style.left) - this.scroller.scrollLeft - this.card.offsetWidth - 12;
    this.card.style.left = `${Math.max(0, Math.min(x, room))}px`;
    const y = parseFloat(this.opened.style.top) - 20;
    this.card.style.top = `${Math.max(0, Math.min(y, this.element.clientHeight - this.card.offsetHeight - 4))}px`;
  }

  /** Sends what was typed for a weight or a bias, or says why not. */
  take(input, label, layer, place) {
    const value = Number(input.value);
    if (input.value.trim() === "" || !Number.isFinite(value)) {
      this.fill(true);
      this.refuse(`${label}: that is no number that a weight can be, so it stays as it was`);
    } else {
      this.fields.find(field => field.input === input).shown = input.value;
      this.send({ do: "edit", layer, place, value });
    }
  }

  /** Shows the weights in the card's fields: in all; or in all but the one with the focus, which is filled too where `calm`
   * and nothing was typed in it since. */
  fill(all = false, calm = false) {
    for (const field of this.frame ? this.fields : []) {
      const { input, number, shown } = field;
      const held = input === document.activeElement;
      if (all || !held || (calm && input.value === shown)) {
        const value = plain(this.frame.numbers[number]);
        if (value !== input.value) {
          input.value = value;
          if (held) {
            input.select();
          }
        }
        field.shown = input.value;
      }
    }
  }

  close() {
    if (this.card.hidden) {
      return;
    }
    const held = this.card.contains(document.activeElement);
    this.card.hidden = true;
    if (held) {
      this.opened?.focus();
    }
  }
}

function put(cell, x, y) {
  cell.style.left = `${x}px`;
  cell.style.top = `${y}px`;
}
