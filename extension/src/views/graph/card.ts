import { TranslationBundle } from '@jupyterlab/translation';
import { Message } from '@lumino/messaging';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import { Model } from '../../model';
import { INode } from '../../graph/types';
import { IGraphNode, INodeDetail } from '../../protocol';
import { Theme } from '../../theme';
import { GraphSession } from '../sessions';
import { IHost } from '../view';
import { shortDevice } from './devices';
import { iconButton, make } from './dom';
import { asideOf, borderOf, bytesText, countTypes, describe, shapeText, timeText } from './facts';
import { addSome, textButton } from './lists';
import { LiveValue, requestOf } from './live';
import { faultOf } from './look';
import { asideWith, backWith } from './settings';
import { Change } from './change';
import { GraphStore } from './store';

/** So many links are shown before "and 30 more". */
const LINKS = 8;

/** All about what is selected: an operation with its live value, or a scope. */
export class NodeCard extends Widget {
  constructor(
    private _store: GraphStore,
    private _model: Model,
    theme: Theme,
    private _trans: TranslationBundle,
    private _host: IHost,
    private _close: () => void,
    /** The session that was chosen by hand, in the view of values; empty where that follows what runs. */
    kept: () => string = () => ''
  ) {
    super();
    this.addClass('jp-glnb-graph-card');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', _trans.__('About what is selected'));
    this.node.tabIndex = -1;
    this._body = make('div', { class: 'jp-glnb-graph-card-body' });
    this._title = make('div', {
      class: 'jp-glnb-graph-card-title',
      attributes: { role: 'heading', 'aria-level': '3' }
    });
    this._sessions = new GraphSession(_model, kept);
    this._live = new LiveValue(_model, theme, _trans);
    this.node.append(
      make(
        'div',
        { class: 'jp-glnb-graph-card-head' },
        this._title,
        iconButton('close', _trans.__('Close'), () => this._close())
      ),
      this._body
    );
    _store.changed.connect(this._onChange, this);
    _model.listChanged.connect(this._onList, this);
    _model.runChanged.connect(this._onRun, this);
  }

  dispose(): void {
    if (!this.isDisposed) {
      Signal.disconnectReceiver(this);
      this._live.dispose();
      super.dispose();
    }
  }

  protected onAfterShow(msg: Message): void {
    this._shown = '';
    this._fill();
  }

  protected onAfterHide(msg: Message): void {
    this._live.show(null);
  }

  protected onBeforeDetach(msg: Message): void {
    this._live.show(null);
  }

  private _onChange(sender: GraphStore, change: Change): void {
    if (this.isVisible && ['selection', 'picture', 'times', 'settings', 'graph'].includes(change)) {
      this._fill();
    }
  }

  private _onList(): void {
    this._showValue();
    if (this.isVisible) {
      this._fill(); // devices are known once something ran
    }
  }

  private _onRun(): void {
    if (this.isVisible && this._sessions.update(this._store.id)) {
      this._onList();
    }
  }

  /** Shows what is selected; what is shown already is left alone, so that nothing jumps while a graph grows. */
  private _fill(): void {
    const { _store: store } = this;
    const op = store.op;
    const at = store.boxIndex(store.selected);
    const box = store.picture?.boxes[at]?.box;
    const own = box && box.id === store.selected ? box : undefined;
    const key = JSON.stringify([
      store.id,
      store.selected,
      op,
      op >= 0 ? [store.nodes[op]?.outputs, store.readers[op], store.scene?.boxOf(op) === null] : own?.ops.length,
      store.graph?.times?.step,
      this._ran(),
      this._sessions.label(store.id),
      store.failed,
      faultOf(store) === op ? store.graph?.info.fault?.number : 0,
      store.settings.aside,
      store.scene?.aside.length,
      store.settings.back
    ]);
    if (key === this._shown) {
      return;
    }
    const same = this._of === store.selected;
    const scroll = same ? this._body.scrollTop : 0;
    this._shown = key;
    this._of = store.selected;
    this._body.replaceChildren();
    if (op >= 0) {
      this._operation(op, same);
    } else if (own) {
      this._scope(own.label, own.id, own.ops);
    } else {
      this._title.textContent = '';
      this._live.show(null);
      this._body.appendChild(make('p', { text: this._trans.__('Select a box of the graph to read about it.') }));
    }
    this._body.scrollTop = scroll;
  }

