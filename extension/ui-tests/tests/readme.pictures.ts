import * as fs from 'fs';
import * as path from 'path';
import { expect, IExposed, Panel, setTheme, show, test } from './lab';
import { IJupyterLabPageFixture } from '@jupyterlab/galata';

/*
 * The pictures of the panel in README and in the documentation, taken from the notebook of the deep net as it stands here:
 * look at them before you keep them.
 */
const ROOT = path.resolve(__dirname, '../../..');
const NOTEBOOK = '03_deep_mnist.ipynb';

interface ICell {
  cell_type: string;
  source: string | string[];
  outputs?: unknown[];
}

const source = (cell: ICell) => ([] as string[]).concat(cell.source).join('');

test.setTimeout(400000);
test.use({ viewport: { width: 1320, height: 800 } });

/** Shows a cell of the notebook, and runs it; with `wait`, until it has ended. */
async function go(page: IJupyterLabPageFixture, at: number, run: boolean, wait = true): Promise<void> {
  await page.evaluate(
    async ([at, run, wait]) => {
      const { jupyterapp } = window as unknown as IExposed;
      const shown = [...jupyterapp.shell.widgets('main')].find(
        widget => 'activeCellIndex' in (widget.content ?? {})
      ) as unknown as { content: { activeCellIndex: number; scrollToItem(at: number, where?: string): Promise<void> } };
      shown.content.activeCellIndex = at as number;
      const ran = run ? jupyterapp.commands.execute('notebook:run-cell') : undefined;
      await shown.content.scrollToItem(at as number, 'smart');
      if (wait) {
        await ran;
      }
    },
    [at, run, wait] as const
  );
}

test('pictures of README', async ({ page, tmpPath }) => {
  const notebook = JSON.parse(fs.readFileSync(path.join(ROOT, 'notebooks', NOTEBOOK), 'utf8')) as { cells: ICell[] };
  notebook.cells.forEach(cell => cell.outputs && (cell.outputs = []));
  const code = notebook.cells.map((cell, at) => (cell.cell_type === 'code' ? at : -1)).filter(at => at >= 0);
  const training = code.find(at => source(notebook.cells[at]).startsWith('STEPS ='))!;
  const convolutions = code.find(at => source(notebook.cells[at]).includes('name_scope("conv2")'))!;
  const passes = (step: number) => expect.poll(() => panel.steps(), { timeout: 120000 }).toBeGreaterThan(step); // the first step builds kernels
  const picture = (name: string) => page.screenshot({ path: path.join(ROOT, 'notebooks/images', name) });

  await page.sidebar.close('left');
  await page.contents.uploadContent(JSON.stringify(notebook), 'text', `${tmpPath}/${NOTEBOOK}`);
  await show(page, tmpPath, NOTEBOOK);
  const panel = new Panel(page);
  await page.locator('.lm-TabBar-tab', { hasText: 'Launcher' }).locator('.lm-TabBar-tabCloseIcon').click();
  for (const at of code.filter(at => at < training)) {
    await go(page, at, true);
  }
  await panel.tab('Graph');
  await go(page, convolutions - 3, false);
  await go(page, convolutions, false);
  await page.waitForTimeout(3000);
  await picture('panel_graph.png');

  await go(page, training, true, false);
  await panel.is('running', 120000);
  const card = await panel.openTensor('conv1/W:0');
  await passes(400);
  await page.waitForTimeout(3000);
  await expect(card).toBeVisible();
  await picture('panel_values.png');
  await passes(900);
  await panel.stop();

  await setTheme(page, true);
  await panel.tab('Curves');
  for (const steps of [500, 700]) {
    await go(page, training, true, false);
    await panel.is('running', 120000);
    await passes(steps);
    if (steps < 700) {
      await panel.stop();
    }
  }
  await page.waitForTimeout(1500);
  await picture('panel_curves.png');
  await panel.stop();
});
