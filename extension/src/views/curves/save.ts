import { TranslationBundle } from '@jupyterlab/translation';
import { IColors } from '../../theme';
import { Chart } from './chart';
import { figuresOf } from './legend';
import { ILook } from './look';
import { ILine, keptText, oddTexts } from './read';
import { Best } from './best';

/** Rows written between two looks at the clock. */
const ROWS = 5000;

/** A cell of a table after RFC 4180: quoted where it has to be. */
export function cell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}

/** All points of lines as a table, in pieces: numbers in full, so that reading them gives the same numbers. */
export function* tableOf(lines: readonly ILine[]): Generator<string> {
  yield 'name,run,label,step,seconds,value\r\n';
  for (const { name, run, curve } of lines) {
    const { steps, times, values } = curve.series;
    const head = `${cell(name)},${run.run},${cell(run.label)},`;
    for (let from = 0; from < curve.length; from += ROWS) {
      let text = '';
      for (let i = from; i < Math.min(curve.length, from + ROWS); i++) {
        text += `${head}${steps[i]},${times[i]},${values[i]}\r\n`;
      }
      yield text;
    }
  }
}

/** The table as a file, made bit by bit so that the page stays alive. */
export async function tableFile(lines: readonly ILine[], pause: () => Promise<void>): Promise<Blob> {
  const parts: BlobPart[] = [];
  let began = performance.now();
  for (const part of tableOf(lines)) {
    parts.push(part);
    if (performance.now() - began > 12) {
      await pause();
      began = performance.now();
    }
  }
  return new Blob(parts, { type: 'text/csv;charset=utf-8' });
}

const TITLE = 26;
const ROW = 17;
const PAD = 14;
/** Browsers draw nothing on canvases beyond this. */
const MOST = 16000;

/** Texts below a chart in the picture, with the look of the line that each is of. */
function rowsOf(chart: Chart, log: boolean, best: (name: string) => Best, trans: TranslationBundle) {
  const rows: { look: ILook | null; text: string }[] = chart.lines.slice(-12).map(line => {
    const figures = figuresOf(line, best(line.name));
    const text =
      best(line.name) === 'min'
        ? trans.__('%1: last %2, lowest %3 at step %4', line.label, figures.last, figures.best, figures.bestStep)
        : trans.__('%1: last %2, highest %3 at step %4', line.label, figures.last, figures.best, figures.bestStep);
    const kept = keptText(line, trans);
    return { look: line.look, text: kept ? `${text} (${kept})` : text };
  });
  const more = chart.lines.length - rows.length;
  if (more > 0) {
    rows.push({ look: null, text: trans.__('and %1 more', more) });
  }
  return rows.concat(oddTexts(chart.lines, log, trans).map(text => ({ look: null, text })));
}

/**
 * Puts drawn charts with their legends on one picture, in as many columns as keep it within what browsers can draw.
 * Null where there is nothing to draw.
 */
export async function pictureFile(
  charts: readonly Chart[],
  log: boolean,
  best: (name: string) => Best,
  colors: IColors,
  trans: TranslationBundle,
  pause: () => Promise<void>
): Promise<Blob | null> {
  const blocks = charts.flatMap(chart => {
    const { canvas } = chart;
    return canvas && canvas.width > 0 ? [{ chart, canvas, rows: rowsOf(chart, log, best, trans) }] : [];
  });
  if (blocks.length === 0) {
    return null;
  }
  let ratio = Math.max(1, window.devicePixelRatio || 1);
  const size = (canvas: HTMLCanvasElement) => ({
    width: parseFloat(canvas.style.width) || canvas.clientWidth || canvas.width / ratio,
    height: parseFloat(canvas.style.height) || canvas.clientHeight || canvas.height / ratio
  });
  const width = Math.max(...blocks.map(({ canvas }) => size(canvas).width)) + 2 * PAD;
  const heights = blocks.map(({ canvas, rows }) => TITLE + size(canvas).height + ROW * rows.length + 2 * PAD);
  const total = heights.reduce((sum, height) => sum + height, 0);
  const tallest = Math.max(...heights);
  const columns = Math.max(1, Math.min(Math.floor(MOST / width), Math.ceil(total / 3000)));
  const places: { x: number; y: number }[] = [];
  const goal = Math.max(tallest, Math.ceil(total / columns));
  let [x, y, bottom] = [0, 0, 0];
  for (const height of heights) {
    if (y > 0 && y + height > goal + tallest / 2) {
      x += width;
      y = 0;
    }
    places.push({ x, y });
    y += height;
    bottom = Math.max(bottom, y);
  }
  ratio = Math.min(ratio, MOST / bottom, MOST / (x + width));
  const picture = document.createElement('canvas');
  picture.width = Math.ceil((x + width) * ratio);
  picture.height = Math.ceil(bottom * ratio);
  const ctx = picture.getContext('2d');
  if (!ctx) {
    return null;
  }
  ctx.scale(ratio, ratio);
  ctx.fillStyle = colors.background;
  ctx.fillRect(0, 0, x + width, bottom);
  ctx.textBaseline = 'middle';
  let began = performance.now();
  for (const [at, { chart, canvas, rows }] of blocks.entries()) {
    if (performance.now() - began > 12) {
      await pause();
      began = performance.now();
    }
    const left = places[at].x + PAD;
    let top = places[at].y + PAD;
    ctx.fillStyle = colors.ink;
    ctx.font = `600 ${colors.size}px ${colors.font}`;
    ctx.fillText(chart.title, left, top + TITLE / 2 - 4, width - 2 * PAD);
    top += TITLE;
    const { width: w, height: h } = size(canvas);
    ctx.drawImage(canvas, left, top, w, h);
    top += h;
    ctx.font = `${colors.size - 1}px ${colors.font}`;
    for (const { look, text } of rows) {
      const middle = top + ROW / 2;
      if (look) {
        ctx.strokeStyle = look.color;
        ctx.lineWidth = look.width;
        ctx.globalAlpha = look.alpha;
        ctx.setLineDash(look.dash);
        ctx.beginPath();
        ctx.moveTo(left, middle);
        ctx.lineTo(left + 26, middle);
        ctx.stroke();
        ctx.setLineDash([]);
        ctx.globalAlpha = 1;
      }
      ctx.fillStyle = look ? colors.ink : colors.faint;
      ctx.fillText(text, left + (look ? 34 : 0), middle, width - 2 * PAD - (look ? 34 : 0));
      top += ROW;
    }
  }
  return new Promise(resolve => picture.toBlob(resolve, 'image/png'));
}
