import { make, told } from "./words.js";
import { bytesOf, floatsOf, inkOf } from "./paint.js";
import { NetView, widthOf } from "./net.js";
import { Digits, Surface } from "./surface.js";
import { Curve } from "./curve.js";
import { Bar, Data, Share } from "./controls.js";

/** By the class of a playground's still picture, which no other has: a page is given several models of one. */
const stores = new Map();
const CALM = 250;
const SILENCE = 6000;
/** Within so many milliseconds a kernel that is not busy answers. */
const PATIENCE = 3000;
const GONE = "The kernel does not answer: run the cell again";
const BUSY = "The kernel is busy: it answers when it is done";
const LOST = ["restarting", "autorestarting", "terminating", "dead"];

/** What is known of one playground, whoever shows it; it tells the kernel when a frame was drawn. */
class Store {
  constructor(model) {
    this.model = model;
    this.views = new Set();
    this.setup = this.frame = null;
    this.status = { playing: false, undo: false, speed: 0, note: "" };
    this.frames = 0;
    this.paces = [];
    this.curve = [];
    this.calm = window.matchMedia("(prefers-reduced-motion: reduce)");
    this.listener = (message, buffers) => this.take(message, buffers);
    model.on("msg:custom", this.listener);
    this.heard = performance.now();
    this.silence = ""; // what is said of a kernel that does not answer
    // Where the page can tell: the kernel's own word. Elsewhere silence must do.
    this.kernel = model.widget_manager?.kernel ?? null;
    this.watcher = (_, status) => LOST.includes(status) && this.lose(GONE);
    this.kernel?.statusChanged?.connect(this.watcher);
    this.beat = setInterval(() => this.listen(), 1000);
  }

  send(message) {
    if (message.do !== "ack") {
      this.asked ??= performance.now();
    }
    try {
      this.model.send(message);
    } catch {
      this.lose(GONE); // its connection is closed
    }
  }

  /** Looks whether the kernel answers: to what it was asked, or, while it plays, at all. */
  listen() {
    const now = performance.now();
    if (this.asked && now - this.asked > PATIENCE) {
      this.lose(this.kernel?.status === "busy" ? BUSY : GONE);
    } else if (this.status.playing && !this.asked && now - this.heard > PATIENCE) {
      this.send({ do: "ping" });
    }
  }

  /** Says that nobody answers; nothing moves meanwhile. */
  lose(words) {
    if (this.silence !== words && this.setup) {
      this.silence = words;
      this.status = { ...this.status, playing: this.status.playing && words === BUSY, note: words };
      this.paces = [];
      this.each(view => view.takeStatus());
    }
  }

  close() {
    clearInterval(this.beat);
    this.kernel?.statusChanged?.disconnect(this.watcher);
    this.model.off("msg:custom", this.listener);
  }

  take(message, buffers) {
    this.heard = performance.now();
    this.asked = null;
    if (this.silence) {
      this.silence = "";
      this.status = { ...this.status, note: "" };
      this.each(view => view.say(""));
      this.send({ do: "ping" }); // whether it plays
    }
    if (message.kind === "setup") {
      this.setup = message;
      this.examples = buffers;
      this.frame = null; // its sizes may be others
      this.each(view => view.takeSetup());
    } else if (message.kind === "frame") {
      this.takeFrame(message, buffers);
    } else if (message.kind === "status") {
      this.status = message;
      this.paces = [];
      this.each(view => view.takeStatus());
    } else if (message.kind === "problem") {
      this.each(view => {
        view.say(message.text, true);
        if (message.do === "load") {
          view.share.refuse(message.text);
        }
      });
    } else if (message.kind === "text") {
      this.each(view => view.share.show(message.what, message.text));
    }
  }

