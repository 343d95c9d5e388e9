import { make, told } from "./words.js";
import { colour, inkColour, paint, paintInk, pictureOf, sharp } from "./paint.js";

const SIZE = 240;
const APART = 9;

/** What the net says everywhere, with the points; own points are drawn on it. */
export class Surface {
  constructor(send) {
    this.send = send;
    this.value = 1;
    this.shown = null;
    this.cursor = null;
    this.back = make("canvas", { className: "glnb-pg-back", "aria-hidden": "true" });
    this.front = make("canvas", { className: "glnb-pg-front", tabIndex: 0, role: "img" });
    this.element = make("div", { className: "glnb-pg-surface" }, this.back, this.front);
    this.front.addEventListener("pointerdown", event => this.begin(event));
    this.front.addEventListener("pointermove", event => this.go(event));
    for (const end of ["pointerup", "pointercancel"]) {
      this.front.addEventListener(end, () => (this.last = null));
    }
    this.front.addEventListener("contextmenu", event => {
      if (this.own) {
        event.preventDefault();
        this.remove(...this.place(event));
      }
    });
    this.front.addEventListener("keydown", event => this.key(event));
    this.front.addEventListener("blur", () => this.mark(null));
  }

  setup(setup, points, drawn) {
    this.own = setup.own;
    this.reach = setup.reach;
    this.values = setup.settings.data === "own_values";
    this.points = points;
    this.drawn = drawn;
    this.classes = setup.task === "classes";
    this.front.classList.toggle("glnb-pg-own", setup.own);
    this.front.setAttribute("role", setup.own ? "application" : "img");
    this.front.setAttribute(
      "aria-label",
      setup.own
        ? `What the net says; ${drawn.length / 3} own points. Click to draw, right click to take away; arrows move a cross, ` +
            "Enter draws, Delete takes away"
        : `What the net says everywhere, and ${points.length / 4} points`
    );
    this.mark(null);
  }

  /** Draws the output, or the neuron that is looked at. */
  draw(setup, frame) {
    const [layer, neuron] = this.shown ?? [setup.widths.length - 1, 0];
    const picture = pictureOf(setup, frame, layer, neuron);
    if (picture) {
      paint(this.back, picture, setup.sides[layer], true);
    }
  }

  mark(cursor) {
    this.cursor = cursor;
    const context = sharp(this.front, SIZE, SIZE);
    const [light, dark] = ["rgba(255,255,255,.9)", "rgba(20,20,20,.9)"]; // whatever the page's theme is
    const size = this.own ? 4 : 3;
    const points = this.points ?? [];
    for (let at = 0; at < points.length; at += 4) {
      const value = points[at + 2];
      const [x, y] = this.spot(points[at], points[at + 1]);
      const tested = points[at + 3] > 0;
      if (tested) {
        disc(context, x, y, size + 1.5, light); // without it, the edge would be lost on a dark page
        disc(context, x, y, size + 0.5, dark);
      }
      disc(context, x, y, tested ? size - 0.75 : size + 0.5, light);
      const strength = this.classes ? 1 : 0.15 + 0.85 * Math.abs(value);
      disc(context, x, y, tested ? size - 0.75 : size - 0.5, colour(value, strength));
    }
    if (cursor) {
      const [x, y] = this.spot(...cursor);
      context.strokeStyle = getComputedStyle(this.front).color;
      context.strokeRect(x - 5, y - 5, 10, 10);
    }
  }

  spot(x, y) {
    return [((x + this.reach) / (2 * this.reach)) * SIZE, ((this.reach - y) / (2 * this.reach)) * SIZE];
  }

  place(event) {
    const box = this.front.getBoundingClientRect();
    const along = (at, size) => Math.min(Math.max((at / size) * 2 - 1, -1), 1) * this.reach;
    return [round(along(event.clientX - box.left, box.width)), round(-along(event.clientY - box.top, box.height))];
  }

