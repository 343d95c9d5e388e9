import { ISignal, Signal } from '@lumino/signaling';

/** Colours that canvases draw with, read from Jupyter's variables. All are CSS colours. */
export interface IColors {
  background: string;
  raised: string;
  ink: string;
  faint: string;
  line: string;
  /** Lines behind what is drawn, which must not be taken for it: faint where `line` stands out as in high contrast. */
  grid: string;
  strongLine: string;
  accent: string;
  accentInk: string;
  selected: string;
  focus: string;
  warning: string;
  error: string;
  success: string;
  /** For series, devices and structures: well apart from each other and from the background. */
  palette: readonly string[];
  /** Whether the theme is one of high contrast. */
  strong: boolean;
  /** Whether the background is dark, for colour scales that begin at it. */
  dark: boolean;
  font: string;
  monospace: string;
  /** Pixels of the font that interfaces are set in. */
  size: number;
}

const LIGHT = [
  '#1f6fd0',
  '#c4501b',
  '#188038',
  '#9334c2',
  '#b06000',
  '#00838f',
  '#c2185b',
  '#5f6b7a',
  '#7b5e00',
  '#3949ab'
];
const DARK = [
  '#6cb2ff',
  '#ff9d6c',
  '#6bd48b',
  '#d49bff',
  '#ffc45c',
  '#5fd7e0',
  '#ff8ab5',
  '#b4bfcc',
  '#d9c46b',
  '#9fa8ff'
];

/** Reads colours anew when Jupyter's theme changes: a canvas inherits none. */
export class Theme {
  constructor(host: HTMLElement = document.body) {
    this._host = host;
    this._colors = this._read();
  }

  get colors(): IColors {
    return this._colors;
  }

  /** Emitted after the colours changed. */
  get changed(): ISignal<Theme, void> {
    return this._changed;
  }

  refresh(): void {
    this._colors = this._read();
    this._changed.emit();
  }

  private _read(): IColors {
    const style = getComputedStyle(this._host);
    const value = (name: string, otherwise: string) => style.getPropertyValue(name).trim() || otherwise;
    const background = value('--jp-layout-color1', '#ffffff');
    const dark = luminance(background) < 0.5;
    const line = value('--jp-border-color2', dark ? '#3c4148' : '#d0d7de');
    const strong = contrast(line, background) > STRONG;
    return {
      background,
      raised: value('--jp-layout-color2', dark ? '#1f2328' : '#f3f4f6'),
      ink: value('--jp-ui-font-color1', dark ? '#e6e6e6' : '#1f2328'),
      faint: value('--jp-ui-font-color2', dark ? '#a8a8a8' : '#57606a'),
      line,
      grid: strong ? mixed(line, background, 0.2) : line,
      strong,
      strongLine: value('--jp-border-color0', dark ? '#6b7280' : '#8c959f'),
      accent: value('--jp-brand-color1', dark ? '#6cb2ff' : '#1f6fd0'),
      accentInk: value('--jp-ui-inverse-font-color1', dark ? '#111111' : '#ffffff'),
      selected: value('--jp-brand-color3', dark ? '#1d3a5f' : '#cfe3fb'),
      focus: value('--jp-focus-outline-color', value('--jp-brand-color1', dark ? '#6cb2ff' : '#1f6fd0')),
      warning: value('--jp-warn-color1', dark ? '#ffb454' : '#b35900'),
      error: value('--jp-error-color1', dark ? '#ff7b72' : '#c62828'),
      success: value('--jp-success-color1', dark ? '#6bd48b' : '#188038'),
      palette: dark ? DARK : LIGHT,
      dark,
      font: value('--jp-ui-font-family', 'system-ui, sans-serif'),
      monospace: value('--jp-code-font-family', 'monospace'),
      size: parseFloat(value('--jp-ui-font-size1', '13px')) || 13
    };
  }

  private _host: HTMLElement;
  private _colors: IColors;
  private _changed = new Signal<this, void>(this);
}

/** Ordinary themes draw lines with less contrast to the background than this. */
const STRONG = 7;

/** The parts red, green and blue of a CSS colour in hexadecimal or rgb() form, from 0 to 255; null of what is not understood. */
function partsOf(color: string): number[] | null {
  const hex = /^#([0-9a-f]{3,8})$/i.exec(color);
  const rgb = /^rgba?\(([^)]*)\)$/i.exec(color);
  if (hex) {
    const digits = hex[1].length < 6 ? hex[1].replace(/./g, '$&$&') : hex[1];
    return [0, 2, 4].map(at => parseInt(digits.slice(at, at + 2), 16));
  }
  if (rgb) {
    const parts = rgb[1].trim().split(/[\s,/]+/);
    return parts.slice(0, 3).map(part => parseFloat(part));
  }
  return color === 'black' ? [0, 0, 0] : color === 'white' ? [255, 255, 255] : null;
}

/** Relative luminance of a CSS colour in hexadecimal or rgb() form, from 0 to 1; 1 of what is not understood. */
export function luminance(color: string): number {
  const parts = partsOf(color);
  if (!parts) {
    return 1;
  }
  const [r, g, b] = parts.map(part => {
    const c = part / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** How far two colours stand out from each other: from 1, where they are as light, to 21 between black and white. */
export function contrast(one: string, other: string): number {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

/** A colour of which a share, from 0 to 1, lies upon another. */
export function mixed(color: string, below: string, share: number): string {
  const [above, under] = [partsOf(color), partsOf(below)];
  return above && under
    ? `rgb(${above.map((part, i) => Math.round(part * share + under[i] * (1 - share))).join(', ')})`
    : color;
}
