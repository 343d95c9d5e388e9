import { cellOf, ENDLESS, execute, expect, makeNotebook, openPanel, outputOf, runCell, SMALL, test } from './lab';

test.describe('kernels that come and go', () => {
  test('a restart: the panel says so, and forgets what it knew @smoke', async ({ page, tmpPath }) => {
    await makeNotebook(page, tmpPath, 'small.ipynb', [SMALL, ENDLESS]);
    const panel = await openPanel(page);
    await expect(panel.status).toContainText('import graphlab_nb');
    await runCell(page, 0);
    await panel.is('idle');
    await expect.poll(() => panel.boxes()).toContain('w/');
    await execute(page, 'notebook:restart-kernel');
    await page.locator('.jp-Dialog button.jp-mod-warn').click();
    await expect(panel.status).toContainText('import graphlab_nb', { timeout: 30000 });
    expect(await panel.boxes()).toEqual([]);
    await panel.tab('Values');
    await expect(panel.node.getByText(/No session is open yet/)).toBeVisible();
    await runCell(page, 0);
    await panel.is('idle');
    await panel.tab('Graph');
    await expect.poll(() => panel.boxes()).toContain('w/');
    await runCell(page, 1, false);
    await panel.is('running');
    await panel.stop();
  });

  test('a restart while paused', async ({ page, tmpPath }) => {
    await makeNotebook(page, tmpPath, 'small.ipynb', [SMALL, ENDLESS]);
    const panel = await openPanel(page);
    await runCell(page, 0);
    await runCell(page, 1, false);
    await panel.is('running');
    await panel.pause();
    await execute(page, 'notebook:restart-kernel');
    await page.locator('.jp-Dialog button.jp-mod-warn').click();
    await panel.is('missing');
    await runCell(page, 0);
    await panel.is('idle');
  });

  test('a kernel that was killed', async ({ page, tmpPath }) => {
    await makeNotebook(page, tmpPath, 'small.ipynb', [SMALL, 'import os\nos._exit(1)']);
    const panel = await openPanel(page);
    await runCell(page, 0);
    await panel.is('idle');
    await runCell(page, 1, false);
    await expect(panel.status).not.toHaveText(/Idle/);
    await expect(page.locator('.jp-Dialog')).toContainText('Kernel Restarting', { timeout: 30000 });
    await page.locator('.jp-Dialog button').last().click();
    await panel.is('missing');
    await expect(panel.status).toContainText('import graphlab_nb');
    await runCell(page, 0);
    await panel.is('idle');
    await expect.poll(() => panel.boxes()).toContain('w/');
  });

  test('an interrupt as Jupyter does it, while paused', async ({ page, tmpPath }) => {
    await makeNotebook(page, tmpPath, 'small.ipynb', [SMALL, ENDLESS]);
    const panel = await openPanel(page);
    await runCell(page, 0);
    await runCell(page, 1, false);
    await panel.is('running');
    await panel.pause();
    await page.locator('.jp-NotebookPanel-toolbar:visible [data-command="notebook:interrupt-kernel"]').click();
    await expect(outputOf(page, 1)).toContainText('KeyboardInterrupt');
    await panel.is('idle');
  });

  test('another version of the protocol', async ({ page, tmpPath }) => {
    const patched = 'from graphlab_nb.notebook import protocol\nprotocol.VERSION = 99';
    await makeNotebook(page, tmpPath, 'small.ipynb', [SMALL, patched, 'protocol.VERSION = 1']);
    const panel = await openPanel(page);
    await runCell(page, 0);
    await panel.is('idle');
    await runCell(page, 1);
    await panel.is('lost');
    await expect(panel.status).toContainText('99');
    await expect(panel.status).toContainText('reload the page');
    // It stays said: nothing else flickers in between while the panel tries again and again.
    const seen = await panel.status.evaluate(async node => {
      const texts = new Set([node.textContent]);
      const watch = new MutationObserver(() => texts.add(node.textContent));
      watch.observe(node, { childList: true, characterData: true, subtree: true });
      await new Promise(resolve => setTimeout(resolve, 6000));
      watch.disconnect();
      return [...texts];
    });
    expect(seen.filter(text => !text?.includes('99'))).toEqual([]);
    await runCell(page, 2);
    await panel.is('idle');
  });

  test('a notebook whose kernel is shut down, and started again', async ({ page, tmpPath }) => {
    await makeNotebook(page, tmpPath, 'small.ipynb', [SMALL]);
    const panel = await openPanel(page);
    await runCell(page, 0);
    await panel.is('idle');
    await execute(page, 'kernelmenu:shutdown');
    await panel.is('none');
    await expect(panel.status).toContainText('no kernel');
    await execute(page, 'kernelmenu:restart');
    const sure = page.locator('.jp-Dialog button.jp-mod-accept, .jp-Dialog button.jp-mod-warn');
    await sure.click({ timeout: 3000 }).catch(() => undefined);
    await panel.is('missing');
    await runCell(page, 0);
    await panel.is('idle');
    await expect(cellOf(page, 0)).toBeVisible();
  });
});
