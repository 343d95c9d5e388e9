import { choice, entry, fresh, make, show, told, whole } from "./words.js";

const RATES = [0.00001, 0.0001, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3];
const STRENGTHS = [0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1];

/** The bar above: play, step, begin anew, undo, and the training's settings. */
export class Bar {
  constructor(send) {
    this.send = send;
    const button = (label, mark, act, className = "") =>
      make("button", { type: "button", className, "aria-label": label, title: label, onclick: act }, mark);
    this.play = button("Play", "▶", () => send({ do: this.playing ? "pause" : "play" }), "glnb-pg-play");
    this.stepper = button("One step", "▸|", () => send({ do: "step" }));
    this.reset = button("Begin anew", "↺", () => send({ do: "reset" }));
    this.undo = button("Undo: back to what was before it began anew", "↶", () => send({ do: "undo" }));
    this.steps = make("span", {});
    this.more = make("span", {});
    this.count = make("output", { className: "glnb-pg-count", "aria-label": "Steps and epochs" }, this.steps, " ", this.more);
    this.element = make(
      "div",
      { className: "glnb-pg-bar" },
      make("div", { className: "glnb-pg-buttons", role: "toolbar", "aria-label": "Training" }, this.play, this.stepper, this.reset, this.undo),
      this.count
    );
    this.status({ playing: false, undo: false, speed: 0 });
  }

  setup(setup) {
    const { choices, settings } = setup;
    if (!this.inputs) {
      const set = name => value => this.send({ do: "set", name, value });
      this.inputs = {
        learning_rate: entry("Learning rate", RATES, set("learning_rate"), { min: 0 }),
        activation: choice("Activation", choices.activation, set("activation")),
        optimizer: choice("Optimizer", choices.optimizer, set("optimizer")),
        regularization: choice("Regularization", choices.regularization, set("regularization")),
        regularization_rate: entry("its rate", STRENGTHS, set("regularization_rate"), { min: 0 }),
        batch: entry("Batch", [1, 5, 10, 20, 30, 50, 100], set("batch"), { min: 1 }),
        speed: choice("Steps a second", choices.speed, value => this.send({ do: "speed", value: Number(value) })),
      };
      this.inputs.speed.input.options[0].textContent = "all it can";
      this.element.append(...Object.values(this.inputs).map(({ element }) => element));
    }
    for (const [name, { input }] of Object.entries(this.inputs)) {
      if (name !== "speed") {
        show(input, settings[name]);
      }
    }
    this.inputs.regularization_rate.input.disabled = settings.regularization === "none";
  }

  status({ playing, undo, speed }) {
    this.playing = playing;
    const label = playing ? "Pause" : "Play";
    this.play.textContent = playing ? "❚❚" : "▶";
    this.play.title = label;
    this.play.setAttribute("aria-label", label);
    this.undo.disabled = !undo;
    if (this.inputs) {
      this.inputs.speed.input.value = String(speed);
    }
  }

  draw(frame, pace) {
    const goal = frame.goal > frame.step ? ` of ${whole(frame.goal)}` : "";
    this.steps.textContent = `Step ${whole(frame.step)}${goal}`;
    this.more.textContent = `epoch ${whole(frame.epoch)}${pace ? ` · ${whole(pace)}/s` : ""}`;
  }
}

/** What is learned: the data set, how much of it, how noisy, and the seed. */
export class Data {
  constructor(send, surface) {
    this.send = send;
    this.surface = surface;
    this.element = make("div", { className: "glnb-pg-data" });
  }

  setup(setup) {
    const { choices, settings } = setup;
    if (!this.inputs) {
      const set = name => value => this.send({ do: "set", name, value });
      this.inputs = {
        data: choice("Data", choices.data, set("data")),
        noise: this.slider("Noise", 0, 50, "noise"),
        share: this.slider("To learn from", 10, 90, "share"),
        seed: entry("Seed", [1, 2, 3], set("seed"), { min: 0 }),
      };
      this.pen = make("div", { className: "glnb-pg-pen" });
      this.element.append(...Object.values(this.inputs).map(({ element }) => element), this.pen);
    }
    for (const [name, { input }] of Object.entries(this.inputs)) {
      show(input, settings[name]);
      this.say?.[name]?.();
    }
    this.inputs.share.input.disabled = setup.task === "digits";
    this.inputs.noise.input.disabled = setup.own;
    const pen = setup.own ? settings.data : "";
    if (pen !== this.drawnWith) {
      this.drawnWith = pen;
      this.pens(pen);
    }
  }

