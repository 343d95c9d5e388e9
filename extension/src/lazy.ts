import { Message } from '@lumino/messaging';
import { PanelLayout, Widget } from '@lumino/widgets';

/** A place for a widget that is made when it is first shown: what nobody looks at costs nothing. */
export class Lazy extends Widget {
  constructor(private _make: () => Widget) {
    super();
    this.addClass('jp-glnb-lazy');
    this.layout = new PanelLayout();
  }

  protected onBeforeAttach(msg: Message): void {
    super.onBeforeAttach(msg);
    if (!this.isHidden) {
      this._fill();
    }
  }

  protected onBeforeShow(msg: Message): void {
    super.onBeforeShow(msg);
    this._fill();
  }

  private _fill(): void {
    const layout = this.layout as PanelLayout;
    if (layout.widgets.length === 0) {
      layout.addWidget(this._make());
    }
  }
}
