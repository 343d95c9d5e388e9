import { ILabShell, ILayoutRestorer, JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, IThemeManager, MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { ILauncher } from '@jupyterlab/launcher';
import { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { KernelMessage } from '@jupyterlab/services';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { JSONObject } from '@lumino/coreutils';
import { addCommands, CommandIDs } from './commands';
import { GraphlabPanel } from './panel';
import { COMM_ID } from './protocol';
import { Theme } from './theme';
import { ViewState } from './viewstate';

const NAMESPACE = 'graphlab-nb';

const plugin: JupyterFrontEndPlugin<void> = {
  id: 'graphlab-nb:plugin',
  description: 'Shows graphs, live values and training curves of graphlab_nb, and steers the training.',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [ILabShell, ILayoutRestorer, ICommandPalette, ILauncher, IStateDB, IThemeManager, ITranslator],
  activate
};

function activate(
  app: JupyterFrontEnd,
  notebooks: INotebookTracker,
  labShell: ILabShell | null,
  restorer: ILayoutRestorer | null,
  palette: ICommandPalette | null,
  launcher: ILauncher | null,
  stateDB: IStateDB | null,
  themes: IThemeManager | null,
  translator: ITranslator | null
): void {
  const trans = (translator ?? nullTranslator).load('graphlab_nb');
  const theme = new Theme();
  themes?.themeChanged.connect(() => requestAnimationFrame(() => theme.refresh()));
  const panels = new WidgetTracker<MainAreaWidget<GraphlabPanel>>({ namespace: NAMESPACE });

  // Not in the tracker's namespace, where it keeps which panels are open, by the same names.
  const keyOf = (path: string) => `${NAMESPACE}-views:${path}`;

  async function open(notebook: NotebookPanel, activateIt: boolean): Promise<MainAreaWidget<GraphlabPanel>> {
    const found = panels.find(panel => panel.content.notebook === notebook);
    if (found) {
      if (activateIt) {
        app.shell.activateById(found.id);
      }
      return found;
    }
    const kept = (await stateDB?.fetch(keyOf(notebook.context.path)).catch(() => undefined)) as JSONObject | undefined;
    const state = new ViewState(kept ?? {});
    keep(notebook, state);
    const widget = new MainAreaWidget({ content: new GraphlabPanel(notebook, state, theme, trans) });
    widget.id = `jp-glnb-${++counter}`;
    widget.toolbar.hide();
    widget.content.disposed.connect(() => widget.dispose());
    if (labShell) {
      app.shell.add(widget, 'main', { mode: 'split-right', ref: notebook.id, activate: activateIt });
    } else {
      app.shell.add(widget, 'right', { rank: 900 });
      app.shell.activateById(widget.id);
    }
    await panels.add(widget);
    notebook.context.pathChanged.connect(() => void panels.save(widget));
    return widget;
  }

  /** Keeps what views want to find again, a moment after it changed. */
  function keep(notebook: NotebookPanel, state: ViewState): void {
    let soon = 0;
    state.changed.connect(() => {
      window.clearTimeout(soon);
      soon = window.setTimeout(() => void stateDB?.save(keyOf(notebook.context.path), state.toJSON()), 300);
    });
  }

  addCommands(app, notebooks, panels, open, trans, palette, launcher);

  // A kernel may ask for its panel: `%glnb panel`.
  notebooks.widgetAdded.connect((_, notebook) => {
    notebook.sessionContext.iopubMessage.connect((_context, message) => {
      if (
        KernelMessage.isCommMsgMsg(message) &&
        message.content.comm_id === COMM_ID &&
        message.content.data.type === 'open'
      ) {
        void open(notebook, false);
      }
    });
  });

  if (restorer) {
    void restorer.restore(panels, {
      command: CommandIDs.open,
      args: panel => ({ path: panel.content.notebook.context.path, restored: true }),
      name: panel => panel.content.notebook.context.path,
      when: notebooks.restored
    });
  }
}

let counter = 0;

export default plugin;
