import './page';
import { DockPanel, Widget } from '@lumino/widgets';
import { bringForward, clearOf, neighbourOf } from '../areas';

// jsdom has no drag and drop, which Lumino's package of it wants when it is loaded.
jest.mock('@lumino/dragdrop', () => ({ Drag: class {} }));

describe('panels of several notebooks', () => {
  let dock: DockPanel;
  const made = (id: string) => Object.assign(new Widget(), { id });
  const [one, two, other, first, second] = ['one', 'two', 'other', 'first', 'second'].map(made);

  beforeEach(() => {
    dock = new DockPanel();
    Widget.attach(dock, document.body);
    dock.addWidget(one);
    dock.addWidget(two, { mode: 'tab-after', ref: one });
  });

  afterEach(() => {
    [one, two, other, first, second].forEach(widget => (widget.parent = null));
    dock.dispose();
  });

  it('lie in one place, the first beside its notebook', () => {
    expect(neighbourOf([])).toBeNull();
    expect(neighbourOf([first])).toBeNull(); // it is nowhere
    dock.addWidget(first, { mode: 'split-right', ref: two });
    expect(neighbourOf([first])).toBe(first);
    dock.addWidget(second, { mode: 'tab-after', ref: first });
    expect([...dock.tabBars()]).toHaveLength(2);
    dock.selectWidget(first);
    expect(neighbourOf([second, first])).toBe(first);
  });

  it('make room where a notebook lies among them', () => {
    dock.addWidget(first, { mode: 'split-right', ref: two });
    expect(clearOf(two, first, [one])).toBe(true);
    expect(one.parent).toBe(dock);
    dock.addWidget(other, { mode: 'tab-after', ref: first });
    expect(clearOf(other, first, [other])).toBe(false);
    dock.selectWidget(other);
    expect(clearOf(other, first, [other, one])).toBe(true);
    const places = [...dock.tabBars()].map(({ titles }) => titles.map(({ owner }) => owner.id));
    expect(places).toEqual([['one', 'other', 'two'], ['first']]);
    expect([other, first].map(({ isVisible }) => isVisible)).toEqual([true, true]);
  });

  it('come to the front in place of another panel only', () => {
    dock.addWidget(first, { mode: 'split-right', ref: two });
    dock.addWidget(second, { mode: 'tab-after', ref: first });
    dock.addWidget(other, { mode: 'tab-after', ref: second });
    const panels = [first, second];
    dock.selectWidget(first);
    bringForward(second, panels);
    expect([first.isVisible, second.isVisible]).toEqual([false, true]);
    dock.selectWidget(other);
    bringForward(first, panels);
    expect([first.isVisible, other.isVisible]).toEqual([false, true]);
    second.parent = null;
    bringForward(second, panels);
    expect(second.parent).toBeNull();
  });
});
