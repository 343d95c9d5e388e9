import { TranslationBundle } from '@jupyterlab/translation';
import { IRunInfo } from '../../protocol';
import { button, check, make, say } from './dom';
import { ILook, swatch } from './look';
import { groupsOf, IName, shownNames } from './plan';
import { Settings } from './settings';

/** More rows than this are not listed: the filter finds the others. */
const ROWS = 300;

/** The list of curves: which are shown, and which share a chart; with a filter, folded by prefix. */
export class NameChooser {
  constructor(
    private _settings: Settings,
    private _trans: TranslationBundle
  ) {
    this.node.setAttribute('role', 'group');
    this.node.setAttribute('aria-label', _trans.__('Curves'));
    const filter = make('input', 'filter');
    filter.type = 'search';
    filter.placeholder = _trans.__('Filter curves');
    filter.setAttribute('aria-label', _trans.__('Filter curves'));
    filter.addEventListener('input', () => {
      this._filter = filter.value;
      this._build();
    });
    const found = () => groupsOf(this._names, this._filter).flatMap(group => group.names.map(name => name.name));
    const tools = make('div', 'tools');
    tools.append(
      filter,
      button(_trans.__('Show these'), _trans.__('Show all curves of the list below'), () =>
        this._settings.choose(found(), true)
      ),
      button(_trans.__('Hide these'), _trans.__('Hide all curves of the list below'), () =>
        this._settings.choose(found(), false)
      )
    );
    this._list.tabIndex = -1;
    this.node.append(tools, this._list);
  }

  readonly node = make('div', 'chooser');

  /** Shows the names there are now. */
  update(names: readonly IName[]): void {
    const key = names.map(name => name.name).join('\n');
    this._names = names;
    if (key !== this._key) {
      this._key = key;
      this._build();
    } else {
      this._tick();
    }
  }

  private _build(): void {
    const trans = this._trans;
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.key : undefined;
    this._ticks = [];
    this._list.replaceChildren();
    const head = make('div', 'row');
    head.append(make('span', 'head', trans.__('Curve')), make('span', 'head', trans.__('In one chart')));
    const groups = groupsOf(this._names, this._filter);
    let left = ROWS;
    if (groups.length > 0) {
      this._list.append(head);
    } else {
      this._list.append(make('p', 'note', trans.__('No curve has these words in its name.')));
    }
    for (const { prefix, names } of groups) {
      const open = prefix === '' || this._filter !== '' || this._open.has(prefix);
      if (prefix !== '') {
        this._list.append(this._group(prefix, names, open));
      }
      const rows = open ? names.slice(0, Math.max(0, left)) : [];
      left -= rows.length;
      rows.forEach(name => this._list.append(this._row([name.name], name.name, prefix !== '')));
      if (open && rows.length < names.length) {
        const more = names.length - rows.length;
        this._list.append(make('p', 'note', trans._n('%1 more: type to filter.', '%1 more: type to filter.', more)));
      }
    }
    this._tick();
    if (focused !== undefined) {
      const again = [...this._list.querySelectorAll<HTMLElement>('[data-key]')].find(e => e.dataset.key === focused);
      again?.focus();
    }
  }

  /** A prefix' own row: opens and closes it, and chooses all that is in it. */
  private _group(prefix: string, names: readonly IName[], open: boolean): HTMLElement {
    const trans = this._trans;
    const row = this._row(
      names.map(name => name.name),
      trans._n('%2: all of %1', '%2: all of %1', names.length, prefix),
      false
    );
    const fold = button(open ? '▾' : '▸', '', () => {
      if (open) {
        this._open.delete(prefix);
      } else {
        this._open.add(prefix);
      }
      this._build();
    });
    fold.classList.add('jp-glnb-curves-fold');
    fold.disabled = this._filter !== '';
    fold.dataset.key = `fold ${prefix}`;
    fold.setAttribute('aria-expanded', String(open));
    fold.setAttribute('aria-label', trans.__('List the curves of %1', prefix));
    row.prepend(fold);
    return row;
  }