  slider(label, low, high, name) {
    const shown = make("span", { className: "glnb-pg-shown" });
    const input = make("input", { type: "range", min: low, max: high, step: name === "share" ? 10 : 5, "aria-label": label });
    const say = () => {
      shown.textContent = `${told(Number(input.value), 3)} %`;
      input.setAttribute("aria-valuetext", shown.textContent);
    };
    input.addEventListener("input", say);
    input.addEventListener("change", () => this.send({ do: "set", name, value: Number(input.value) }));
    this.say = { ...this.say, [name]: say };
    return { element: make("label", { className: "glnb-pg-field" }, make("span", {}, label, " ", shown), input), input };
  }

  /** What is drawn by mouse: one of two classes, or a value. */
  pens(data) {
    this.pen.replaceChildren();
    this.surface.value = 1;
    if (data === "own") {
      for (const [value, words, kind] of [
        [1, "blue, +1", "glnb-pg-positive"],
        [-1, "red, −1", "glnb-pg-negative"],
      ]) {
        const radio = make("input", {
          type: "radio",
          name: `pen-${this.name ?? (this.name = Math.random().toString(36).slice(2))}`,
          checked: value === 1,
          onchange: () => (this.surface.value = value),
        });
        this.pen.append(make("label", {}, radio, make("i", { className: kind }), words));
      }
    } else if (data === "own_values") {
      const shown = make("span", {}, "1");
      const input = make("input", { type: "range", min: -1, max: 1, step: 0.1, value: 1, "aria-label": "Value to draw" });
      input.addEventListener("input", () => {
        this.surface.value = Number(input.value);
        shown.textContent = told(this.surface.value, 2);
      });
      this.pen.append(make("label", { className: "glnb-pg-field" }, make("span", {}, "Value to draw ", shown), input));
    }
    if (data) {
      this.pen.append(make("p", {}, "Draw on the surface; right click takes a point away."));
    }
  }
}

/** The state as a string, the program, and a way to open what somebody shared. */
export class Share {
  constructor(send) {
    this.text = make("textarea", { className: "glnb-pg-text", rows: 8, spellcheck: false, "aria-label": "State or program" });
    this.copied = make("span", { role: "status" });
    this.wrong = make("span", { className: "glnb-pg-problem", id: fresh("wrong") });
    this.text.setAttribute("aria-describedby", this.wrong.id);
    this.copy = make("button", { type: "button", onclick: () => this.toClipboard() }, "Copy");
    this.openIt = make("button", { type: "button", onclick: () => this.open(send) }, "Open this state");
    const close = make("button", { type: "button", onclick: () => this.show("", "") }, "Close");
    this.box = make("div", { hidden: true }, this.text, make("div", {}, this.copy, this.openIt, close, this.copied, this.wrong));
    const button = (words, act) => make("button", { type: "button", onclick: act }, words);
    this.element = make(
      "div",
      { className: "glnb-pg-share" },
      make(
        "div",
        {},
        button("Share as text", () => send({ do: "share" })),
        button("Show the program", () => send({ do: "program" })),
        button("Open a shared text…", () => this.show("open", ""))
      ),
      this.box
    );
  }

  open(send) {
    this.wrong.textContent = "";
    send({ do: "load", text: this.text.value.trim() });
  }

  /** Says what is wrong with the text that was to be opened. */
  refuse(text) {
    this.wrong.textContent = this.box.hidden ? "" : text;
  }

  show(what, text) {
    this.wrong.textContent = "";
    this.box.hidden = !what;
    this.text.value = text;
    this.text.rows = what === "program" ? 18 : 3;
    this.text.readOnly = what !== "open";
    this.copy.hidden = what === "open";
    this.openIt.hidden = what !== "open";
    this.copied.textContent = "";
    if (what) {
      this.text.focus();
      this.text.setSelectionRange(0, what === "state" ? text.length : 0);
      this.text.scrollTop = 0;
    }
  }

  async toClipboard() {
    this.text.select();
    try {
      await navigator.clipboard.writeText(this.text.value);
      this.copied.textContent = "Copied";
    } catch {
      this.copied.textContent = document.execCommand("copy") ? "Copied" : "Press Ctrl+C to copy";
    }
  }
}
