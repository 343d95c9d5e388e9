import { TranslationBundle } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { IPictureData, Model } from '../../model';
import { IPictureRequest, STATISTICS } from '../../protocol';
import { Theme } from '../../theme';
import { exactText } from '../values/numbers';
import { make } from './dom';
import { short } from './facts';
import { heat, span } from './heat';

const KEY = 'card';
/** So many numbers make a picture of a card's size. */
const CELLS = 4096;
/** What is asked for along a dimension of which nothing is known; the answer tells. */
const MANY = 1 << 20;

/** So many tensors' last values are remembered. */
const REMEMBERED = 32;

/** Bins of the histogram that is asked for only because the range and the mean of the whole tensor come with it. */
const BINS = 16;

/** Operations whose values of four dimensions are a batch of images, however small these are. */
const IMAGES =
  /^(AvgPool|BiasAdd|Conv2D|Conv2DBackpropInput|DepthwiseConv2dNative|Elu|LRN|MaxPool|Placeholder|Relu|Relu6|Softplus)$/;
/** Filters have no larger sides. */
const FILTER = 11;

/** The two dimensions that are seen: of a batch of images height and width, else the last ones. */
function axesOf(known: readonly number[], type: string): number[] {
  const rank = known.length;
  const filters = known.slice(0, 2).every(n => n >= 0 && n <= FILTER);
  if (rank === 4 && (!filters || IMAGES.test(type))) {
    return [1, 2];
  }
  return rank >= 2 ? [rank - 2, rank - 1] : rank === 1 ? [0] : [];
}

/**
 * The request for a tensor's picture: its last two dimensions at the beginning of all others, of images the first one's first
 * channel. `type` is the operation's.
 */
export function requestOf(
  session: string,
  tensor: string,
  shape: readonly number[] | null,
  type = ''
): IPictureRequest {
  const known = shape ?? [-1, -1];
  const rank = known.length;
  const size = (at: number) => (known[at] >= 0 ? known[at] : MANY);
  const axes = axesOf(known, type);
  return {
    key: KEY,
    session,
    tensor,
    axes,
    index: new Array<number>(Math.max(0, rank - 2)).fill(0),
    rows: [0, rank >= 2 ? size(axes[0]) : 1],
    columns: [0, rank >= 1 ? size(axes[axes.length - 1]) : 1],
    cells: CELLS,
    bins: BINS
  };
}

/** A tensor's value as it is now: a number, or a small picture of it. */
export class LiveValue {
  constructor(
    private _model: Model,
    private _theme: Theme,
    private _trans: TranslationBundle
  ) {
    this._canvas = make('canvas', { class: 'jp-glnb-graph-heat', attributes: { role: 'img' } });
    this._text = make('div', { class: 'jp-glnb-graph-value-text' });
    this._why = make('div', { class: 'jp-glnb-graph-faint' });
    this.node = make('div', { class: 'jp-glnb-graph-value' }, this._canvas, this._text, this._why);
    this._canvas.hidden = this._why.hidden = true;
    _model.listChanged.connect(this._onList, this);
    _model.pictureChanged.connect(this._onPicture, this);
    _theme.changed.connect(this._schedule, this);
  }

  readonly node: HTMLElement;

  /**
   * Shows a tensor of a graph until another is shown; without a request the last that is known of it, with a word on why there
   * is none.
   */
  show(request: IPictureRequest | null, why = '', graph = '', tensor = request?.tensor ?? ''): void {
    const key = JSON.stringify([request, graph, tensor]);
    if (key !== this._key) {
      this._key = key;
      this._graph = graph;
      this._canvas.hidden = this._why.hidden = true;
      // Hidden and shown again at once, as by a change of theme, nothing new is asked for and nothing answered.
      this._data = this._answer?.key === key ? this._answer.data : null;
      if (this._shown) {
        this._model.hidePicture(KEY);
      }
      this._shown = request !== null;
      this._text.textContent = request ? this._trans.__('Waiting for its value …') : '';
      if (request) {
        this._model.showPicture(request);
      }
      this._schedule();
    }
    if (!request) {
      this._withoutNew(why, this._last.get(nameOf(graph, tensor)));
    }
  }

  dispose(): void {
    this.show(null);
    cancelAnimationFrame(this._frame);
    Signal.clearData(this);
  }

  private _onPicture(sender: Model, key: string): void {
    if (key === KEY && this._shown) {
      this._data = this._model.pictures.get(KEY) ?? null;
      this._answer = this._data && { key: this._key, data: this._data };
      if (this._data?.values && !this._data.picture.problem) {
        this._remember(nameOf(this._graph, this._data.picture.tensor), this._data);
      }
      this._schedule();
    }
  }

  private _remember(name: string, data: IPictureData): void {
    this._last.delete(name); // it becomes the newest
    this._last.set(name, data);
    if (this._last.size > REMEMBERED) {
      this._last.delete(this._last.keys().next().value!);
    }
  }