  begin(event) {
    if (!this.own || event.button !== 0) {
      return;
    }
    if (event.shiftKey) {
      this.remove(...this.place(event));
      return;
    }
    this.front.setPointerCapture(event.pointerId);
    this.last = [event.clientX, event.clientY];
    this.add(...this.place(event));
  }

  go(event) {
    if (this.last && Math.hypot(event.clientX - this.last[0], event.clientY - this.last[1]) >= APART) {
      this.last = [event.clientX, event.clientY];
      this.add(...this.place(event));
    }
  }

  add(x, y) {
    this.send({ do: "point", x, y, value: this.value });
  }

  /** Takes away the point that is nearest, where one is near. */
  remove(x, y) {
    let nearest = 0.6;
    let index = -1;
    for (let at = 0; at < this.drawn.length; at += 3) {
      const away = Math.hypot(this.drawn[at] - x, this.drawn[at + 1] - y);
      if (away < nearest) {
        nearest = away;
        index = at / 3;
      }
    }
    if (index >= 0) {
      this.send({ do: "unpoint", index });
    }
  }

  key(event) {
    if (!this.own) {
      return;
    }
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    const cursor = this.cursor ?? [0, 0];
    const step = event.shiftKey ? 1 : 0.25;
    if (moves[event.key]) {
      this.mark(cursor.map((at, axis) => Math.max(-this.reach, Math.min(this.reach, at + moves[event.key][axis] * step))));
    } else if (event.key === "Enter" || event.key === " ") {
      this.add(...cursor);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      this.remove(...cursor);
    } else {
      return;
    }
    event.preventDefault();
  }
}

function disc(context, x, y, radius, fill) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = fill;
  context.fill();
}

function round(value) {
  return Math.round(value * 100) / 100;
}

const ACROSS = 10;
const DOWN = 6;

/** Test digits with what the net takes them for; the wrong ones are framed. */
export class Digits {
  constructor(pick) {
    this.pick = pick;
    this.cells = [];
    this.element = make("div", { className: "glnb-pg-digits", role: "group", "aria-label": "Test digits, and what the net says" });
  }

  /** Takes the pixels of all test digits that are shown, ordered by class. */
  setup(setup, ink) {
    this.ink = ink;
    this.side = setup.sides[1];
    this.each = ink.length / this.side ** 2 / 10;
    this.element.replaceChildren();
    this.cells = [];
    for (let row = 0; row < DOWN; row++) {
      for (let digit = 0; digit < ACROSS; digit++) {
        const number = digit * this.each + row;
        const canvas = make("canvas", { width: this.side, height: this.side, "aria-hidden": "true" });
        const answer = make("span", {}, "");
        const cell = make("button", { type: "button", onclick: () => this.choose(number) }, canvas, answer);
        this.cells.push({ cell, canvas, answer, number, digit });
        this.element.append(cell);
      }
    }
    this.painted = "";
    this.chosen = this.chosen ?? 0;
  }

  /** Draws all digits, where the colour of ink is another one than before. */
  paint() {
    const ink = inkColour(this.element);
    if (this.painted === String(ink)) {
      return;
    }
    this.painted = String(ink);
    for (const { canvas, number } of this.cells) {
      paintInk(canvas, this.pixels(number), this.side, ink);
    }
    this.choose(this.chosen);
  }

  choose(number) {
    this.chosen = number;
    this.pick(this.pixels(number), this.side);
  }

  pixels(number) {
    const size = this.side ** 2;
    return this.ink.subarray(number * size, (number + 1) * size);
  }

  draw(answers) {
    this.paint();
    for (const { cell, answer, number, digit } of this.cells) {
      const said = answers[number];
      if (answer.textContent !== String(said)) {
        answer.textContent = String(said);
        cell.classList.toggle("glnb-pg-wrong", said !== digit);
        cell.setAttribute("aria-label", `A ${digit}, taken for ${told(said)}`);
      }
    }
  }
}
