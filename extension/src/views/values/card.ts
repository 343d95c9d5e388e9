import { JSONObject } from '@lumino/coreutils';
import { Message } from '@lumino/messaging';
import { Signal } from '@lumino/signaling';
import { PanelLayout, Widget } from '@lumino/widgets';
import { Model, IPictureData } from '../../model';
import { IPictureRequest, STATISTICS } from '../../protocol';
import { IViewOptions } from '../view';
import { answers } from './answers';
import { Controls } from './controls';
import { button, make, write } from './dom';
import { HistogramHistory, IHistogram } from './histories';
import { HistogramTimeView, HistogramView } from './histogramview';
import { countOf, fileName, formatNumber, formatShape, formatShare } from './numbers';
import { Picture } from './picture';
import { rangeOf } from './scale';
import { ILook, paletteOf, readLook, wayOf } from './settings';
import { requestFor } from './shapes';
import { Single } from './single';
import { columnLabels } from './tablemodel';
import { pictureText } from './texts';

const BINS = 64;
/** How many cards were made. */
let count = 0;
/** Dragging a slider asks at most so often. */
const ASK_MS = 80;

/** An opened tensor: its picture, histograms and statistics, asked for while it is seen. */
export class TensorCard extends Widget {
  constructor(options: IViewOptions, session: string, tensor: string, close: () => void) {
    super();
    this.addClass('jp-glnb-values-card');
    const { model, theme, trans } = options;
    this._options = options;
    this._session = session;
    this.tensor = tensor;
    this._key = `values:${session}:${tensor}`;
    this._stateName = `values.look.${tensor}`;
    this._look = readLook(options.state.get<JSONObject>(this._stateName, {}));

    const head = make('div', 'jp-glnb-values-head');
    this._name = make('span', 'jp-glnb-values-name', tensor);
    this._name.title = tensor;
    this._facts = make('span', 'jp-glnb-values-facts');
    const shut = button('×', close, trans.__('Close %1', tensor));
    shut.classList.add('jp-glnb-values-close');
    head.append(this._name, this._facts, shut);

    this._controls = new Controls(trans, {
      choose: change => this._choose(change),
      zoom: factor => this._picture.zoom(factor),
      shrink: () => this._picture.shrink(),
      savePng: () => this._savePng(),
      saveCsv: () => this._saveCsv()
    });
    this._message = make('div', 'jp-glnb-values-message');
    this._message.setAttribute('role', 'status');
    this._readout = make('div', 'jp-glnb-values-readout');
    this._aloud = make('div', 'jp-glnb-values-hidden');
    this._aloud.setAttribute('aria-live', 'polite');
    this._statistics = make('div', 'jp-glnb-values-statistics');
    this._statistics.title = trans.__('Rounded to four digits');
    this._step = make('div', 'jp-glnb-values-step');
    this._summary = make('div', 'jp-glnb-values-hidden');
    this._summary.id = `jp-glnb-values-summary-${++count}`;

    this._picture = new Picture(theme, trans);
    this._picture.describedBy(this._summary.id);
    this._single = new Single(
      model,
      `${this._key}:number`,
      () => (this.isVisible ? this._request() : null),
      () => this._picture.hidden
    );
    this._histogram = new HistogramView(theme, trans, (text, keyboard) => this._say(text, keyboard));
    this._overTime = new HistogramTimeView(theme, trans);
    this._histogram.addClass('jp-glnb-values-histogram');
    this._overTime.addClass('jp-glnb-values-histogram');
    const histograms = new Widget();
    this._histograms = histograms;
    histograms.hide();
    histograms.addClass('jp-glnb-values-histograms');
    const row = new PanelLayout();
    histograms.layout = row;
    row.addWidget(this._histogram);
    row.addWidget(this._overTime);

    const layout = new PanelLayout();
    this.layout = layout;
    for (const part of [head, this._controls.node, this._message]) {
      layout.addWidget(new Widget({ node: part }));
    }
    layout.addWidget(this._picture);
    layout.addWidget(new Widget({ node: this._readout }));
    layout.addWidget(histograms);
    for (const part of [this._statistics, this._step, this._summary, this._aloud]) {
      layout.addWidget(new Widget({ node: part }));
    }

    this._picture.wanted.connect((_, part) =>
      this._choose(part ? { rows: part.rows, columns: part.columns } : { rows: null, columns: null })
    );
    this._picture.pointed.connect((_, keyboard) => {
      this._say(this._picture.readout, keyboard);
      this._single.ask();
    });
    this._picture.enlarged.connect(() => this._updateControls());
    model.pictureChanged.connect(this._onPicture, this);
    model.runChanged.connect(this._writeStep, this);
    this._updateControls();
    this._writeMessage();
  }

  readonly tensor: string;

  dispose(): void {
    if (this.isDisposed) {
      return;
    }
    this._stop();
    Signal.disconnectReceiver(this);
    super.dispose();
  }