  takeFrame(message, buffers) {
    const [pictures, numbers, curve, answers] = buffers;
    this.frame = {
      ...message,
      pictures: bytesOf(pictures),
      numbers: floatsOf(numbers),
      answers: answers ? inkOf(answers) : null,
    };
    const points = floatsOf(curve);
    this.curve.length = Math.min(this.curve.length, message.since * 3);
    this.curve.push(...points);
    this.each(view => view.curve.add(points, message.since));
    this.paces = [...this.paces.slice(-20), [performance.now(), message.step]];
    let drawn = false;
    const draw = () => {
      if (drawn) {
        return;
      }
      drawn = true;
      if (this.frame?.sequence === message.sequence) {
        this.frames += 1;
        this.each(view => view.draw());
      }
      // Where nobody shows it, the kernel hears nothing, and pauses after a while.
      if (this.views.size && message.sequence % 2 === 0) {
        this.send({ do: "ack", sequence: message.sequence });
      }
    };
    if (this.calm.matches && this.status.playing) {
      setTimeout(draw, CALM);
    } else {
      requestAnimationFrame(draw);
      setTimeout(draw, CALM); // a page in the background has no animation frames
    }
  }

  /** Steps a second, lately. */
  get pace() {
    const [first] = this.paces;
    const last = this.paces[this.paces.length - 1];
    if (!this.status.playing || !first || last[0] - first[0] < 200) {
      return 0;
    }
    return Math.round(((last[1] - first[1]) / (last[0] - first[0])) * 1000);
  }

  each(act) {
    for (const view of this.views) {
      act(view);
    }
  }
}

/** Keys that fields for text and numbers have a meaning of their own for, with Ctrl or the like. */
const EDITS = /^([acxvzy]|Arrow.*|Backspace|Delete|Insert|Home|End)$/i;
const MODIFIERS = ["Control", "Meta", "Alt", "AltGraph", "Shift"];

/**
 * Whether a key is the playground's alone. Others, as that to save, go on to the page's shortcuts. One with Enter would run the
 * notebook's cell, and so put a new playground in the place of this one; Ctrl by itself would have JupyterLab undo something of
 * the notebook with the next key.
 */
function isOurs(event) {
  const { key, target } = event;
  const chord = (event.ctrlKey || event.metaKey || event.altKey) && !event.getModifierState("AltGraph");
  return !chord || key === "Enter" || MODIFIERS.includes(key) || (target.matches("input, textarea") && EDITS.test(key));
}

function newStore(model) {
  const store = new Store(model);
  stores.set(model.get("still"), store);
  return store;
}

/** One place where a playground is shown. */
class View {
  constructor(store, el) {
    this.store = store;
    const send = message => {
      this.say(store.silence, true);
      store.send(message);
    };
    this.bar = new Bar(send);
    this.surface = new Surface(send);
    this.digits = new Digits((pixels, side) => this.net.ink(pixels, side));
    this.data = new Data(send, this.surface);
    this.net = new NetView(send, shown => this.look(shown), text => this.say(text, true));
    this.share = new Share(send);
    const canvas = make("canvas", { className: "glnb-pg-curve", role: "img" });
    this.curve = new Curve(canvas);
    this.curve.add(store.curve, 0);
    this.losses = make("div", { className: "glnb-pg-losses" });
    this.caption = make("div", { className: "glnb-pg-caption" });
    this.note = make("div", { className: "glnb-pg-note", role: "status" });
    this.middle = make("div", { className: "glnb-pg-middle" }, this.layerButtons(send), this.net.element, this.net.hint);
    this.root = make(
      "div",
      {
        className: "glnb-pg",
        role: "region",
        "aria-label": "Playground",
        onkeydown: event => isOurs(event) && event.stopPropagation(),
      },
      this.bar.element,
      this.note,
      make(
        "div",
        { className: "glnb-pg-main" },
        make("div", { className: "glnb-pg-side" }, this.data.element),
        this.middle,
        make(
          "div",
          { className: "glnb-pg-output" },
          make("div", { className: "glnb-pg-says" }, this.losses, this.surface.element, this.digits.element, this.caption),
          make(
            "div",
            { className: "glnb-pg-curves" },
            canvas,
            make("div", { className: "glnb-pg-legend" }, make("i", { className: "glnb-pg-l" }), "learned", make("i", { className: "glnb-pg-t" }), "test")
          )
        )
      ),
      this.share.element,
      // Where this is shown, the still picture beside it is not.
      make("style", {}, `.${store.model.get("still")}{display:none!important}`)
    );
    el.append(this.root);
    this.sizes = new ResizeObserver(() => {
      this.net.arrange();
      this.curve.draw();
    });
    this.sizes.observe(this.net.element);
    this.sizes.observe(canvas);
    if (store.setup) {
      this.takeSetup();
      this.takeStatus();
      if (store.frame) {
        this.draw();
      }
    } else {
      this.say("Waiting for the kernel…");
    }
    store.send({ do: "hello" });
    this.silence = setTimeout(() => {
      if (!store.setup) {
        this.say("No kernel answers: run the cell that makes this playground", true);
      }
    }, SILENCE);
  }

