import { JSONExt, JSONObject, PartialJSONValue, ReadonlyPartialJSONValue } from '@lumino/coreutils';
import { ISignal, Signal } from '@lumino/signaling';

/**
 * What a view wants to find again for the same notebook after a reload: open scopes, zoom, pins, columns.
 *
 * Views read it when they are made and write it when the user changes something; the panel keeps it.
 */
export class ViewState {
  constructor(initial: JSONObject = {}) {
    this._values = initial;
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
