import { NotebookPanel } from '@jupyterlab/notebook';
import { TranslationBundle } from '@jupyterlab/translation';
import { Message } from '@lumino/messaging';
import { Signal } from '@lumino/signaling';
import { BoxLayout, TabPanel, Widget } from '@lumino/widgets';
import { Connection } from './connection';
import { Controls, panelIcon } from './controls';
import { NotebookHost } from './host';
import { Lazy } from './lazy';
import { Model } from './model';
import { Theme } from './theme';
import { CurvesView } from './views/curves/view';
import { GraphView } from './views/graph/view';
import { TasksView } from './views/tasks/view';
import { ValuesView } from './views/values/view';
import { ViewState } from './viewstate';

/** The panel of one notebook: controls above, and the views as tabs. */
export class GraphlabPanel extends Widget {
  constructor(
    readonly notebook: NotebookPanel,
    readonly state: ViewState,
    readonly theme: Theme,
    trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-glnb-panel');
    this.title.icon = panelIcon;
    this.title.closable = true;
    this._nameAfter(trans);
    notebook.context.pathChanged.connect(() => this._nameAfter(trans), this);
    this.model = new Model();
    this._connection = new Connection(this.model, notebook.sessionContext, trans);
    this._host = new NotebookHost(notebook, trans);
    this._aloud = document.createElement('div');
    this._aloud.className = 'jp-glnb-aloud';
    this._aloud.setAttribute('aria-live', 'polite');
    this.node.append(this._aloud);
    this.controls = new Controls(this.model, trans, text => {
      this._aloud.textContent = text;
    });
    this._host.announced.connect((_, text) => this.controls.say(text));

    const options = { model: this.model, state, theme, trans, host: this._host };
    this._tabs = new TabPanel({ tabsMovable: false });
    this._tabs.addClass('jp-glnb-tabs');
    const views: [string, Widget, string][] = [
      ['graph', new GraphView(options), trans.__('Graph')],
      ['values', new Lazy(() => new ValuesView(options)), trans.__('Values')],
      ['curves', new Lazy(() => new CurvesView(options)), trans.__('Curves')]
    ];
    views.forEach(view => this._addView(...view));
    this._tabs.currentIndex = Math.max(0, this._names.indexOf(state.get('panel.view', 'graph')));
    this._tabs.currentChanged.connect((_, { currentIndex }) =>
      state.set('panel.view', this._names[currentIndex] ?? 'graph')
    );

    const addTasks = () => {
      // Only those who work with a cluster have this view.
      if (!this._names.includes('tasks') && this.model.sessions.some(({ target }) => target)) {
        const wanted = state.get<string>('panel.view', 'graph') === 'tasks';
        this._addView('tasks', new Lazy(() => new TasksView(options)), trans.__('Tasks'));
        if (wanted) {
          this.showView('tasks');
        }
      }
    };
    this.model.listChanged.connect(addTasks, this);

    const layout = new BoxLayout({ direction: 'top-to-bottom', spacing: 0 });
    layout.addWidget(this.controls);
    layout.addWidget(this._tabs);
    BoxLayout.setStretch(this.controls, 0);
    BoxLayout.setStretch(this._tabs, 1);
    this.layout = layout;
    notebook.disposed.connect(() => this.dispose());
  }

  /** Shows one of the views: "graph", "values", "curves", and once there is a session on a cluster, "tasks". */
  showView(name: string): void {
    const index = this._names.indexOf(name);
    if (index >= 0) {
      this._tabs.currentIndex = index;
    }
  }

  dispose(): void {
    if (!this.isDisposed) {
      this._connection.dispose();
      this._host.dispose();
      Signal.disconnectReceiver(this);
      super.dispose();
    }
  }

  protected onActivateRequest(msg: Message): void {
    super.onActivateRequest(msg);
    this._tabs.tabBar.node.querySelector<HTMLElement>('.lm-mod-current')?.focus();
  }

  private _addView(name: string, view: Widget, label: string): void {
    view.id = `${this._prefix}-${name}`;
    view.title.label = label;
    this._names.push(name);
    this._tabs.addWidget(view);
  }

  private _nameAfter(trans: TranslationBundle): void {
    const file = this.notebook.context.path.split('/').pop() ?? '';
    this.title.label = file.replace(/\.ipynb$/, '');
    this.title.caption = trans.__('graphlab_nb: graph, values and curves of %1', this.notebook.context.path);
  }

  readonly model: Model;
  readonly controls: Controls;
  private _connection: Connection;
  private _host: NotebookHost;
  private _aloud: HTMLElement;
  private _tabs: TabPanel;
  private _names: string[] = [];
  private _prefix = `jp-glnb-${++counter}`;
}

let counter = 0;
