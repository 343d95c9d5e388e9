import { TranslationBundle } from '@jupyterlab/translation';
import { CellRenderer, GraphicsContext, TextRenderer } from '@lumino/datagrid';
import { Theme } from '../../theme';
import { History } from './histories';
import { fitNumber, formatNumber, formatShare } from './numbers';
import { health, IRow, statisticOf } from './rows';
import { css, colorOf, groundOf, NAN_COLOR, scaleOf } from './scale';
import { rowProblem } from './tablemodel';

function isRow(value: unknown): value is IRow {
  return typeof value === 'object' && value !== null && 'initialized' in value;
}

/**
 * A bar of the negative, zero and positive parts of a tensor. NaN and infinities are a hatched block of their own that is never
 * too small to be seen, with the words "NaN" or "Inf" beside it.
 */
export class HealthRenderer extends CellRenderer {
  constructor(theme: Theme, trans: TranslationBundle) {
    super();
    this._theme = theme;
    this._trans = trans;
  }

  paint(gc: GraphicsContext, config: CellRenderer.CellConfig): void {
    const row: unknown = config.value;
    if (!isRow(row)) {
      return;
    }
    const { colors } = this._theme;
    const problem = rowProblem(row, this._trans);
    gc.textBaseline = 'middle';
    gc.textAlign = 'left';
    gc.font = `italic ${Math.round(colors.size * 0.9)}px ${colors.font}`;
    if (problem) {
      gc.fillStyle = row.problem ? colors.error : colors.faint;
      gc.fillText(fit(gc, problem, config.width - 12), config.x + 6, config.y + config.height / 2 + 1);
      return;
    }
    const parts = health(row);
    let [x, width] = [config.x + 6, config.width - 12];
    const height = Math.min(10, config.height - 8);
    const y = config.y + Math.round((config.height - height) / 2);
    if (parts.odd > 0) {
      const kinds = (['nan', 'inf'] as const).filter(name => statisticOf(row, name) > 0);
      const share = kinds.length === 1 ? ` ${formatShare(parts.odd * row.count, row.count)}` : '';
      const text = kinds.map(name => (name === 'nan' ? 'NaN' : 'Inf')).join('+') + share;
      gc.font = `bold ${Math.round(colors.size * 0.85)}px ${colors.font}`;
      gc.fillStyle = colors.error;
      const room = Math.min(gc.measureText(text).width + 6, width * 0.7);
      gc.fillText(fit(gc, text, room), x + width - room + 4, config.y + config.height / 2 + 1);
      width -= room;
    }
    const scale = scaleOf(null, false, 'signed', groundOf(colors));
    const odd = parts.odd > 0 ? Math.max(6, Math.round(parts.odd * width)) : 0;
    const rest = width - odd;
    const sum = parts.negative + parts.zero + parts.positive || 1;
    const draw = (share: number, color: string) => {
      const wide = (share / sum) * rest;
      gc.fillStyle = color;
      gc.fillRect(x, y, wide, height);
      x += wide;
    };
    draw(parts.negative, css(colorOf(-0.65, scale)));
    draw(parts.zero, colors.line);
    draw(parts.positive, css(colorOf(0.65, scale)));
    if (odd) {
      gc.fillStyle = css(NAN_COLOR);
      gc.fillRect(x, y - 2, odd, height + 4);
      gc.beginPath();
      gc.strokeStyle = '#ffffff';
      gc.lineWidth = 1;
      for (let at = 1; at < odd; at += 4) {
        gc.moveTo(x + at, y + height + 2);
        gc.lineTo(Math.min(x + at + 4, x + odd), y - 2);
      }
      gc.stroke();
    }
    gc.strokeStyle = colors.faint;
    gc.lineWidth = 1;
    gc.strokeRect(config.x + 6.5, y + 0.5, width - 1, height - 1);
  }

  private _theme: Theme;
  private _trans: TranslationBundle;
}

/** The last means or norms of a tensor as a small line; a cross where one was not a number. */
export class TrendRenderer extends CellRenderer {
  constructor(theme: Theme, trend: (name: string) => History | undefined) {
    super();
    this._theme = theme;
    this._trend = trend;
  }

