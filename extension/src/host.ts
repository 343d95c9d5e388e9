import { Cell } from '@jupyterlab/cells';
import { NotebookPanel } from '@jupyterlab/notebook';
import { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';
import { IHost, IPlace } from './views/view';

/** The notebook beside the panel, as views see it. */
export class NotebookHost implements IHost, IDisposable {
  constructor(private _notebook: NotebookPanel) {
    _notebook.content.activeCellChanged.connect(this._onActiveCell, this);
    this._onActiveCell();
  }

  get name(): string {
    return (this._notebook.context.path.split('/').pop() ?? '').replace(/\.ipynb$/, '');
  }

  get cursorMoved(): ISignal<NotebookHost, IPlace | null> {
    return this._cursorMoved;
  }

  /** Emitted with what is to be said aloud. */
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
      return;
    }
    const cell = content.widgets[index];
    content.activeCellIndex = index;
    void content.scrollToItem(index, 'smart').then(async () => {
      await cell.ready;
      cell.editor?.setCursorPosition({ line: Math.max(0, place.line - 1), column: 0 });
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

  private _onSelection(): void {
    const cell = this._cell;
    const place =
      cell && cell.model.type === 'code' && cell.editor
        ? { cell: cell.model.id, line: cell.editor.getCursorPosition().line + 1 }
        : null;
    if (place?.cell !== this._place?.cell || place?.line !== this._place?.line) {
      this._place = place;
      this._cursorMoved.emit(place);
    }
  }

  private _cell: Cell | null = null;
  private _place: IPlace | null = null;
  private _isDisposed = false;
  private _cursorMoved = new Signal<this, IPlace | null>(this);
  private _announced = new Signal<this, string>(this);
}