  /** What the table knows of the tensor, before any picture came. */
  setShape(shape: readonly number[], dtype: string): void {
    const known = this._shape;
    this._dtype = dtype;
    if (known && known.length === shape.length && known.every((n, i) => n === shape[i])) {
      return;
    }
    this._shape = [...shape];
    this._writeFacts();
    this._updateControls();
    this._writeMessage();
    this._ask();
  }

  /** Why there are no numbers, as far as the table knows; empty where there is nothing against them. */
  setProblem(problem: string): void {
    if (problem !== this._problem) {
      this._problem = problem;
      this._writeMessage();
    }
  }

  protected onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this._ask();
  }

  protected onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this._ask();
  }

  protected onAfterHide(message: Message): void {
    this._stop();
    super.onAfterHide(message);
  }

  protected onBeforeDetach(message: Message): void {
    this._stop();
    super.onBeforeDetach(message);
  }

  private get _model(): Model {
    return this._options.model;
  }

  private _choose(change: Partial<ILook>): void {
    this._look = { ...this._look, ...change };
    this._options.state.set(this._stateName, this._look as unknown as JSONObject);
    this._updateControls();
    this._ask();
    this._draw();
  }

  private _request(): IPictureRequest | null {
    const shape = this._shape;
    const way = shape ? wayOf(shape, this._look) : null;
    if (!shape || !way) {
      return null;
    }
    const color = paletteOf(shape, way, this._look.palette) === 'color';
    const asked = requestFor(shape, way, { ...this._look, color });
    return { key: this._key, session: this._session, tensor: this.tensor, bins: BINS, ...asked };
  }

  /** Asks for what is to be seen, unless it is asked for already; not more often than a slider can be followed. */
  private _ask(): void {
    if (this._timer || !this.isVisible) {
      return;
    }
    const wait = Math.max(0, this._lastAsk + ASK_MS - Date.now());
    const ask = () => {
      this._timer = 0;
      const request = this.isVisible ? this._request() : null;
      const text = JSON.stringify(request);
      if (request && text !== this._asked) {
        this._asked = text;
        this._lastAsk = Date.now();
        this._model.showPicture(request);
      }
    };
    if (wait === 0) {
      ask();
    } else {
      this._timer = window.setTimeout(ask, wait);
    }
  }

  private _stop(): void {
    window.clearTimeout(this._timer);
    this._single.stop();
    cancelAnimationFrame(this._frame);
    this._timer = 0;
    this._frame = 0;
    if (this._asked) {
      this._asked = '';
      this._model.hidePicture(this._key);
    }
  }

  /** Takes the histograms of ticks before this card was there. */
  takePast(histograms: readonly IHistogram[]): void {
    this._histories.precede(histograms);
    this._later();
  }

  private _onPicture(_: Model, key: string): void {
    if (key === this._single.key) {
      this._picture.setNumber(this._model.pictures.get(key) ?? null);
      this._say(this._picture.readout, this._speaks);
      return;
    }
    const data = key === this._key ? this._model.pictures.get(key) : undefined;
    if (!data) {
      return;
    }
    const { picture, histogram, range } = data;
    this._latest = data;
    if (!picture.problem) {
      this.setShape(picture.shape, picture.dtype);
    }
    if (histogram && range && !picture.problem) {
      this._histories.add({ step: picture.step, low: range[0], high: range[1], counts: histogram });
    }
    this._later();
  }

  private _later(): void {
    if (!this._frame && this.isVisible && this._latest) {
      this._frame = requestAnimationFrame(() => {
        this._frame = 0;
        this._draw();
      });
    }
  }

  /** Draws the latest answer where it is to what is asked; else what is there stays until the right one comes. */
  private _draw(): void {
    const data = (this._drawn = this._latest);
    const shape = this._shape;
    const way = shape ? wayOf(shape, this._look) : null;
    const request = this._request();
    this._writeMessage();
    const empty = shape !== null && countOf(shape) === 0;
    this._picture.setHidden(empty);
    this._statistics.hidden = empty;
    if (!data || !shape || !way || !request || data.picture.problem || empty) {
      this._histograms.setHidden(empty || this._histograms.isHidden);
      return;
    }
    if (answers(data, request)) {
      const least = (data.range ?? rangeOf(data.values ?? []))?.[0] ?? 0;
      const palette = paletteOf(shape, way, this._look.palette, least < 0);
      this._picture.set({ data, way, look: this._look, palette });
    }
    const list = this._histories.list;
    // Of one number there is nothing to count.
    this._histograms.setHidden(list.length === 0 || way.kind === 'number');
    this._histogram.set(data.histogram && list.length ? list[list.length - 1] : null);
    this._overTime.set(this._histories);
    write(this._readout, this._picture.readout || ' ');
    this._writeFacts();
    this._writeStatistics(data);
    this._writeStep();
    this._single.ask();
  }

  private _updateControls(): void {
    const way = this._shape ? wayOf(this._shape, this._look) : null;
    const palette = this._shape && way ? paletteOf(this._shape, way, this._look.palette) : 'signed';
    this._controls.update(this._shape, this._look, palette, this._picture.isLarge);
  }

  private _writeFacts(): void {
    const { trans } = this._options;
    const shape = formatShape(this._shape ?? [], trans.__('scalar'));
    const block = this._latest?.picture.block ?? [];
    const [high, wide] = [block.length > 1 ? block[0] : 1, block[block.length - 1] ?? 1];
    const type = this._dtype.replace(/_ref$/, '');
    const facts = this._shape ? trans.__('%1 %2', type, shape) : '';
    write(this._facts, high * wide > 1 ? trans.__('%1, sent as means of %2×%3 numbers', facts, high, wide) : facts);
  }

  private _writeMessage(): void {
    const { trans } = this._options;
    const problem = this._problem || this._latest?.picture.problem;
    let text = '';
    if (problem) {
      text = problem;
    } else if (this._shape && countOf(this._shape) === 0) {
      text = trans.__('This tensor is empty: it has no numbers.');
    } else if (!this._latest) {
      text = trans.__('Waiting for the numbers…');
    }
    write(this._message, text);
    this._message.classList.toggle('jp-glnb-values-problem', Boolean(problem));
  }

  private _writeStatistics(data: IPictureData): void {
    const { trans } = this._options;
    const { statistics } = data;
    if (!statistics || statistics.length < STATISTICS.length) {
      return;
    }
    const { dtype, shape } = data.picture;
    write(this._summary, pictureText(trans, this.tensor, dtype.replace(/_ref$/, ''), shape, statistics));
    const labels = columnLabels(trans);
    const size = countOf(shape);
    const parts = STATISTICS.map((name, i) => {
      const x = statistics[i];
      const share = name === 'zeros' || name === 'negative';
      const part = make('span', '', `${labels[name]} `);
      const bad = (name === 'nan' || name === 'inf') && x > 0;
      part.append(make('b', bad ? 'jp-glnb-values-bad' : '', share ? formatShare(x, size) : formatNumber(x)));
      return part;
    });
    const odd = statistics[STATISTICS.indexOf('nan')] + statistics[STATISTICS.indexOf('inf')];
    if (odd > 0 && odd < size) {
      parts.push(
        make('span', '', trans.__('Mean to norm are of the %1 finite numbers', (size - odd).toLocaleString()))
      );
    }
    const text = parts.map(part => part.textContent).join('');
    if (text !== this._statistics.textContent) {
      this._statistics.replaceChildren(...parts);
    }
  }

  private _writeStep(): void {
    const { trans } = this._options;
    const data = this._drawn;
    if (!data || data.picture.problem) {
      write(this._step, '');
      return;
    }
    const { steps, state } = this._model.run;
    const { step } = data.picture;
    const old = steps > step && state !== 'running';
    const text = old
      ? trans.__('Numbers of step %1; the training is at step %2.', step.toLocaleString(), steps.toLocaleString())
      : trans.__('Step %1', step.toLocaleString());
    write(this._step, text);
    this._step.classList.toggle('jp-glnb-values-old', old);
  }

  /** Writes what the cursor points at; moves of the keyboard are read aloud, those of the mouse are not. */
  private _say(text: string, keyboard: boolean): void {
    write(this._readout, text || ' ');
    // A number that is yet to come is read once it is there.
    this._speaks = keyboard && this._picture.waits;
    if (keyboard && !this._speaks) {
      write(this._aloud, text);
    }
  }

  private _savePng(): void {
    const step = this._latest?.picture.step ?? 0;
    const title = this._options.trans.__('%1, step %2', this.tensor, step.toLocaleString());
    this._picture.image(title)?.toBlob(blob => {
      if (blob) {
        this._options.host.save(fileName(this.tensor, step, 'png'), blob);
      }
    }, 'image/png');
  }

  private _saveCsv(): void {
    const csv = this._picture.csv();
    if (csv) {
      const blob = new Blob([csv], { type: 'text/csv;charset=utf-8' });
      this._options.host.save(fileName(this.tensor, this._latest?.picture.step ?? 0, 'csv'), blob);
    }
  }

  private _options: IViewOptions;
  private _session: string;
  private _key: string;
  private _stateName: string;
  private _look: ILook;
  private _shape: number[] | null = null;
  private _dtype = '';
  private _problem = '';
  private _latest: IPictureData | null = null;
  /** What the numbers that are seen are of: the latest, but for a frame. */
  private _drawn: IPictureData | null = null;
  private _histories = new HistogramHistory();
  private _asked = '';
  private _lastAsk = 0;
  private _timer = 0;
  private _frame = 0;
  private _single: Single;
  /** The keyboard is at a number that has not come yet. */
  private _speaks = false;
  private _name: HTMLElement;
  private _facts: HTMLElement;
  private _controls: Controls;
  private _message: HTMLElement;
  private _readout: HTMLElement;
  private _aloud: HTMLElement;
  private _statistics: HTMLElement;
  private _step: HTMLElement;
  /** The picture in words. */
  private _summary: HTMLElement;
  private _picture: Picture;
  private _histograms: Widget;
  private _histogram: HistogramView;
  private _overTime: HistogramTimeView;
}
