import { expect, IJupyterLabPageFixture, test as base } from '@jupyterlab/galata';
import { Locator, Page } from '@playwright/test';
import * as path from 'path';

/**
 * Galata's test, without its stand-ins for kernels and sessions: they stumble over empty answers, as to an interrupt, and hide
 * sessions from a page that was reloaded. What a test began is ended after it here.
 */
export const test = base.extend<{ ended: void }>({
  kernels: async ({}, use) => use(null as never),
  sessions: async ({}, use) => use(null as never),
  terminals: async ({}, use) => use(null as never),
  ended: [
    async ({ request, baseURL, tmpPath }, use) => {
      await use();
      const sessions = (await (await request.get(`${baseURL}/api/sessions`)).json()) as { id: string; path: string }[];
      const own = sessions.filter(({ path: place }) => place.startsWith(`${tmpPath}/`));
      await Promise.all(own.map(({ id }) => request.delete(`${baseURL}/api/sessions/${id}`)));
    },
    { auto: true }
  ]
});

export { expect };

/** What tests need to know of the widgets behind the page; the rest is read from the page, as a user does. */
interface IPanelWidget {
  node: HTMLElement;
  model: {
    run: { state: string; steps: number; made: number; runs: number };
    series: Map<string, { length: number; steps: Float64Array; values: Float64Array; info: { name: string } }>;
    graphs: Map<string, { nodes: unknown[]; info: { size: number } }>;
  };
  layout: {
    widgets: {
      widgets: { store: { picture: { boxes: { id: string; x: number; y: number }[] } | null; marks: number[] } }[];
    }[];
  };
}

interface IApp {
  commands: { execute(id: string, args?: unknown): Promise<unknown> };
  shell: { widgets(area: string): Iterable<{ content?: IPanelWidget }>; activateById(id: string): void };
}

/** The application of a page, where its server shows it to tests. */
export interface IExposed {
  jupyterapp: IApp;
}

export type State = 'idle' | 'busy' | 'running' | 'paused' | 'missing' | 'lost' | 'connecting' | 'none';

/** The panel of a notebook in a real JupyterLab, as a user finds it. */
export class Panel {
  constructor(
    readonly page: Page,
    private _at = 0
  ) {}

  get node(): Locator {
    return this.page.locator('.jp-glnb-panel').nth(this._at);
  }

  get status(): Locator {
    return this.node.locator('.jp-glnb-status');
  }

  button(name: string): Locator {
    return this.node.locator(`.jp-glnb-controls [data-name="${name}"]`);
  }

  async tab(name: 'Graph' | 'Values' | 'Curves' | 'Tasks'): Promise<void> {
    await this.node.locator('.jp-glnb-tabs > .lm-TabBar .lm-TabBar-tab', { hasText: name }).click();
  }

  /** Waits for what the training does, as the panel tells it. */
  async is(state: State, timeout = 30000): Promise<void> {
    await expect(this.node.locator('.jp-glnb-controls')).toHaveAttribute('data-state', state, { timeout });
  }

  async steps(): Promise<number> {
    const text = (await this.status.textContent()) ?? '';
    return Number((/[Ss]tep ([\d,]+)/.exec(text)?.[1] ?? '0').replace(/,/g, ''));
  }

  /** Waits for the step that the panel tells to pass a number; what it last said of a command goes away by itself. */
  async passes(step: number): Promise<void> {
    await expect.poll(() => this.steps(), { timeout: 30000 }).toBeGreaterThan(step);
  }

  /** Pauses, and gives how many steps were made. */
  async pause(): Promise<number> {
    await this.button('pause').click();
    await this.is('paused');
    return this.made();
  }

  async resume(): Promise<void> {
    await this.button('pause').click();
    await this.is('running');
  }

  async stop(): Promise<void> {
    await this.button('stop').click();
    await this.is('idle');
  }

  /** Makes steps of a paused training, and waits until it is paused again. */
  async step(count: number): Promise<void> {
    await this.node.locator('.jp-glnb-count').fill(String(count));
    await this.button('step').click();
    await expect(this.status).toHaveText(/^Stepped to (step|run)/);
    await this.is('paused');
  }

  /** How many steps were made, exactly. */
  async made(): Promise<number> {
    return this._inside(panel => panel.model.run.steps);
  }

  /** How many steps all sessions together have made. */
  async madeByAll(): Promise<number> {
    return this._inside(panel => panel.model.run.made);
  }

  async runs(): Promise<number> {
    return this._inside(panel => panel.model.run.runs);
  }