  /** Forgets what a kernel knew that is gone. */
  private _onList(): void {
    if (!this._model.graphs.has(this._graph)) {
      this._answer = null;
    }
    for (const name of [...this._last.keys()]) {
      const [graph] = JSON.parse(name) as [string, string];
      if (!this._model.graphs.has(graph)) {
        this._last.delete(name);
      }
    }
  }

  private _schedule(): void {
    if (this._data && this._frame === 0) {
      this._frame = requestAnimationFrame(() => {
        this._frame = 0;
        if (this._data) {
          this._draw(this._data);
        }
      });
    }
  }

  private _draw(data: IPictureData): void {
    const { picture } = data;
    if (picture.problem) {
      const last = this._last.get(nameOf(this._graph, picture.tensor));
      this._withoutNew(picture.problem, last?.picture.session === picture.session ? last : undefined);
    } else {
      this._why.hidden = true;
      this._drawValues(data);
    }
  }

  /** Shows the last value that is known, and beneath it why there is no newer one; only the latter where none is known. */
  private _withoutNew(why: string, last: IPictureData | undefined): void {
    this._why.hidden = last === undefined || why === '';
    if (last && why !== '') {
      this._drawValues(last);
      this._why.textContent = this._trans.__('The last known value; there is no newer one: %1', why);
    } else {
      this._canvas.hidden = true;
      this._text.textContent = why;
    }
  }

  private _drawValues({ picture, values, exact, range, statistics }: IPictureData): void {
    const trans = this._trans;
    if (!values || values.length === 0) {
      this._canvas.hidden = true;
      this._text.textContent = trans.__('It has no elements.');
      return;
    }
    if (values.length === 1 && picture.shape.every(n => n === 1)) {
      this._canvas.hidden = true;
      const number = exactText({ values, exact, dtype: picture.values?.dtype ?? '' }, 0);
      this._text.textContent = trans.__('%1 at step %2', number, picture.step.toLocaleString());
      return;
    }
    const [low, high] = range && range.length >= 2 ? [range[0], range[1]] : span(values);
    const [rows, columns] = matrixOf(picture.values?.shape ?? [], values.length);
    const context = this._canvas.getContext('2d');
    if (context && typeof ImageData === 'function') {
      this._canvas.width = columns;
      this._canvas.height = rows;
      context.putImageData(new ImageData(heat(values, low, high, this._theme.colors), columns, rows), 0, 0);
      // Whole pixels for each number where there are few, and never a picture that fills the card.
      const side = Math.max(1, Math.min(12, Math.floor(240 / columns), Math.floor(120 / rows)));
      this._canvas.style.width = `${columns * side}px`;
      this._canvas.style.height = `${Math.max(8, rows * side)}px`;
      this._canvas.hidden = false;
    }
    const of = (name: 'mean' | 'min' | 'max') => statistics?.[STATISTICS.indexOf(name)];
    const mean = statistics && statistics.length > 0 ? trans.__('mean %1, ', short(of('mean')!)) : '';
    const part = sliceText(picture.shape.length, picture.axes);
    const text =
      (part ? trans.__('%1 is shown; in all: ', part) : '') +
      mean +
      trans.__(
        'from %1 to %2 at step %3',
        short(of('min') ?? low),
        short(of('max') ?? high),
        picture.step.toLocaleString()
      );
    this._text.textContent = text;
    this._canvas.setAttribute('aria-label', trans.__('Value of %1: %2', picture.tensor, text));
  }

  private _canvas: HTMLCanvasElement;
  private _text: HTMLElement;
  private _why: HTMLElement;
  private _key = '';
  private _graph = '';
  /** What was answered last, a value or a problem, to the request of a key. */
  private _answer: { key: string; data: IPictureData } | null = null;
  /** The last values, by `nameOf`, the newest last. */
  private _last = new Map<string, IPictureData>();
  private _shown = false;
  private _data: IPictureData | null = null;
  private _frame = 0;
}

/** A tensor of a graph, as a key. */
function nameOf(graph: string, tensor: string): string {
  return JSON.stringify([graph, tensor]);
}

/** Which part of a tensor of more than two dimensions is seen, as NumPy writes it: "[0, :, :, 0]". */
export function sliceText(rank: number, axes: readonly number[]): string {
  return rank > 2 ? `[${Array.from({ length: rank }, (_, at) => (axes.includes(at) ? ':' : '0')).join(', ')}]` : '';
}

/** Rows and columns of numbers that were sent. */
export function matrixOf(shape: readonly number[], length: number): [rows: number, columns: number] {
  const columns = shape.length > 0 ? shape[shape.length - 1] : length;
  return columns > 0 && length % columns === 0 ? [length / columns, columns] : [1, length];
}
