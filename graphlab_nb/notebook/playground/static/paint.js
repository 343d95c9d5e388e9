/** Colours: red below zero, blue above, the paper shows through at zero; and numbers out of messages. */

export const NEGATIVE = [209, 53, 74];
export const POSITIVE = [47, 127, 224];
const ODD = [232, 161, 0];

/** The colour of a number from -1 to 1, over the paper. */
export function colour(value, strength = 1) {
  const [red, green, blue] = value < 0 ? NEGATIVE : POSITIVE;
  return `rgba(${red},${green},${blue},${strength})`;
}

/** Colours of all bytes, as pixels; a picture that points lie on is paler. */
function palette(most) {
  const bytes = new Uint8ClampedArray(256 * 4);
  for (let at = 0; at < 256; at++) {
    const value = at - 128;
    const [red, green, blue] = value === -128 ? ODD : value < 0 ? NEGATIVE : POSITIVE;
    bytes.set([red, green, blue, value === -128 ? 255 : Math.round((Math.abs(value) / 127) * most)], at * 4);
  }
  return new Uint32Array(bytes.buffer);
}

const FULL = palette(255);
const PALE = palette(165);

/** Draws a square of bytes, -127 to 127, into a canvas that has a pixel for each. */
export function paint(canvas, bytes, side, pale = false) {
  if (canvas.width !== side || canvas.height !== side) {
    canvas.width = canvas.height = side;
  }
  const context = canvas.getContext("2d");
  const image = context.createImageData(side, side);
  const pixels = new Uint32Array(image.data.buffer);
  const colours = pale ? PALE : FULL;
  for (let at = 0; at < pixels.length; at++) {
    pixels[at] = colours[bytes[at] + 128];
  }
  context.putImageData(image, 0, 0);
}

/** The colour of an element's text, as red, green and blue. */
export function inkColour(element) {
  return getComputedStyle(element).color.match(/[\d.]+/g).slice(0, 3).map(Number);
}

/** Draws pixels, 0 to 255, as ink of a colour. */
export function paintInk(canvas, bytes, side, ink) {
  const context = canvas.getContext("2d");
  const image = context.createImageData(side, side);
  for (let at = 0; at < side * side; at++) {
    image.data.set([...ink, bytes[at]], at * 4);
  }
  context.putImageData(image, 0, 0);
}

export function bytesOf(view) {
  return new Int8Array(view.buffer, view.byteOffset, view.byteLength);
}

export function inkOf(view) {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

/** Numbers of a message; copied, since they may begin anywhere. */
export function floatsOf(view) {
  return new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
}

/** A canvas as sharp as the screen; returns its context in pixels of the page. */
export function sharp(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  const across = Math.round(width * ratio);
  const down = Math.round(height * ratio);
  if (canvas.width !== across || canvas.height !== down) {
    canvas.width = across;
    canvas.height = down;
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

/** Where each layer's weights and biases begin in a frame's numbers; of MNIST's pixels there are no weights. */
export function placesOf(setup) {
  const places = [];
  let at = 0;
  for (let layer = 0; layer + 1 < setup.widths.length; layer++) {
    const inputs = setup.widths[layer];
    const outputs = setup.widths[layer + 1];
    const told = !(layer === 0 && setup.task === "digits");
    const weights = at;
    at += told ? inputs * outputs : 0;
    places.push({ weights: told ? weights : -1, biases: at, inputs, outputs });
    at += outputs;
  }
  return places;
}

/** The part of a frame's pictures that is a neuron's; null where there is none. */
export function pictureOf(setup, frame, layer, neuron) {
  let at = 0;
  for (let before = 0; before < layer; before++) {
    at += setup.sides[before] ** 2 * setup.widths[before];
  }
  const size = setup.sides[layer] ** 2;
  return size ? frame.pictures.subarray(at + neuron * size, at + (neuron + 1) * size) : null;
}
