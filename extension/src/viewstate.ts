import { JSONExt, JSONObject, PartialJSONValue, ReadonlyPartialJSONValue } from '@lumino/coreutils';
import { ISignal, Signal } from '@lumino/signaling';

/** Where what views want to find again is kept, such as JupyterLab's state. */
export interface IViewStore {
  fetch(key: string): Promise<ReadonlyPartialJSONValue | undefined>;
  save(key: string, value: ReadonlyPartialJSONValue): Promise<unknown>;
}

/** Keeps it in the browser, apart for each server. */
export class BrowserStore implements IViewStore {
  constructor(
    private _server: string,
    private _storage: () => Storage = () => window.localStorage
  ) {}

  async fetch(key: string): Promise<ReadonlyPartialJSONValue | undefined> {
    const text = this._storage().getItem(this._keyOf(key));
    return text === null ? undefined : (JSON.parse(text) as ReadonlyPartialJSONValue);
  }

  /** Rejects where the browser keeps nothing, or not as much. */
  async save(key: string, value: ReadonlyPartialJSONValue): Promise<void> {
    this._storage().setItem(this._keyOf(key), JSON.stringify(value));
  }

  private _keyOf(key: string): string {
    return `${this._server} ${key}`;
  }
}

/**
 * What a view wants to find again for the same notebook after a reload: open scopes, zoom, pins, columns.
 *
 * Views read it when they are made and write it when the user changes something; the panel keeps it.
 */
export class ViewState {
  constructor(initial: JSONObject = {}) {
    this._values = initial;
  }

  /** What a store has under a key; nothing where it has none, or cannot be read. */
  static async kept(store: IViewStore | null, key: string): Promise<JSONObject> {
    const found = await store?.fetch(key).catch(() => undefined);
    return found && JSONExt.isObject(found) ? (found as JSONObject) : {};
  }

  /** Emitted with the name of what changed. */
  get changed(): ISignal<ViewState, string> {
    return this._changed;
  }

  get<T extends ReadonlyPartialJSONValue>(name: string, otherwise: T): T {
    const value = this._values[name];
    return value === undefined ? otherwise : (value as T);
  }

  set(name: string, value: PartialJSONValue): void {
    const before = this._values[name];
    if (before !== undefined && JSONExt.deepEqual(before, value)) {
      return;
    }
    this._values = { ...this._values, [name]: value } as JSONObject;
    this._changed.emit(name);
  }

  /** Takes other values in place of all, as after looking up what was kept. */
  replace(values: JSONObject): void {
    this._values = values;
    this._changed.emit('');
  }

  toJSON(): JSONObject {
    return this._values;
  }

  private _values: JSONObject;
  private _changed = new Signal<this, string>(this);
}
