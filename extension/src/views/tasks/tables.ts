import { TranslationBundle } from '@jupyterlab/translation';
import { IRunLanes } from '../../protocol';
import { make, say } from './dom';
import { IPlan } from './plan';
import { formatBytes, formatTime } from './texts';

/** A table whose cells are set anew without being made anew: those who read in it keep their place. */
class Table {
  constructor(caption: string, heads: readonly string[]) {
    this.node.append(Object.assign(document.createElement('caption'), { textContent: caption }));
    const row = make('tr');
    for (const text of heads) {
      const cell = make('th', '', text);
      cell.scope = 'col';
      row.append(cell);
    }
    const head = make('thead');
    head.append(row);
    this.node.append(head, this._body);
  }

  readonly node = make('table', 'table');

  show(rows: readonly (readonly string[])[]): void {
    while (this._body.rows.length > rows.length) {
      this._body.deleteRow(-1);
    }
    rows.forEach((texts, at) => {
      const row = this._body.rows[at] ?? this._body.insertRow();
      texts.forEach((text, column) => {
        if (!row.cells[column]) {
          row.append(column === 0 ? Object.assign(make('th'), { scope: 'row' }) : make('td'));
        }
        say(row.cells[column], text);
      });
    });
  }

  private _body = make('tbody');
}

/** What tasks did per run, and what went from one to another. */
export class Tables {
  constructor(private _trans: TranslationBundle) {
    const trans = _trans;
    this._tasks = new Table(trans.__('Per run'), [
      trans.__('Task'),
      trans.__('Computing'),
      trans.__('Waiting'),
      trans.__('Sent')
    ]);
    this._sent = new Table(trans.__('Transfers of the last run'), [
      trans.__('From'),
      trans.__('To'),
      trans.__('Bytes'),
      trans.__('Sent at')
    ]);
    this.node.append(this._tasks.node, this._sent.node);
  }

  readonly node = make('div', 'tables');

  show({ lanes }: IRunLanes, { rows, arrows }: IPlan): void {
    const { _trans: trans } = this;
    this._tasks.show(
      lanes.map(({ task, computed, waited, sent }) => [
        task,
        formatTime(computed, trans),
        formatTime(waited, trans),
        formatBytes(sent, trans)
      ])
    );
    const sent = arrows.filter(({ bytes }) => bytes > 0).sort((a, b) => a.begins - b.begins);
    this._sent.node.hidden = sent.length === 0;
    this._sent.show(
      sent.map(({ from, to, bytes, begins }) => [
        rows[from].lane.task,
        rows[to].lane.task,
        formatBytes(bytes, trans),
        formatTime(begins, trans)
      ])
    );
  }

  private _tasks: Table;
  private _sent: Table;
}