  /** Ids of the boxes that the picture of the graph has. */
  async boxes(): Promise<string[]> {
    return this._inside(panel => panel.layout.widgets[1].widgets[0].store.picture?.boxes.map(box => box.id) ?? []);
  }

  /** Where the picture's boxes are, by their ids, to whole pixels. */
  async places(): Promise<{ [id: string]: number[] }> {
    return this._inside(panel =>
      Object.fromEntries(
        (panel.layout.widgets[1].widgets[0].store.picture?.boxes ?? []).map(({ id, x, y }) => [
          id,
          [Math.round(x), Math.round(y)]
        ])
      )
    );
  }

  /** How many operations are marked, as made by the line of the notebook's cursor. */
  async marked(): Promise<number> {
    return this._inside(panel => panel.layout.widgets[1].widgets[0].store.marks.length);
  }

  /** Of the latest curve of a name: how many points there are, and the first and latest of them. */
  async curve(name: string): Promise<{ length: number; first: number; last: number; begin: number }> {
    const all = await this._inside(panel =>
      [...panel.model.series.values()].map(({ length, steps, values, info }) => ({
        name: info.name,
        length,
        begin: steps[0],
        first: values[0],
        last: values[length - 1]
      }))
    );
    return all.filter(one => one.name === name).pop() ?? { length: 0, first: NaN, last: NaN, begin: NaN };
  }

  /** What the legend says of the latest line of a chart: its last and its best value. */
  async legend(name: string): Promise<{ last: number; best: number }> {
    const chart = this.node.getByRole('group', { name, exact: true });
    const cells = chart.locator('.jp-glnb-curves-legend tbody tr').first().locator('td');
    await expect(cells.first()).not.toHaveText('');
    const [last, best] = await cells.allTextContents();
    return { last: Number(last), best: Number(best) };
  }

  /** Opens a tensor of the table of values, by keyboard. */
  async openTensor(name: string): Promise<Locator> {
    await this.tab('Values');
    const row = this.node.locator('.jp-glnb-values-table table tr', {
      has: this.page.locator(`th:text-is("${name}")`)
    });
    await expect(row).toHaveCount(1);
    const names = await this.node.locator('.jp-glnb-values-table table th[scope=row]').allTextContents();
    await this.node.getByRole('application', { name: /Table of variables/ }).focus();
    await this.page.keyboard.press('Home');
    for (let at = 0; at < names.indexOf(name); at++) {
      await this.page.keyboard.press('ArrowDown');
    }
    await this.page.keyboard.press('Enter');
    const card = this.node.locator('.jp-glnb-values-card:visible');
    await expect(card.locator('.jp-glnb-values-name')).toHaveText(name);
    return card;
  }

  private async _inside<T>(look: (panel: IPanelWidget) => T): Promise<T> {
    const found = await this.page.evaluate(
      ([text, at]) => {
        const app = (window as unknown as IExposed).jupyterapp;
        const panels = [...document.querySelectorAll('.jp-glnb-panel')];
        const widgets = [...app.shell.widgets('main')].flatMap(({ content }) =>
          content && content.node === panels[at as number] ? [content] : []
        );
        return widgets.length ? { value: new Function('panel', `return (${text})(panel)`)(widgets[0]) } : null;
      },
      [String(look), this._at] as const
    );
    if (!found) {
      throw new Error('The page has no such panel');
    }
    return found.value as T;
  }
}

export const NOTEBOOKS = path.resolve(__dirname, '../notebooks');

/** A training that needs no data and takes some hundred microseconds a step. */
export const SMALL = `import graphlab_nb as tf, time
w = tf.Variable(tf.zeros([4, 3]), name="w")
x = tf.placeholder(tf.float32, [None, 4], name="x")
loss = tf.reduce_mean(tf.square(tf.matmul(x, w) - 1.0), name="loss")
train = tf.train.GradientDescentOptimizer(0.001).minimize(loss)
sess = tf.InteractiveSession()
sess.run(tf.initialize_all_variables())
feed = {x: [[1.0, 2.0, 3.0, 4.0]]}`;

/** Trains until it is stopped, or two minutes are over. */
export const ENDLESS = `end = time.time() + 120
while time.time() < end:
    sess.run(train, feed)
    time.sleep(0.002)`;

/** Uploads a notebook and opens it. */
export async function openNotebook(page: IJupyterLabPageFixture, tmpPath: string, name: string): Promise<void> {
  await page.contents.uploadFile(path.join(NOTEBOOKS, name), `${tmpPath}/${name}`);
  await show(page, tmpPath, name);
}

