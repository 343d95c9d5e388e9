import { JSONObject } from '@lumino/coreutils';
import { ViewState } from '../../viewstate';
import { GraphStore } from './store';

const NAME = 'graph.selected';

/** Keeps what is selected and whether its card is open, and finds it again once the graph that has it is drawn. */
export class KeptSelection {
  constructor(
    private _store: GraphStore,
    private _state: ViewState,
    private _select: (id: string, card: boolean) => void
  ) {
    this.read();
    _store.changed.connect((sender, change) => {
      if (change === 'picture') {
        this._find();
      }
    });
  }

  /** Looks up what was kept. */
  read(): void {
    const { graph, id, card } = this._state.get<JSONObject>(NAME, {});
    this._wanted =
      typeof graph === 'string' && typeof id === 'string' && id !== '' ? { graph, id, card: card === true } : null;
  }

  /** Keeps what is selected now; what was kept before is looked for no more. */
  keep(card: boolean): void {
    const { label: graph, selected: id } = this._store;
    this._wanted = null;
    this._state.set(NAME, id === '' ? {} : { graph, id, card });
  }

  private _find(): void {
    const { _wanted: wanted, _store: store } = this;
    if (wanted && store.selected === '' && wanted.graph === store.label && store.boxIndex(wanted.id) >= 0) {
      this._wanted = null;
      this._select(wanted.id, wanted.card);
    }
  }

  private _wanted: { graph: string; id: string; card: boolean } | null = null;
}
