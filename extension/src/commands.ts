import { JupyterFrontEnd } from '@jupyterlab/application';
import { ICommandPalette, MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { ILauncher } from '@jupyterlab/launcher';
import { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { TranslationBundle } from '@jupyterlab/translation';
import { panelIcon } from './controls';
import { GraphlabPanel } from './panel';

export const CommandIDs = {
  open: 'graphlab-nb:open-panel',
  view: 'graphlab-nb:show-view',
  pause: 'graphlab-nb:pause-or-resume',
  step: 'graphlab-nb:step',
  stop: 'graphlab-nb:stop'
} as const;

type Open = (notebook: NotebookPanel, activate: boolean) => Promise<MainAreaWidget<GraphlabPanel>>;

/** Adds the commands, and puts them into the palette and the launcher. */
export function addCommands(
  app: JupyterFrontEnd,
  notebooks: INotebookTracker,
  panels: WidgetTracker<MainAreaWidget<GraphlabPanel>>,
  open: Open,
  trans: TranslationBundle,
  palette: ICommandPalette | null,
  launcher: ILauncher | null
): void {
  const { commands } = app;
  const category = 'graphlab_nb';

  /** The panel of the notebook in front, or the panel in front. */
  const current = (): GraphlabPanel | null => {
    const front = app.shell.currentWidget;
    const found =
      panels.find(panel => panel === front) ??
      panels.find(panel => panel.content.notebook === notebooks.currentWidget) ??
      null;
    return found?.content ?? null;
  };

  commands.addCommand(CommandIDs.open, {
    label: args =>
      args.toolbar
        ? ''
        : args.launcher
          ? trans.__('Notebook with Graph and Curves')
          : trans.__('Show Graph, Values and Curves'),
    caption: args =>
      args.launcher
        ? trans.__('Make a notebook, with the panel of graphlab_nb beside it')
        : trans.__('Open the panel of graphlab_nb beside the notebook'),
    icon: args => (args.isPalette ? undefined : panelIcon),
    isEnabled: args => args.path !== undefined || args.launcher === true || notebooks.currentWidget !== null,
    describedBy: { args: { type: 'object', properties: { path: { type: 'string' }, restored: { type: 'boolean' } } } },
    execute: async args => {
      if (args.launcher) {
        const made = await newNotebook(app, String(args.cwd ?? ''));
        if (made) {
          // What is answered takes the launcher's place, which may be among the panels: only then there is room to be made.
          window.setTimeout(() => {
            void open(made, false).then(() => app.shell.activateById(made.id));
          });
        }
        return made;
      }
      const notebook =
        args.path === undefined ? notebooks.currentWidget : await notebookOf(notebooks, String(args.path));
      return notebook && open(notebook, args.restored !== true);
    }
  });
  commands.addCommand(CommandIDs.view, {
    label: args =>
      args.view === 'values'
        ? trans.__('Show Values')
        : args.view === 'curves'
          ? trans.__('Show Curves')
          : trans.__('Show Graph'),
    isEnabled: () => current() !== null,
    execute: args => current()?.showView(String(args.view ?? 'graph'))
  });
  const steer = (id: string, label: string, act: (panel: GraphlabPanel) => void) =>
    commands.addCommand(id, {
      label,
      isEnabled: () => current() !== null,
      execute: () => {
        const panel = current();
        if (panel) {
          act(panel);
        }
      }
    });
  steer(CommandIDs.pause, trans.__('Pause or Resume the Training'), panel => panel.controls.pauseOrResume());
  steer(CommandIDs.step, trans.__('Make a Step of the Paused Training'), panel => panel.controls.step());
  steer(CommandIDs.stop, trans.__('Stop the Training'), panel => panel.controls.stop());

  palette?.addItem({ command: CommandIDs.open, category, args: { isPalette: true } });
  for (const command of [CommandIDs.pause, CommandIDs.step, CommandIDs.stop]) {
    palette?.addItem({ command, category });
  }
  for (const view of ['graph', 'values', 'curves']) {
    palette?.addItem({ command: CommandIDs.view, category, args: { view } });
  }
  launcher?.add({ command: CommandIDs.open, category: trans.__('Other'), rank: 50, args: { launcher: true } });
}

/** The notebook of a path; where a layout is restored, it may come a little later than its panel. */
function notebookOf(notebooks: INotebookTracker, path: string): Promise<NotebookPanel | null> {
  const find = () => notebooks.find(notebook => notebook.context.path === path) ?? null;
  const found = find();
  if (found) {
    return Promise.resolve(found);
  }
  return new Promise(resolve => {
    const late = window.setTimeout(() => done(null), 10000);
    const done = (notebook: NotebookPanel | null) => {
      window.clearTimeout(late);
      notebooks.widgetAdded.disconnect(added);
      resolve(notebook);
    };
    const added = (_: unknown, notebook: NotebookPanel) => {
      if (notebook.context.path === path) {
        done(notebook);
      }
    };
    notebooks.widgetAdded.connect(added);
  });
}

async function newNotebook(app: JupyterFrontEnd, cwd: string): Promise<NotebookPanel | null> {
  const kernelName = app.serviceManager.kernelspecs.specs?.default;
  const made = await app.commands.execute('notebook:create-new', { cwd, ...(kernelName ? { kernelName } : {}) });
  return made instanceof NotebookPanel ? made : null;
}
