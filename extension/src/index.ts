import {
  ILabShell,
  ILayoutRestorer,
  JupyterFrontEnd,
  JupyterFrontEndPlugin,
  LayoutRestorer
} from '@jupyterlab/application';
import { ICommandPalette, IThemeManager, MainAreaWidget, Notification, WidgetTracker } from '@jupyterlab/apputils';
import { ILauncher } from '@jupyterlab/launcher';
import { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { KernelMessage } from '@jupyterlab/services';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { MessageLoop } from '@lumino/messaging';
import { bringForward, placeBeside } from './areas';
import { addCommands, CommandIDs } from './commands';
import { GraphlabPanel } from './panel';
import { COMM_ID } from './protocol';
import { Theme } from './theme';
import { BrowserStore, IViewStore, ViewState } from './viewstate';

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

  // Other applications than JupyterLab, such as Notebook 7, forget their state when the page is reloaded.
  const store: IViewStore | null = labShell ? stateDB : new BrowserStore(app.serviceManager.serverSettings.baseUrl);
  // Not in the tracker's namespace, where it keeps which panels are open, by the same names.
  const keyOf = (path: string) => `${NAMESPACE}-views:${path}`;

  const allPanels = () => panels.filter(panel => !panel.isDisposed);
  const opening = new Map<NotebookPanel, Promise<MainAreaWidget<GraphlabPanel>>>();

  async function open(notebook: NotebookPanel, activateIt: boolean): Promise<MainAreaWidget<GraphlabPanel>> {
    const found = panels.find(panel => panel.content.notebook === notebook);
    if (found) {
      if (activateIt) {
        app.shell.activateById(found.id);
      }
      return found;
    }
    const begun = opening.get(notebook) ?? make(notebook, activateIt).finally(() => opening.delete(notebook));
    opening.set(notebook, begun);
    return begun;
  }

  async function make(notebook: NotebookPanel, activateIt: boolean): Promise<MainAreaWidget<GraphlabPanel>> {
    const state = new ViewState(await ViewState.kept(store, keyOf(notebook.context.path)));
    const save = keep(notebook, state);
    const widget = new MainAreaWidget({ content: new GraphlabPanel(notebook, state, theme, trans) });
    widget.id = `jp-glnb-${++counter}`;
    widget.toolbar.hide();
    widget.content.disposed.connect(() => widget.dispose());
    // Making, adding and activating take about as long: between them the page gets its turn, and the kernel is greeted already.
    const turn = () => new Promise(resolve => window.setTimeout(resolve, 0));
    await turn();
    if (widget.isDisposed) {
      return widget;
    }
    if (labShell) {
      const others = allPanels().map(({ content }) => content.notebook);
      const place = placeBeside(notebook, allPanels(), others);
      app.shell.add(widget, 'main', { ...place, activate: false });
      await turn();
      if (widget.isDisposed) {
        return widget;
      }
      if (notebooks.currentWidget === notebook) {
        bringForward(widget, [...allPanels(), widget]);
      }
      if (activateIt) {
        app.shell.activateById(widget.id);
      }
    } else {
      app.shell.add(widget, 'right', { rank: 900 });
      const shell = app.shell as { expandRight?: (id: string) => void }; // Notebook 7's
      let quiet = !activateIt; // what comes back by itself takes the keyboard from nobody
      MessageLoop.installMessageHook(widget, (_, message) => {
        if (message.type === 'after-show' || message.type === 'after-hide') {
          // There a panel is put away by closing the side, which leaves it where it is.
          state.set('panel.open', message.type === 'after-show');
        }
        const passes = message.type !== 'activate-request' || !quiet;
        quiet = quiet && passes;
        return passes;
      });
      if (shell.expandRight) {
        shell.expandRight(widget.id);
      } else {
        app.shell.activateById(widget.id);
      }
    }
    await panels.add(widget);
    notebook.context.pathChanged.connect(() => {
      if (!widget.isDisposed) {
        void renamed(widget, save);
      }
    });
    state.set('panel.open', true);
    widget.disposed.connect(() => {
      if (!notebook.isDisposed) {
        state.set('panel.open', false);
        const { link, run } = widget.content.model;
        if (link.state === 'connected' && run.state === 'paused') {
          const text = trans.__('The cell stays paused until the panel lets it go on, or it is interrupted.');
          const reopen = { label: trans.__('Open the panel'), callback: () => void open(notebook, true) };
          Notification.warning(text, { autoClose: 15000, actions: [reopen] });
        }
      }
    });
    return widget;
  }

  /** Keeps what views want to find again, a moment after it changed; returns what keeps it at once. */
  function keep(notebook: NotebookPanel, state: ViewState): () => Promise<unknown> {
    let soon = 0;
    const save = async () => store?.save(keyOf(notebook.context.path), state.toJSON()).catch(() => undefined);
    state.changed.connect(() => {
      window.clearTimeout(soon);
      soon = window.setTimeout(save, 300);
    });
    return save;
  }

  /** What is kept goes by the notebook's path, and so does the layout, which nothing else may save after a new name. */
  async function renamed(widget: MainAreaWidget<GraphlabPanel>, save: () => Promise<unknown>): Promise<void> {
    await Promise.all([save(), panels.save(widget)]);
    if (labShell && restorer instanceof LayoutRestorer) {
      await restorer.save(labShell.saveLayout());
    }
  }

  addCommands(app, notebooks, panels, open, trans, palette, launcher);

  // Panels that share their place follow the notebook that the user goes to.
  notebooks.currentChanged.connect((_, notebook) => {
    const panel = panels.find(({ content }) => content.notebook === notebook);
    if (panel) {
      bringForward(panel, allPanels());
    }
  });

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
  } else {
    reopenPanels(notebooks, async notebook => {
      const kept = await ViewState.kept(store, keyOf(notebook.context.path));
      if (kept['panel.open'] === true && !notebook.isDisposed) {
        await open(notebook, false);
      }
    });
  }
}

/** Where nothing restores a layout, as in Notebook 7, each notebook that is opened gets the panel that it had. */
function reopenPanels(notebooks: INotebookTracker, reopen: (notebook: NotebookPanel) => Promise<void>): void {
  const later = (notebook: NotebookPanel) => void notebook.context.ready.then(() => reopen(notebook));
  notebooks.forEach(later);
  notebooks.widgetAdded.connect((_, notebook) => later(notebook));
}

let counter = 0;

export default plugin;
