import { TranslationBundle } from '@jupyterlab/translation';
import { Axis } from './curve';
import { button, check, freshId, make, say } from './dom';
import { formatStep } from './numbers';
import { Settings } from './settings';

/** What the buttons do that is not a setting. */
export interface IToolbarActions {
  setFollow(follow: boolean): void;
  reset(): void;
  saveTable(): void;
  savePicture(): void;
}

/** The controls above the charts. */
export class Toolbar {
  constructor(
    private _settings: Settings,
    private _trans: TranslationBundle,
    actions: IToolbarActions
  ) {
    const trans = _trans;
    this.node.setAttribute('role', 'group');
    this.node.setAttribute('aria-label', trans.__('How curves are drawn'));
    this._follow = button(trans.__('Follow'), trans.__('Follow what is new; off, charts stay at what they show'), () =>
      actions.setFollow(this._follow.getAttribute('aria-pressed') !== 'true')
    );
    const help = trans.__(
      'Show all again: so do a double click and the key 0. To zoom, drag along x, with Shift also along y; turn the ' +
        'wheel with Ctrl or after a click; or press + and -.'
    );
    const reset = button(trans.__('Reset zoom'), help, () => actions.reset());
    this._text = button(trans.__('Describe'), trans.__('Describe each chart in words'), () => {
      _settings.described = !_settings.described;
    });
    const table = button(trans.__('CSV'), trans.__('Save all points of the chosen curves as a table'), () =>
      actions.saveTable()
    );
    table.setAttribute('aria-label', trans.__('Save as CSV'));
    const picture = button(trans.__('PNG'), trans.__('Save the charts as a picture'), () => actions.savePicture());
    picture.setAttribute('aria-label', trans.__('Save as PNG'));
    this._log = check(trans.__('Log'), log => (_settings.log = log));
    this._log.label.title = trans.__('Logarithmic y axis');
    this._log.box.setAttribute('aria-label', trans.__('Logarithmic y axis'));
    this.runs = this._fold();
    this.names = this._fold();
    this.node.append(this._axes(), this._epochs(), this._smoothing(), this._log.label);
    this.node.append(this._group(this._follow, reset), this._group(this.names, this.runs));
    this.node.append(this._group(this._text, table, picture));
  }

  readonly node = make('div', 'toolbar');
  /** Buttons that open the lists of curves and of runs. */
  readonly names: HTMLButtonElement;
  readonly runs: HTMLButtonElement;

  update(follow: boolean): void {
    const settings = this._settings;
    this._axis.value = settings.axis;
    this._epoch.node.hidden = settings.axis !== 'epoch';
    if (document.activeElement !== this._epoch.input) {
      this._epoch.input.value = String(settings.epoch);
    }
    this._slider.value = String(settings.smoothing);
    say(this._shown, settings.smoothing > 0 ? settings.smoothing.toFixed(2) : this._trans.__('off'));
    this._slider.setAttribute('aria-valuetext', this._shown.textContent ?? '');
    this._log.box.checked = settings.log;
    this._follow.setAttribute('aria-pressed', String(follow));
    this._text.setAttribute('aria-pressed', String(settings.described));
  }

  private _group(...children: HTMLElement[]): HTMLElement {
    const group = make('span', 'group');
    group.append(...children);
    return group;
  }

  private _fold(): HTMLButtonElement {
    const fold = button('', '', () => undefined);
    fold.setAttribute('aria-expanded', 'false');
    return fold;
  }

  private _axes(): HTMLElement {
    const trans = this._trans;
    const label = make('label', 'control');
    const texts: [Axis, string][] = [
      ['step', trans.__('Step')],
      ['time', trans.__('Seconds')],
      ['epoch', trans.__('Epoch')]
    ];
    for (const [value, text] of texts) {
      const option = make('option', '', text);
      option.value = value;
      this._axis.append(option);
    }
    this._axis.addEventListener('change', () => (this._settings.axis = this._axis.value as Axis));
    label.append(make('span', '', trans.__('Along x')), this._axis);
    return label;
  }

  private _epochs(): HTMLElement {
    const node = make('span', 'control');
    const label = make('label', 'control');
    const input = make('input', 'number');
    input.type = 'number';
    input.min = '1';
    input.step = '1';
    const bad = make('span', 'bad');
    bad.id = freshId();
    bad.setAttribute('role', 'status');
    input.setAttribute('aria-describedby', bad.id);
    input.addEventListener('input', () => {
      const steps = Number(input.value);
      this._settings.epoch = steps;
      say(bad, steps > 0 ? '' : this._trans.__('must be more than 0: %1 is used', formatStep(this._settings.epoch)));
      input.setAttribute('aria-invalid', String(!(steps > 0)));
    });
    // What is used comes back; the words why stay until another number is typed.
    input.addEventListener('blur', () => {
      input.value = String(this._settings.epoch);
      input.setAttribute('aria-invalid', 'false');
    });
    label.append(make('span', '', this._trans.__('Steps per epoch')), input);
    node.append(label, bad);
    this._epoch = { node, input };
    return node;
  }

  private _smoothing(): HTMLElement {
    const label = make('label', 'control');
    const slider = make('input', 'slider');
    slider.type = 'range';
    slider.min = '0';
    slider.max = '0.99';
    slider.step = '0.01';
    slider.addEventListener('input', () => (this._settings.smoothing = Number(slider.value)));
    const text = make('span', '', this._trans.__('Smoothing'));
    text.id = freshId();
    slider.setAttribute('aria-labelledby', text.id);
    label.title = this._trans.__('Smooths over neighbours on both sides; the line itself stays visible behind');
    this._shown = make('span', 'shown');
    this._slider = slider;
    label.append(text, slider, this._shown);
    return label;
  }

  private _axis = make('select', 'select');
  private _epoch!: { node: HTMLElement; input: HTMLInputElement };
  private _slider!: HTMLInputElement;
  private _shown!: HTMLElement;
  private _log: { label: HTMLLabelElement; box: HTMLInputElement };
  private _follow: HTMLButtonElement;
  private _text: HTMLButtonElement;
}
