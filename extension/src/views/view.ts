import { TranslationBundle } from '@jupyterlab/translation';
import { ISignal } from '@lumino/signaling';
import { Model } from '../model';
import { Theme } from '../theme';
import { ViewState } from '../viewstate';

/** A line of a notebook's cell. */
export interface IPlace {
  cell: string;
  /** From 1 on. */
  line: number;
}

/** What views want of the application around them. */
export interface IHost {
  /** The notebook's name, without its ending: files that are given to the user begin with it. */
  readonly name: string;
  /** Scrolls the notebook to a cell and puts the cursor on a line. */
  reveal(place: IPlace): void;
  /** Where the cursor of the notebook is. */
  readonly cursorMoved: ISignal<unknown, IPlace | null>;
  /** Gives the user a file. */
  save(name: string, data: Blob): void;
  /** Shows something for some seconds beside the buttons, and says it aloud. */
  announce(text: string): void;
}

/** What each view is made with. */
export interface IViewOptions {
  model: Model;
  state: ViewState;
  theme: Theme;
  trans: TranslationBundle;
  host: IHost;
}
