import { told } from "./words.js";
import { sharp } from "./paint.js";

/** The losses so far: of what is learned from, and of what is not. */
export class Curve {
  constructor(canvas) {
    this.canvas = canvas;
    this.points = [];
  }

  /** Takes numbers of a frame: step, loss, test loss, again and again, from a point on. */
  add(numbers, since) {
    this.points.length = Math.min(this.points.length, since);
    for (let at = 0; at + 2 < numbers.length; at += 3) {
      this.points.push([numbers[at], numbers[at + 1], numbers[at + 2]]);
    }
  }

  draw() {
    const { canvas, points } = this;
    const { clientWidth: width, clientHeight: height } = canvas;
    if (!width || !height) {
      return;
    }
    const context = sharp(canvas, width, height);
    const style = getComputedStyle(canvas);
    const left = 40;
    const foot = 16;
    const most = points.reduce((high, [, a, b]) => Math.max(high, good(a), good(b)), 0) * 1.05 || 1;
    const last = points.length ? Math.max(points[points.length - 1][0], 1) : 1;
    context.font = `11px ${style.fontFamily}`;
    context.fillStyle = context.strokeStyle = style.color;
    context.globalAlpha = 0.35;
    context.strokeRect(left + 0.5, 4.5, width - left - 2, height - foot - 5);
    context.globalAlpha = 1;
    context.textAlign = "right";
    context.fillText(told(most, 2), left - 5, 13);
    context.fillText("0", left - 5, height - foot);
    context.fillText(`step ${told(last, 6)}`, width - 2, height - 3);
    ["--pg-test", "--pg-learned"].forEach((name, place) => {
      const column = 2 - place;
      context.strokeStyle = style.getPropertyValue(name);
      context.lineWidth = 1.7;
      context.beginPath();
      let down = false;
      for (const point of points) {
        if (!Number.isFinite(point[column])) {
          down = false;
          continue;
        }
        const x = left + (point[0] / last) * (width - left - 3);
        const y = 4 + (1 - point[column] / most) * (height - foot - 5);
        down ? context.lineTo(x, y) : context.moveTo(x, y);
        down = true;
      }
      context.stroke();
    });
  }
}

function good(value) {
  return Number.isFinite(value) ? value : 0;
}
