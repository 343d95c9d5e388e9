import { Cell, ICellModel, ICodeCellModel } from '@jupyterlab/cells';
import { Notebook, NotebookActions, NotebookPanel } from '@jupyterlab/notebook';
import { TranslationBundle } from '@jupyterlab/translation';
import { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';
import { followLine } from './lines';
import { IHost, IPlace } from './views/view';

/** The notebook beside the panel, as views see it. */
export class NotebookHost implements IHost, IDisposable {
  constructor(
    private _notebook: NotebookPanel,
    private _trans: TranslationBundle
  ) {
    void _notebook.context.ready.then(() => {
      for (const cell of _notebook.content.model?.cells ?? []) {
        if (cell.type === 'code' && !(cell as ICodeCellModel).isDirty && !this._ran.has(cell.id)) {
          this._ran.set(cell.id, linesOf(cell));
        }
      }
    });
    NotebookActions.executionScheduled.connect(this._onRun, this);
    _notebook.content.activeCellChanged.connect(this._onActiveCell, this);
    this._onActiveCell();
  }

  get name(): string {
    return (this._notebook.context.path.split('/').pop() ?? '').replace(/\.ipynb$/, '');
  }

  get cursorMoved(): ISignal<NotebookHost, IPlace | null> {
    return this._cursorMoved;
  }

  /** Emitted with what is to be said. */
  get announced(): ISignal<NotebookHost, string> {
    return this._announced;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    this._follow(null);
    Signal.clearData(this);
  }

  reveal(place: IPlace): void {
    const { content } = this._notebook;
    const index = content.widgets.findIndex(cell => cell.model.id === place.cell);
    if (index < 0) {
      this.announce(this._trans.__('The cell that made it is not in the notebook any more.'));
      return;
    }
    const cell = content.widgets[index];
    const now = linesOf(cell.model);
    const { line, same } = followLine(place.line, this._ran.get(place.cell) ?? now, now);
    if (!same) {
      this.announce(this._trans.__('The line that made it was changed since the cell ran.'));
    }
    content.activeCellIndex = index;
    void content.scrollToItem(index, 'smart').then(async () => {
      await cell.ready;
      cell.editor?.setCursorPosition({ line: Math.max(0, line - 1), column: 0 });
      cell.editor?.focus();
    });
  }

  save(name: string, data: Blob): void {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(data);
    link.download = name;
    link.click();
    window.setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  announce(text: string): void {
    this._announced.emit(text);
  }

  private _onRun(_: unknown, { notebook, cell }: { notebook: Notebook; cell: Cell }): void {
    if (notebook === this._notebook.content && cell.model.type === 'code') {
      this._ran.set(cell.model.id, linesOf(cell.model));
      this._onSelection();
    }
  }

  private _onActiveCell(): void {
    this._follow(this._notebook.content.activeCell);
    this._onSelection();
  }

  private _follow(cell: Cell | null): void {
    if (this._cell && !this._cell.isDisposed) {
      this._cell.editor?.model.selections.changed.disconnect(this._onSelection, this);
    }
    this._cell = cell;
    if (cell) {
      void cell.ready.then(() => {
        if (this._cell === cell && !this._isDisposed) {
          cell.editor?.model.selections.changed.connect(this._onSelection, this);
          this._onSelection();
        }
      });
    }
  }

  /** Where the cursor is, by the lines that the cell had when it ran. */
  private _placeOf(cell: Cell | null): IPlace | null {
    if (cell?.model.type !== 'code' || !cell.editor) {
      return null;
    }
    const now = linesOf(cell.model);
    const { line, same } = followLine(
      cell.editor.getCursorPosition().line + 1,
      now,
      this._ran.get(cell.model.id) ?? now
    );
    return same ? { cell: cell.model.id, line } : null;
  }

  private _onSelection(): void {
    const place = this._placeOf(this._cell);
    if (place?.cell !== this._place?.cell || place?.line !== this._place?.line) {
      this._place = place;
      this._cursorMoved.emit(place);
    }
  }

  /** What cells held when they ran last, by id. */
  private _ran = new Map<string, readonly string[]>();
  private _cell: Cell | null = null;
  private _place: IPlace | null = null;
  private _isDisposed = false;
  private _cursorMoved = new Signal<this, IPlace | null>(this);
  private _announced = new Signal<this, string>(this);
}

function linesOf(cell: ICellModel): string[] {
  return cell.sharedModel.getSource().split('\n');
}