  private _operation(op: number, same: boolean): void {
    const { _store: store, _trans: trans } = this;
    const node = store.nodes[op] as IGraphNode;
    const failed = op === store.failed ? store.graph?.info.failed : undefined;
    this._title.textContent = node.name;
    this._title.title = node.name;
    const kind = node.role ? trans.__('%1, %2', node.type, this._role(node.role)) : node.type;
    this._body.appendChild(make('p', { class: 'jp-glnb-graph-faint', text: kind }));
    const wrong = failed ?? (op === faultOf(store) ? store.graph?.info.fault : undefined);
    if (wrong) {
      this._body.appendChild(make('p', { class: 'jp-glnb-graph-error', text: wrong.message }));
    }
    if (node.outputs.length > 0) {
      this._body.appendChild(this._live.node);
    }
    this._showValue();
    const facts = make('dl', { class: 'jp-glnb-graph-facts' });
    this._body.appendChild(facts);
    const session = this._sessions.label(store.id);
    if (session && node.outputs.length > 0) {
      fact(facts, trans.__('Value of session'), make('span', { text: session }));
    }
    const outputs: INode['outputs'] = node.outputs;
    outputs.forEach(({ dtype, shape, ran }, k) => {
      const name = node.outputs.length > 1 ? trans.__('Output %1', k) : trans.__('Output');
      const text = shape?.length === 0 ? trans.__('a scalar') : shape ? shapeText(shape) : trans.__('unknown shape');
      fact(facts, name, make('span', { text: `${dtype}, ${text}` }));
      if (ran) {
        fact(facts, trans.__('In runs'), make('span', { text: shapeText(ran) || trans.__('a scalar') }));
      }
    });
    this._measured(facts, op);
    if (node.device) {
      fact(facts, trans.__('Asked to run on'), make('span', { text: node.device }));
    }
    this._place(facts, node);
    const inputs: { op: number; text: string }[] = [];
    for (let k = 0; k < node.inputs.length; k += 2) {
      const [from, output] = [node.inputs[k], node.inputs[k + 1]];
      const given = store.nodes[from]?.outputs[output];
      const name = store.nodes[from]?.name ?? '';
      inputs.push({
        op: from,
        text: `${output > 0 ? `${name}:${output}` : name}  ${shapeText(given?.ran ?? given?.shape ?? null)}`
      });
    }
    const named = (other: number) => ({ op: other, text: store.nodes[other]?.name ?? '' });
    this._links(trans.__('Inputs'), inputs);
    this._links(trans.__('Waits for'), node.control.map(named));
    this._links(trans.__('Read by'), (store.readers[op] ?? []).map(named));
    const box = store.scene?.boxes.get(store.selected);
    this._aside(box?.main === op ? box.ops : [op]);
    this._buttons(node.name, op, !failed);
    if (!failed) {
      void this._detail(node.name, facts, same);
    }
  }

  private _scope(label: string, id: string, ops: readonly number[]): void {
    const { _store: store, _trans: trans } = this;
    this._title.textContent = label;
    this._title.title = id;
    this._live.show(null);
    this._body.appendChild(
      make('p', { class: 'jp-glnb-graph-faint', text: trans.__('%1 operations', ops.length.toLocaleString()) })
    );
    const facts = make('dl', { class: 'jp-glnb-graph-facts' });
    this._body.appendChild(facts);
    const { times } = store.graph ?? {};
    if (times) {
      const inside = new Set(ops);
      const sum = (list: readonly number[]) =>
        times.nodes.reduce((total, op, k) => (inside.has(op) && isFinite(list[k]) ? total + list[k] : total), 0);
      fact(facts, trans.__('Run time'), make('span', { text: timeText(sum(times.micros)) }));
      fact(facts, trans.__('Memory'), make('span', { text: bytesText(sum(times.bytes)) }));
    }
    const types = countTypes(store.nodes, ops);
    const shown = types.slice(0, 12).map(([type, count]) => `${type} ×${count}`);
    if (types.length > shown.length) {
      shown.push(trans.__('%1 more types', types.length - shown.length));
    }
    fact(facts, trans.__('Types'), make('span', { text: shown.join(', ') }));
    const named = (op: number) => ({ op, text: store.nodes[op]?.name ?? '' });
    const border = borderOf(store.nodes, store.readers, ops);
    this._links(trans.__('Inputs'), border.inputs.map(named));
    this._links(trans.__('Read by others'), border.outputs.map(named));
    this._aside(ops);
    this._buttons(id, -1, true);
  }

