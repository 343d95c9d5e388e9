import { Model } from '../../model';
import { IPictureRequest } from '../../protocol';

/** The mouse being moved asks at most so often. */
const ASK_MS = 80;

/** Asks for a single number, that under the cursor, where a picture has only means of several. */
export class Single {
  /** `request` is the picture's, null while it is not seen; `at` the number's row and column, null where none is to be asked for. */
  constructor(
    private _model: Model,
    readonly key: string,
    private _request: () => IPictureRequest | null,
    private _at: () => [row: number, column: number] | null
  ) {}

  /** Asks where something else is under the cursor than was asked for; not more often than the mouse can be followed. */
  ask(): void {
    if (this._timer) {
      return;
    }
    const wait = Math.max(0, this._last + ASK_MS - Date.now());
    if (wait === 0) {
      this._ask();
    } else {
      this._timer = window.setTimeout(() => this._ask(), wait);
    }
  }

  stop(): void {
    window.clearTimeout(this._timer);
    this._timer = 0;
    if (this._asked) {
      this._asked = '';
      this._model.hidePicture(this.key);
    }
  }

  private _ask(): void {
    this._timer = 0;
    const at = this._at();
    const request = at && this._request();
    const text = request ? JSON.stringify([request, at]) : '';
    if (!request) {
      this.stop();
    } else if (text !== this._asked) {
      this._asked = text;
      this._last = Date.now();
      const [rows, columns] = at.map(n => [n, n + 1]);
      this._model.showPicture({ ...request, key: this.key, rows, columns, cells: 1, bins: 0 });
    }
  }

  private _asked = '';
  private _last = 0;
  private _timer = 0;
}
