import { openGround } from './ground';
import { cellOf, execute, expect, outputOf, runCell, test } from './lab';

test.setTimeout(240000);

test('a kernel that is gone is told of, and one that is busy as well', async ({ page, tmpPath }) => {
  const ground = await openGround(page, tmpPath, 'layers=[2]', [
    'import time\nwith p._trainer.lock:\n    time.sleep(9)'
  ]);
  await ground.play();
  await ground.passes(50);
  await runCell(page, 1, false);
  await expect(ground.note).toHaveText('The kernel is busy: it answers when it is done', { timeout: 9000 });
  await expect(ground.note).toHaveText('', { timeout: 30000 });
  await expect(ground.button('Pause')).toBeVisible();
  await ground.passes((await ground.step()) + 20);

  await execute(page, 'notebook:restart-kernel');
  const gone = 'The kernel does not answer: run the cell again';
  await page.locator('.jp-Dialog button.jp-mod-warn').click();
  await expect(ground.note).toHaveText(gone);
  await expect(ground.button('Play')).toBeVisible();
  await expect(ground.node.locator('.glnb-pg-count')).not.toContainText('/s');
  await ground.button('Play').click();
  await page.waitForTimeout(4000);
  await expect(ground.note).toHaveText(gone);
  // A kernel that is still starting may drop what it is asked.
  await expect(async () => {
    await runCell(page, 0, false);
    await expect(cellOf(page, 0).locator('.jp-InputPrompt')).toHaveText(/\[\d+\]:/, { timeout: 15000 });
  }).toPass({ timeout: 60000 });
  await ground.passes(-1);
  await expect(ground.note).toHaveText('');
});

test('what is wrong is said beside where it was typed', async ({ page, tmpPath }) => {
  const ground = await openGround(page, tmpPath, 'layers=[2], seed=3', ['p.state']);
  await ground.button('Open a shared text…').click();
  const beside = ground.node.locator('.glnb-pg-share .glnb-pg-problem');
  await ground.button('Open this state').click();
  await expect(beside).toHaveText(/^An empty text is no state of a playground/);
  await ground.text.fill('v=1&layers=99');
  await ground.button('Open this state').click();
  await expect(beside).toHaveText('layers must be from 1 to 8 neurons in each, not 99');
  await ground.text.fill('v=1&layers=3');
  await ground.button('Open this state').click();
  await expect(ground.node.locator('[data-key^="n1."]')).toHaveCount(3);
  await expect(beside).toHaveText('');

  await ground.button(/^Hidden 1, neuron 1/).click();
  const weight = ground.node.getByLabel('from x₁');
  await expect(weight).not.toHaveValue('');
  const before = await weight.inputValue();
  const refused = 'from x₁: that is no number that a weight can be, so it stays as it was';
  await ground.enter('from x₁', '1e400');
  await expect(ground.note).toHaveText(refused);
  await expect(weight).toHaveValue(before);
  await ground.button('Share as text').click();
  await expect(ground.text).toHaveValue('v=1&layers=3');
  await expect(ground.note).toHaveText('');
  // What the kernel refuses, as what is no number: the card shows what is.
  await ground.enter('from x₁', '1e9');
  await expect(ground.note).toHaveText(/^A weight must be a number of less than a million/);
  await expect(weight).toHaveValue(before);
  await weight.fill('');
  await page.keyboard.press('Enter');
  await expect(ground.note).toHaveText(refused);
  await expect(weight).toHaveValue(before);
  await runCell(page, 1);
  await expect(outputOf(page, 1)).toContainText("'v=1&layers=3'");
});

test('nothing beside the steps moves while it trains', async ({ page, tmpPath }) => {
  await page.setViewportSize({ width: 1280, height: 900 });
  const ground = await openGround(page, tmpPath, 'layers=[2]');
  const fields = ground.node.locator('.glnb-pg-bar .glnb-pg-field');
  const places = () =>
    fields.evaluateAll(nodes => nodes.map(node => [node.getBoundingClientRect().x, node.getBoundingClientRect().y]));
  const before = await places();
  expect(before.length).toBe(7);
  await ground.play();
  await ground.passes(1100);
  await expect(ground.node.locator('.glnb-pg-count')).toContainText('/s');
  const now = await places();
  await ground.pause();
  const top = before[0][1];
  expect(now.map(([x, y]) => [x, y - now[0][1]])).toEqual(before.map(([x, y]) => [x, y - top]));
  const rows = new Set(before.map(([, y]) => Math.round(y)));
  const last = before.filter(([, y]) => Math.round(y) === Math.round(before[6][1]));
  expect(rows.size === 1 || last.length > 1).toBe(true);
});