  private _measured(facts: HTMLElement, op: number): void {
    const times = this._store.graph?.times;
    const k = times ? times.nodes.indexOf(op) : -1;
    if (times && k >= 0) {
      const { _trans: trans } = this;
      fact(facts, trans.__('Run time'), make('span', { text: timeText(times.micros[k]) }));
      fact(facts, trans.__('Memory'), make('span', { text: bytesText(times.bytes[k]) }));
      const shapes = (times.shapes[k] ?? []).map(shape => shapeText(shape) || trans.__('a scalar')).join(', ');
      if (shapes !== '') {
        fact(facts, trans.__('Shapes in step %1', times.step.toLocaleString()), make('span', { text: shapes }));
      }
      if (times.devices[k]) {
        fact(facts, trans.__('Ran on'), device(times.devices[k]));
      }
    }
  }

  private _place(facts: HTMLElement, { file, line, callers = [] }: IGraphNode): void {
    const { _trans: trans } = this;
    const made = this._line(file, line);
    if (made) {
      fact(facts, trans.__('Made in'), made);
    }
    const lines = callers.flatMap((caller, k) => (k % 2 === 0 ? [this._line(caller, callers[k + 1])] : []));
    const called = lines.flatMap(each => (each ? [each] : []));
    if (called.length > 0) {
      fact(facts, trans.__('Called in'), make('span', { class: 'jp-glnb-graph-callers' }, ...called));
    }
  }

  /** A line of the user's program: of a notebook's cell a link; null where it is not known. */
  private _line(at: number, line: number): HTMLElement | null {
    const file = this._store.graph?.files[at];
    if (!file || line <= 0) {
      return null;
    }
    const { _trans: trans } = this;
    const { cell } = file;
    if (cell === null) {
      const name = file.file.split(/[\\/]/).pop() ?? file.file;
      return make('span', { text: trans.__('%1, line %2', name, line), title: file.file });
    }
    // The same code may have been run several times: the execution that made this one.
    const { op } = this._store;
    const made = this._store.graph?.executions?.find(e => e.first <= op && op < e.last && e.cell === cell);
    const count = made?.count ?? file.count;
    const text = count !== null ? trans.__('In [%1], line %2', count, line) : trans.__('Cell, line %1', line);
    const click = () => this._host.reveal({ cell, line });
    return make('button', { class: 'jp-glnb-graph-link', text, attributes: { type: 'button' }, on: { click } });
  }

  private _links(label: string, links: { op: number; text: string }[], most = LINKS): void {
    if (links.length === 0) {
      return;
    }
    const { _trans: trans } = this;
    const list = make('ul', { class: 'jp-glnb-graph-links', attributes: { 'aria-label': label } });
    const entry = (at: number) => {
      const { op, text } = links[at];
      return make(
        'li',
        {},
        make('button', {
          class: 'jp-glnb-graph-link',
          text,
          title: this._store.nodes[op] ? describe(this._store.nodes, this._store.readers, op, trans) : '',
          attributes: { type: 'button' },
          on: { click: () => this._store.reveal(op) }
        })
      );
    };
    addSome(list, links.length, trans, entry, { most });
    this._body.append(make('div', { class: 'jp-glnb-graph-card-label', text: label }), list);
  }

  /** What is not drawn beside what is selected, though it belongs to it. */
  private _aside(ops: readonly number[]): void {
    const { _store: store, _trans: trans } = this;
    const aside = asideOf(store.nodes, store.readers, store.scene?.aside ?? [], ops);
    this._links(
      trans.__('Set aside'),
      aside.map(op => ({ op, text: trans.__('%1  %2', store.nodes[op]?.name ?? '', store.nodes[op]?.type ?? '') }))
    );
  }

