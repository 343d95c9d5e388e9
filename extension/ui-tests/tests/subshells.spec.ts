import { galata } from '@jupyterlab/galata';
import { ENDLESS, expect, makeNotebook, openPanel, reload, runCell, SMALL, test } from './lab';

const KERNELS = '@jupyterlab/apputils-extension:kernels-settings';

interface IShown {
  jupyterapp: {
    shell: { currentWidget: { sessionContext: { session: { kernel: { commsOverSubshells?: string } } } } };
  };
}

/** JupyterLab can be told to send comms' messages without subshells, as kernels before ipykernel 7 take them. */
test.use({ mockSettings: { ...galata.DEFAULT_SETTINGS, [KERNELS]: { commsOverSubshells: 'disabled' } } });

test('without subshells the training is steered and looked at, and a reload in mid-cell finds it', async ({
  page,
  tmpPath
}) => {
  await makeNotebook(page, tmpPath, 'small.ipynb', [SMALL, ENDLESS]);
  const over = await page.evaluate(() => {
    const { shell } = (window as unknown as IShown).jupyterapp;
    return shell.currentWidget.sessionContext.session.kernel.commsOverSubshells;
  });
  expect(over).toBe('disabled');
  const panel = await openPanel(page);
  await runCell(page, 0);
  await panel.is('idle');
  await runCell(page, 1, false);
  await panel.is('running');
  await panel.pause();
  await panel.step(3);
  const card = await panel.openTensor('w:0');
  await expect(card.locator('.jp-glnb-values-step')).toHaveText(`Step ${(await panel.made()).toLocaleString('en')}`);
  await panel.button('fetch').click();
  await expect(panel.status).toHaveText(/^Values are of step/);
  await panel.resume();
  const made = await panel.made();
  await panel.passes(made);
  await panel.tab('Curves');
  await page.waitForTimeout(1500);
  const { length } = await panel.curve('loss');
  await reload(page);
  await expect(panel.node).toBeVisible({ timeout: 60000 });
  await panel.is('running', 5000);
  expect(await panel.made()).toBeGreaterThan(made);
  await expect.poll(async () => (await panel.curve('loss')).length).toBeGreaterThanOrEqual(length);
  await panel.pause();
  await panel.resume();
  await panel.stop();
});
