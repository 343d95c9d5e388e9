import { ENDLESS, expect, makeNotebook, openPanel, outputOf, reload, runCell, SMALL, test } from './lab';

/** What views keep is saved a moment after it changed. */
const KEPT = 1500;

/** Joins what was there before, so that the graph lies otherwise than one that is laid out at once. */
const MORE = `late = tf.reduce_sum(x * 2.0, name="late")
both = tf.add(late, loss, name="both")
with tf.name_scope("head"):
    top = tf.square(both + tf.reduce_max(w), name="top")
again = tf.multiply(top, late, name="again")`;

test.describe('what is known of a training', () => {
  test('measured times and the arrangement are there again after a reload', async ({ page, tmpPath }) => {
    await makeNotebook(page, tmpPath, 'small.ipynb', [SMALL, MORE, ENDLESS]);
    const panel = await openPanel(page);
    await runCell(page, 0);
    await expect.poll(() => panel.boxes()).toContain('w/');
    await runCell(page, 1);
    await expect.poll(() => panel.boxes()).toContain('head/');
    await runCell(page, 2, false);
    await panel.is('running');
    await panel.node.getByLabel('Colour by').selectOption('time');
    await panel.node.getByRole('button', { name: 'Measure the next run' }).click();
    const legend = panel.node.getByRole('group', { name: 'What the colours mean' });
    await expect(legend).toContainText(/Measured in step [\d,]+/);
    const said = /Measured in step [\d,]+/.exec((await legend.textContent()) ?? '')?.[0] ?? '';
    await page.waitForTimeout(KEPT);
    const places = await panel.places();

    await reload(page);
    await expect(panel.node).toBeVisible({ timeout: 60000 });
    await expect(legend).toContainText(said);
    await expect.poll(() => panel.places()).toEqual(places);
    await panel.is('running');
    await panel.stop();
  });

  test('a value that cannot be had any more stays, and why is said beneath it', async ({ page, tmpPath }) => {
    const other = 'sess.run(tf.add(tf.placeholder(tf.float32, name="p"), 1.0), {"p:0": 1.0})';
    await makeNotebook(page, tmpPath, 'small.ipynb', [SMALL, ENDLESS, other]);
    const panel = await openPanel(page);
    await runCell(page, 0);
    await runCell(page, 1, false);
    await panel.is('running');
    await panel.node.getByRole('application', { name: /^Graph/ }).focus();
    await panel.node.getByRole('searchbox', { name: 'Search operations' }).fill('MatMul');
    await page.keyboard.press('Enter');
    const value = panel.node.locator('.jp-glnb-graph-value');
    await expect(value).toContainText(/at step \d+/);
    await panel.stop();
    await runCell(page, 2);
    await expect(value).toContainText("there is no newer one: It is computed from what runs feed to 'x'");
    await expect(value.locator('.jp-glnb-graph-value-text')).toHaveText(/^mean .* at step [\d,]+$/);
    await expect(value.locator('canvas')).toBeVisible();
  });

  test('an interrupt while paused shows the line of the cell and nothing of the library', async ({ page, tmpPath }) => {
    await makeNotebook(page, tmpPath, 'small.ipynb', [SMALL, ENDLESS]);
    const panel = await openPanel(page);
    await runCell(page, 0);
    await runCell(page, 1, false);
    await panel.is('running');
    await panel.pause();
    await page.locator('.jp-NotebookPanel-toolbar:visible [data-command="notebook:interrupt-kernel"]').click();
    await expect(outputOf(page, 1)).toContainText('---> 3     sess.run(train, feed)');
    await expect(outputOf(page, 1)).toContainText('KeyboardInterrupt');
    await expect(outputOf(page, 1)).not.toContainText('.py');
  });
});