  private _buttons(name: string, op: number, movable: boolean): void {
    const { _store: store, _trans: trans } = this;
    const row = make('div', { class: 'jp-glnb-graph-card-buttons' });
    if (op >= 0) {
      row.appendChild(textButton(trans.__('Only what this needs'), () => store.setOnly(op)));
    }
    if (!movable) {
      this._body.appendChild(row);
      return;
    }
    const aside = store.settings.aside.includes(name) || (op >= 0 && !!store.scene?.aside.includes(op));
    row.appendChild(
      aside
        ? textButton(trans.__('Bring back'), () => store.set(backWith(store.settings, [name])))
        : textButton(trans.__('Set aside'), () => store.set(asideWith(store.settings, name)))
    );
    this._body.appendChild(row);
  }

  /** Asks the kernel for what the graph itself does not tell. */
  private async _detail(name: string, facts: HTMLElement, same: boolean): Promise<void> {
    const { id } = this._store;
    const known = this._known;
    const fresh = known?.placed || !this._ran();
    let detail = same && fresh && known?.graph === id && known.name === name ? known : null;
    if (!detail) {
      try {
        detail = (await this._model.send({ op: 'node', graph: id, name })).reply.node ?? null;
      } catch {
        return; // the card tells what it knows
      }
    }
    this._known = detail;
    if (!detail || !facts.isConnected) {
      return;
    }
    fact(
      facts,
      this._trans.__('Device'),
      detail.placed ? device(detail.placed) : make('span', { text: this._notPlaced() })
    );
    for (const { name: attribute, value } of detail.attributes) {
      fact(facts, attribute, make('span', { class: 'jp-glnb-graph-code', text: value }));
    }
    if (detail.description) {
      facts.after(make('p', { class: 'jp-glnb-graph-faint', text: detail.description }));
    }
  }

  /** Whether a session of the graph, which is open, ran anything. */
  private _ran(): boolean {
    return this._model.sessions.some(({ graph, runs }) => graph === this._store.id && runs > 0);
  }

  private _notPlaced(): string {
    const { _trans: trans } = this;
    return this._ran()
      ? trans.__('none: no run of an open session has computed it on a device')
      : trans.__('none yet: it gets one when a session first runs it');
  }

  private _showValue(): void {
    const { _store: store, _trans: trans } = this;
    const op = store.op;
    const node = store.nodes[op];
    if (!this.isVisible || !node || node.outputs.length === 0 || op === store.failed) {
      this._live.show(null);
      return;
    }
    this._sessions.update(store.id);
    const session = this._sessions.shown;
    if (!session) {
      const why = trans.__('No session of this graph is open. Its value is shown once one is.');
      this._live.show(null, why, store.id, `${node.name}:0`);
      return;
    }
    const { times } = store.graph ?? {};
    const k = times?.nodes.indexOf(op) ?? -1;
    const shape = (k >= 0 ? times?.shapes[k]?.[0] : undefined) ?? node.outputs[0].ran ?? node.outputs[0].shape;
    this._live.show(requestOf(session, `${node.name}:0`, shape, node.type), '', store.id);
  }

  private _role(role: string): string {
    const { _trans: trans } = this;
    const names: { [role: string]: string } = {
      variable: trans.__('a variable'),
      placeholder: trans.__('a placeholder, which is fed'),
      constant: trans.__('a constant'),
      gradient: trans.__('part of the gradients'),
      initializer: trans.__('an initializer'),
      slot: trans.__("an optimizer's slot"),
      training: trans.__('part of the training'),
      saver: trans.__('part of a saver'),
      summary: trans.__('part of the summaries')
    };
    return names[role] ?? role;
  }

  private _sessions: GraphSession;
  private _body: HTMLElement;
  private _title: HTMLElement;
  private _live: LiveValue;
  private _shown = '';
  private _of = '';
  private _known: INodeDetail | null = null;
}

/** A device by its short name. */
function device(name: string): HTMLElement {
  return make('span', { text: shortDevice(name), title: name });
}

function fact(list: HTMLElement, name: string, value: HTMLElement): void {
  list.append(make('dt', { text: name }), make('dd', {}, value));
}
