import { PanelLayout, Widget } from '@lumino/widgets';
import { Lazy } from '../lazy';

// jsdom has no drag and drop, which Lumino's package of it wants when it is loaded.
jest.mock('@lumino/dragdrop', () => ({ Drag: class {} }));

describe('a lazy widget', () => {
  let made: Widget[];
  let around: Widget;
  let lazy: Lazy;

  beforeEach(() => {
    made = [];
    lazy = new Lazy(() => {
      made.push(new Widget());
      return made[made.length - 1];
    });
    around = new Widget();
    const layout = (around.layout = new PanelLayout());
    layout.addWidget(lazy);
  });

  afterEach(() => around.dispose());

  it('is made when it is attached, where it is shown', () => {
    expect(made).toHaveLength(0);
    Widget.attach(around, document.body);
    expect(made).toHaveLength(1);
    expect(made[0].isVisible).toBe(true);
  });

  it('is made once, when it is first shown', () => {
    lazy.hide();
    Widget.attach(around, document.body);
    expect(made).toHaveLength(0);
    lazy.show();
    expect(made[0].isVisible).toBe(true);
    lazy.hide();
    expect(made[0].isVisible).toBe(false);
    lazy.show();
    expect(made).toHaveLength(1);
    lazy.dispose();
    expect(made[0].isDisposed).toBe(true);
  });
});