/** A notebook of cells. */
export function notebookOf(cells: readonly string[]): object {
  const kernelspec = { display_name: 'Python 3 (ipykernel)', language: 'python', name: 'python3' };
  return {
    cells: cells.map((source, at) => ({
      cell_type: 'code',
      id: `cell-${at}`,
      metadata: {},
      execution_count: null,
      outputs: [],
      source
    })),
    metadata: { kernelspec },
    nbformat: 4,
    nbformat_minor: 5
  };
}

/** Makes a notebook of cells and opens it. */
export async function makeNotebook(
  page: IJupyterLabPageFixture,
  tmpPath: string,
  name: string,
  cells: readonly string[]
): Promise<void> {
  await page.contents.uploadContent(JSON.stringify(notebookOf(cells)), 'text', `${tmpPath}/${name}`);
  await show(page, tmpPath, name);
}

/** Opens a notebook that the server has. */
export async function show(page: Page, tmpPath: string, name: string): Promise<void> {
  // By the application's own command: galata's way through the file browser needs the JupyterLab of its own version.
  await page.evaluate(async path => {
    const { jupyterapp } = window as unknown as IExposed;
    const opened = (await jupyterapp.commands.execute('docmanager:open', { path, factory: 'Notebook' })) as {
      sessionContext: { ready: Promise<void> };
    };
    await opened.sessionContext.ready;
  }, `${tmpPath}/${name}`);
  await activate(page, name);
  await expect(page.locator('.jp-NotebookPanel-toolbar:visible').first()).toBeVisible();
}

/** Brings something of the main area to the front, by its tab. */
export async function activate(page: Page, name: string): Promise<void> {
  await page.locator('.lm-DockPanel-tabBar .lm-TabBar-tab', { hasText: name }).first().click();
}

export async function openPanel(page: IJupyterLabPageFixture, at = 0): Promise<Panel> {
  const button = page.locator('.jp-NotebookPanel-toolbar:visible [data-command="graphlab-nb:open-panel"]');
  // Where the notebook is narrow, Jupyter puts the button into a menu.
  await (at === 0 ? button.click() : execute(page, 'graphlab-nb:open-panel'));
  const panel = new Panel(page, at);
  await expect(panel.node).toBeVisible();
  return panel;
}

/** A cell of the notebook that is seen. */
export function cellOf(page: Page, index: number): Locator {
  return page.locator('.jp-Notebook:visible .jp-CodeCell').nth(index);
}

export function outputOf(page: Page, index: number): Locator {
  return cellOf(page, index).locator('.jp-OutputArea');
}

/** Runs a cell; with `wait`, until it has ended. */
export async function runCell(page: Page, index: number, wait = true): Promise<void> {
  const cell = cellOf(page, index);
  await cell.locator('.cm-content').click();
  await page.keyboard.press('Control+Enter');
  if (wait) {
    await expect(cell.locator('.jp-InputPrompt')).toHaveText(/\[\d+\]:/, { timeout: 60000 });
  }
}

export async function execute(page: Page, command: string): Promise<void> {
  await page.evaluate(id => void (window as unknown as IExposed).jupyterapp.commands.execute(id), command);
}

/** Saves the notebook, and waits until that is done: a reload would break it off. */
export async function save(page: Page): Promise<void> {
  await page.evaluate(() => (window as unknown as IExposed).jupyterapp.commands.execute('docmanager:save'));
}

/** Reloads the page; what comes back is waited for by the test. */
export async function reload(page: IJupyterLabPageFixture): Promise<void> {
  await page.reload({ waitForIsReady: false } as Parameters<Page['reload']>[0]);
}

/** The themes that JupyterLab brings; of high contrast it has a dark one. */
export const THEMES = ['JupyterLab Light', 'JupyterLab Dark', 'JupyterLab Dark High Contrast'];

/** Takes another theme: one by its name, or the ordinary dark or light one. */
export async function setTheme(page: IJupyterLabPageFixture, theme: string | boolean): Promise<void> {
  const [light, dark] = THEMES;
  await page.theme.setTheme(typeof theme === 'string' ? theme : theme ? dark : light);
}

/** How many colours a picture has; a canvas that nothing was drawn on has one. */
export async function colours(canvas: Locator): Promise<number> {
  return canvas.evaluate((element: HTMLCanvasElement) => {
    const context = element.getContext('2d');
    if (!context || !element.width || !element.height) {
      return 0;
    }
    const { data } = context.getImageData(0, 0, element.width, element.height);
    return new Set(new Uint32Array(data.buffer)).size;
  });
}