  paint(gc: GraphicsContext, config: CellRenderer.CellConfig): void {
    const row: unknown = config.value;
    const trend = isRow(row) ? this._trend(row.name) : undefined;
    if (!trend || trend.length === 0) {
      return;
    }
    const { colors } = this._theme;
    const finite = trend.values.filter(x => Number.isFinite(x));
    const low = Math.min(...finite);
    const high = Math.max(...finite);
    const [left, top] = [config.x + 6, config.y + 5];
    const [width, height] = [config.width - 12, config.height - 10];
    const x = (i: number) => left + (trend.length < 2 ? width : (i / (trend.length - 1)) * width);
    const y = (v: number) => top + (high > low ? ((high - v) / (high - low)) * height : height / 2);
    gc.beginPath();
    let open = false;
    trend.values.forEach((v, i) => {
      if (!Number.isFinite(v)) {
        open = false;
      } else if (open) {
        gc.lineTo(x(i), y(v));
      } else {
        gc.moveTo(x(i), y(v));
        open = true;
      }
    });
    gc.strokeStyle = colors.accent;
    gc.lineWidth = 1.5;
    gc.lineJoin = 'round';
    gc.stroke();
    const last = trend.values[trend.length - 1];
    if (Number.isFinite(last)) {
      gc.fillStyle = colors.accent;
      gc.fillRect(x(trend.length - 1) - 1.5, y(last) - 1.5, 3, 3);
    } else {
      gc.fillStyle = colors.error;
      gc.font = `bold ${Math.round(colors.size * 0.85)}px ${colors.font}`;
      gc.textAlign = 'right';
      gc.textBaseline = 'middle';
      gc.fillText(formatNumber(last), left + width, config.y + config.height / 2 + 1);
    }
  }

  private _theme: Theme;
  private _trend: (name: string) => History | undefined;
}

/** What Lumino leaves free beside a text, in pixels. */
const BESIDE = 14;

/** A number at the right of its cell. */
class NumberRenderer extends TextRenderer {
  drawText(gc: GraphicsContext, config: CellRenderer.CellConfig): void {
    gc.font = CellRenderer.resolveOption(this.font, config);
    const fits = (text: string) => gc.measureText(text).width <= config.width - BESIDE;
    super.drawText(gc, { ...config, value: fitNumber(this.format(config), fits) });
  }
}

/** Text of a cell in the theme's colours; counts of NaN and infinities stand out where there are some. */
export function textRenderer(
  theme: Theme,
  kind: 'name' | 'heading' | 'corner' | 'left' | 'right' | 'odd'
): TextRenderer {
  const { colors } = theme;
  const heading = kind === 'heading' || kind === 'corner';
  const loud = (config: CellRenderer.CellConfig) => kind === 'odd' && /[1-9]/.test(String(config.value));
  const Renderer = kind === 'right' || kind === 'odd' ? NumberRenderer : TextRenderer;
  return new Renderer({
    font: config => `${heading || loud(config) ? 'bold ' : ''}${colors.size}px ${colors.font}`,
    textColor: config => (loud(config) ? colors.error : heading ? colors.faint : colors.ink),
    horizontalAlignment: kind === 'right' || kind === 'odd' || kind === 'heading' ? 'right' : 'left',
    horizontalPadding: 6,
    // The end of a name tells variables apart.
    elideDirection: kind === 'name' ? 'left' : 'right'
  });
}

/** The room that names need; what was measured once counts on, so that nothing jumps as lines are filtered. */
export class NameWidths {
  /** Takes names; whether some are new. */
  add(names: readonly string[]): boolean {
    const fresh = names.filter(name => !this._names.has(name));
    fresh.forEach(name => this._names.add(name));
    this._fresh.push(...fresh);
    return fresh.length > 0;
  }

  /** Pixels that the widest one needs in a font, with what is free beside it. */
  widest(font: string): number {
    if (font !== this._font) {
      this._font = font;
      this._fresh = [...this._names];
      this._widest = 0;
    }
    const context = this._fresh.length > 0 ? document.createElement('canvas').getContext('2d') : null;
    if (context) {
      context.font = font;
      this._fresh.forEach(name => (this._widest = Math.max(this._widest, context.measureText(name).width)));
      this._fresh = [];
    }
    return Math.ceil(this._widest) + BESIDE;
  }

  private _names = new Set<string>();
  private _fresh: string[] = [];
  private _font = '';
  private _widest = 0;
}

function fit(gc: GraphicsContext, text: string, width: number): string {
  if (gc.measureText(text).width <= width) {
    return text;
  }
  let end = text.length;
  while (end > 1 && gc.measureText(`${text.slice(0, end)}…`).width > width) {
    end--;
  }
  return `${text.slice(0, end)}…`;
}
