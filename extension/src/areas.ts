import { DockPanel, TabBar, Widget } from '@lumino/widgets';

/** The area of tabs that a widget of the main area lies in, or null. */
function areaOf(widget: Widget): { dock: DockPanel; tabs: TabBar<Widget> } | null {
  const dock = widget.parent;
  if (dock instanceof DockPanel) {
    for (const tabs of dock.tabBars()) {
      if (tabs.titles.includes(widget.title)) {
        return { dock, tabs };
      }
    }
  }
  return null;
}

/** The panel beside whose tab a new one is put: that which is seen, else the one opened last; null where there is none. */
export function neighbourOf<T extends Widget>(panels: readonly T[]): T | null {
  const placed = panels.filter(panel => areaOf(panel) !== null);
  return placed.find(panel => panel.isVisible) ?? placed[placed.length - 1] ?? null;
}

/** Whether two widgets are tabs of one place, of which only one is seen. */
function together(one: Widget, other: Widget): boolean {
  const tabs = areaOf(one)?.tabs;
  return tabs !== undefined && tabs === areaOf(other)?.tabs;
}

/**
 * Makes room beside a notebook for its panel, which shall be a tab of `panel`'s place. A notebook that was opened while a panel
 * had the keyboard lies in that place itself: it goes to another notebook. False where there is none elsewhere.
 */
export function clearOf(notebook: Widget, panel: Widget, others: readonly Widget[]): boolean {
  if (!together(notebook, panel)) {
    return true;
  }
  const ref = others.find(other => areaOf(other) !== null && !together(other, panel));
  const dock = areaOf(notebook)?.dock;
  if (!ref || !dock || areaOf(ref)?.dock !== dock) {
    return false;
  }
  dock.addWidget(notebook, { mode: 'tab-after', ref });
  dock.selectWidget(notebook);
  return true;
}

/** Where a notebook's new panel is put: beside the tabs of the panels there are, else at the right of the notebook. */
export function placeBeside(
  notebook: Widget,
  panels: readonly Widget[],
  others: readonly Widget[]
): { mode: 'tab-after' | 'split-right'; ref: string } {
  const neighbour = neighbourOf(panels);
  return neighbour && clearOf(notebook, neighbour, others)
    ? { mode: 'tab-after', ref: neighbour.id }
    : { mode: 'split-right', ref: notebook.id };
}

/** Brings a panel to the front of its tabs where another panel is there now; the keyboard stays where it is. */
export function bringForward(panel: Widget, panels: readonly Widget[]): void {
  const area = areaOf(panel);
  const front = area?.tabs.currentTitle?.owner;
  if (area && front && front !== panel && panels.includes(front)) {
    area.dock.selectWidget(panel);
  }
}
