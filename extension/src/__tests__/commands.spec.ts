import { trans } from './page';
import { JupyterFrontEnd } from '@jupyterlab/application';
import { WidgetTracker } from '@jupyterlab/apputils';
import { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { CommandRegistry } from '@lumino/commands';
import { DockPanel, Widget } from '@lumino/widgets';
import { placeBeside } from '../areas';
import { addCommands, CommandIDs } from '../commands';

// jsdom has no drag and drop, which Lumino's package of it wants when it is loaded.
jest.mock('@lumino/dragdrop', () => ({ Drag: class {} }));
jest.mock('@jupyterlab/notebook', () => ({ NotebookPanel: jest.requireActual('@lumino/widgets').Widget }));
jest.mock('../controls', () => ({ panelIcon: undefined }));

type Open = Parameters<typeof addCommands>[3];

describe('a notebook with a panel, made by the launcher', () => {
  let dock: DockPanel;
  let panels: Widget[];
  let notebooks: Widget[];
  let commands: CommandRegistry;
  const activated: string[] = [];
  const widget = (id: string) => Object.assign(new Widget(), { id });

  beforeEach(() => {
    dock = new DockPanel();
    Widget.attach(dock, document.body);
    [panels, notebooks, commands] = [[], [], new CommandRegistry()];
    commands.addCommand('notebook:create-new', {
      execute: () => {
        const made = widget(`made${notebooks.length}`);
        dock.addWidget(made, { mode: 'tab-after', ref: launcher });
        notebooks.push(made);
        return made;
      }
    });
    const open = ((notebook: NotebookPanel) => {
      const { mode, ref } = placeBeside(notebook, panels, notebooks.slice(0, -1));
      const panel = widget(`panel of ${notebook.id}`);
      dock.addWidget(panel, { mode, ref: [...dock.widgets()].find(({ id }) => id === ref) });
      dock.selectWidget(panel);
      panels.push(panel);
      return Promise.resolve(panel);
    }) as unknown as Open;
    const activate = (id: string) => {
      activated.push(id);
      dock.selectWidget([...dock.widgets()].find(one => one.id === id)!);
    };
    const app = {
      commands,
      serviceManager: { kernelspecs: {} },
      shell: { currentWidget: null, activateById: activate }
    } as unknown as JupyterFrontEnd;
    const tracker = { currentWidget: null, find: () => undefined } as unknown as INotebookTracker;
    const shown = { find: () => undefined } as unknown as WidgetTracker<never>;
    addCommands(app, tracker, shown, open, trans, null, null);
  });

  afterEach(() => dock.dispose());

  let launcher: Widget;
  /** What JupyterLab does when a card of the launcher is pressed. */
  const press = async (beside?: Widget) => {
    launcher = widget('launcher');
    dock.addWidget(launcher, beside && { mode: 'tab-after', ref: beside });
    dock.selectWidget(launcher);
    const made = (await commands.execute(CommandIDs.open, { launcher: true })) as Widget;
    dock.addWidget(made, { mode: 'tab-after', ref: launcher });
    launcher.dispose();
    await new Promise(done => setTimeout(done, 5));
    return made;
  };
  const tabs = () => [...dock.tabBars()].map(({ titles }) => titles.map(({ owner }) => owner.id));

  it('has it at its right', async () => {
    const made = await press();
    expect(tabs()).toEqual([['made0'], ['panel of made0']]);
    expect(activated.pop()).toBe(made.id);
  });

  it('has it at its right, also where the launcher was among the panels', async () => {
    await press();
    const made = await press(panels[0]);
    expect(tabs()).toEqual([
      ['made0', 'made1'],
      ['panel of made0', 'panel of made1']
    ]);
    expect([made.isVisible, panels[1].isVisible]).toEqual([true, true]);
  });

  it('has it at its right where there is no other notebook left', async () => {
    const lone = widget('lone');
    dock.addWidget(lone);
    panels.push(lone);
    const made = await press(lone);
    expect(tabs()).toEqual([['lone', 'made0'], ['panel of made0']]);
    expect([made.isVisible, panels[1].isVisible]).toEqual([true, true]);
  });
});