  layerButtons(send) {
    const change = act => () => {
      const value = [...this.store.setup.settings.layers];
      act(value);
      send({ do: "set", name: "layers", value });
    };
    const button = (mark, label, act) => make("button", { type: "button", "aria-label": label, onclick: change(act) }, mark);
    this.less = button("−", "One hidden layer less", value => value.pop());
    this.more = button("+", "One hidden layer more", value => value.push(2));
    this.layers = make("span", {});
    return make("div", { className: "glnb-pg-layers" }, this.less, this.more, this.layers);
  }

  takeSetup() {
    const { setup, examples } = this.store;
    if (this.waits !== false) {
      this.waits = false;
      this.say("");
    }
    const digits = setup.task === "digits";
    this.bar.setup(setup);
    this.data.setup(setup);
    this.middle.style.flexBasis = `${widthOf(setup)}px`;
    this.net.setup(setup);
    const count = setup.settings.layers.length;
    this.less.disabled = count === 0;
    this.more.disabled = count >= setup.most.layers;
    this.layers.textContent = count === 1 ? "1 hidden layer" : `${count} hidden layers`;
    this.surface.element.hidden = digits;
    this.digits.element.hidden = !digits;
    if (digits) {
      this.digits.setup(setup, inkOf(examples[0]));
      this.digits.paint();
      this.caption.textContent = "Test digits and what the net says; a click shows one to it.";
    } else {
      this.surface.shown = null;
      this.surface.setup(setup, floatsOf(examples[0]), floatsOf(examples[1]));
      this.look(null);
    }
  }

  takeStatus() {
    this.bar.status(this.store.status);
    if (this.store.status.note) {
      this.say(this.store.status.note, true);
    }
    if (this.store.frame) {
      this.bar.draw(this.store.frame, this.store.pace);
    }
  }

  draw() {
    const { setup, frame, pace, status } = this.store;
    if (!setup || !frame) {
      return;
    }
    this.net.draw(frame, status.playing);
    this.bar.draw(frame, pace);
    const right = frame.testRight === null ? "" : `, ${(frame.testRight * 100).toFixed(1)}\u00a0%\u00a0right`;
    const words = `Loss: learned ${told(frame.learned)}, test ${told(frame.test)}${right}`;
    this.losses.textContent = words;
    if (setup.task === "digits") {
      this.digits.draw(frame.answers);
    } else {
      this.surface.draw(setup, frame);
    }
    this.curve.draw();
    this.curve.canvas.setAttribute("aria-label", `Curves of the losses. ${words}`);
    this.root.dataset.frames = String(this.store.frames);
    this.root.dataset.step = String(frame.step);
  }

  /** Shows a neuron in place of the output. */
  look(shown) {
    const { setup, frame } = this.store;
    if (!setup || setup.task === "digits") {
      return;
    }
    this.surface.shown = shown;
    this.caption.textContent = shown
      ? `What ${this.net.name(setup, ...shown)} says everywhere`
      : "What the net says everywhere: red below zero, blue above. Points with a dark edge are for testing.";
    if (frame) {
      this.surface.draw(setup, frame);
    }
  }

  say(text, problem = false) {
    this.note.textContent = text;
    this.note.classList.toggle("glnb-pg-problem", problem);
  }

  remove() {
    clearTimeout(this.silence);
    this.sizes.disconnect();
    this.store.views.delete(this);
    this.root.remove();
  }
}

export default {
  initialize({ model }) {
    const store = newStore(model);
    const name = model.get("still");
    return () => {
      store.close();
      if (stores.get(name) === store) {
        stores.delete(name);
      }
    };
  },
  render({ model, el }) {
    const store = stores.get(model.get("still")) ?? newStore(model);
    const view = new View(store, el);
    store.views.add(view);
    return () => view.remove();
  },
};