  private _row(names: string[], text: string, inside: boolean): HTMLElement {
    const row = make('div', 'row');
    if (inside) {
      row.classList.add('jp-mod-inside');
    }
    const show = check(text, shown => this._settings.choose(names, shown));
    show.label.title = text;
    show.box.dataset.key = `show ${text}`;
    const join = make('input');
    join.type = 'checkbox';
    join.dataset.key = `join ${text}`;
    join.setAttribute('aria-label', this._trans.__('Draw %1 in one chart with others', text));
    join.addEventListener('change', () => {
      this._settings.join(names, join.checked);
      if (join.checked) {
        this._settings.choose(names, true);
      }
    });
    row.append(show.label, join);
    this._ticks.push(shown => {
      const count = names.filter(name => shown.has(name)).length;
      show.box.checked = count === names.length;
      show.box.indeterminate = count > 0 && count < names.length;
      const joined = names.filter(name => this._settings.together(name)).length;
      join.checked = joined === names.length;
      join.indeterminate = joined > 0 && joined < names.length;
    });
    return row;
  }

  private _tick(): void {
    const shown = shownNames(this._names, this._settings);
    this._ticks.forEach(tick => tick(shown));
  }

  private _names: readonly IName[] = [];
  private _key = '';
  private _filter = '';
  private _open = new Set<string>();
  private _ticks: ((shown: Set<string>) => void)[] = [];
  private _list = make('div', 'names');
}

/** The list of runs: which are shown, and how their lines look. */
export class RunChooser {
  constructor(
    private _settings: Settings,
    private _trans: TranslationBundle
  ) {
    this.node.setAttribute('role', 'group');
    this.node.setAttribute('aria-label', _trans.__('Runs'));
    this._only = button(_trans.__('Only the last'), _trans.__('Always show only the latest run'), () => {
      if (_settings.onlyLast) {
        _settings.showAllRuns();
      } else {
        _settings.onlyLast = true;
      }
    });
    const tools = make('div', 'tools');
    tools.append(
      this._only,
      button(_trans.__('Show all'), _trans.__('Show all runs'), () => _settings.showAllRuns())
    );
    this._list.tabIndex = -1;
    this.node.append(tools, this._list);
  }

  readonly node = make('div', 'chooser');

  /** Shows the runs there are now, the latest first. */
  update(runs: readonly IRunInfo[], lookOfRun: (at: number) => ILook): void {
    const looks = runs.map((run, at) => lookOfRun(at));
    const key = JSON.stringify([runs, looks]);
    if (key !== this._key) {
      this._key = key;
      const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.run : undefined;
      this._boxes = new Map();
      const rows = runs.map((run, at) => {
        const { label, box } = check('', shown => this._settings.showRun(run, shown, this._runs));
        box.dataset.run = String(run.run);
        const began = run.began > 0 ? new Date(run.began * 1000).toLocaleTimeString() : '';
        const text = began ? this._trans.__('%1, begun at %2', run.label, began) : run.label;
        say(label.lastElementChild as Element, text);
        label.title = text;
        label.insertBefore(swatch(looks[at]), label.lastElementChild);
        const row = make('div', 'row');
        row.append(label);
        this._boxes.set(run.run, box);
        return row;
      });
      this._list.replaceChildren(...rows.reverse());
      const again = focused === undefined ? undefined : this._boxes.get(Number(focused));
      again?.focus();
    }
    this._runs = runs;
    const shown = this._settings.shownRuns(runs);
    this._boxes.forEach((box, run) => (box.checked = shown.has(run)));
    this._only.setAttribute('aria-pressed', String(this._settings.onlyLast));
  }

  private _runs: readonly IRunInfo[] = [];
  private _key = '';
  private _boxes = new Map<number, HTMLInputElement>();
  private _only: HTMLButtonElement;
  private _list = make('div', 'names');
}
