import { expect, makeNotebook, openPanel, runCell, test } from './lab';

const MODEL = `import graphlab_nb as tf, numpy as np
whole = tf.Variable(np.array([[2**53 + 1, 2**62], [-(2**63), 7]], np.int64), name="whole")
large = tf.Variable(np.array([[1e300, 0.1], [1e-300, 1 / 3]]), name="large")
alone = tf.Variable(np.float64(1e300), name="alone")
endless = tf.Variable(np.full((3, 4), np.inf, np.float32), name="endless")
many = tf.Variable((np.arange(3000 * 3000) % 1000003).astype(np.int32).reshape(3000, 3000) + 16777217, name="many")
x = tf.constant(np.random.RandomState(0).rand(50, 28, 28, 1).astype(np.float32))
seen = tf.nn.conv2d(x, tf.Variable(tf.random_normal([5, 5, 1, 32]), name="w"), [1, 1, 1, 1], "SAME", name="conv")
sess = tf.Session()
sess.run(tf.initialize_all_variables())
sess.run(seen).shape`;

test.describe('numbers', () => {
  test('are the tensor’s own, under the cursor and in statistics @smoke', async ({ page, tmpPath }) => {
    await makeNotebook(page, tmpPath, 'exact.ipynb', [MODEL]);
    const panel = await openPanel(page);
    await runCell(page, 0);
    await panel.is('idle');
    const readout = (card: Awaited<ReturnType<typeof panel.openTensor>>) => card.locator('.jp-glnb-values-readout');

    let card = await panel.openTensor('whole:0');
    await expect(readout(card)).toHaveText('[0, 0] = 9007199254740993');
    card = await panel.openTensor('large:0');
    await expect(readout(card)).toHaveText('[0, 0] = 1e+300');
    await expect(card.locator('.jp-glnb-values-statistics')).toContainText('Norm 1e300');
    await expect(card.locator('.jp-glnb-values-statistics')).toContainText('Inf 0');
    card = await panel.openTensor('alone:0');
    await expect(card.locator('.jp-glnb-values-number')).toHaveText('1e+300');
    await expect(card.locator('.jp-glnb-values-statistics')).toContainText('Deviation 0');
    card = await panel.openTensor('endless:0');
    await expect(card.locator('.jp-glnb-values-statistics')).toContainText(
      /Mean ∞.*Min ∞.*Max ∞.*Norm ∞.*NaN 0.*Inf 12/
    );
  });

  test('are told one by one where a picture has only means of them', async ({ page, tmpPath }) => {
    await makeNotebook(page, tmpPath, 'many.ipynb', [MODEL]);
    const panel = await openPanel(page);
    await runCell(page, 0);
    await panel.is('idle');
    const card = await panel.openTensor('many:0');
    const readout = card.locator('.jp-glnb-values-readout');
    await expect(readout).toHaveText(/^\[\d+, \d+\] = \d+; the mean of /);
    const map = card.locator('.jp-glnb-values-picture canvas:visible').first();
    const box = (await map.boundingBox())!;
    for (const [x, y] of [
      [0.35, 0.5],
      [0.3521, 0.52]
    ]) {
      await page.mouse.move(box.x + x * box.width, box.y + y * box.height);
      await expect(readout).toHaveText(/^\[\d+, \d+\] = \d+; the mean of /);
      await expect
        .poll(async () => {
          const [, row, column, number] = /^\[(\d+), (\d+)\] = (\d+);/.exec((await readout.textContent()) ?? '') ?? [];
          return Number(number) - (((Number(row) * 3000 + Number(column)) % 1000003) + 16777217);
        })
        .toBe(0);
    }
  });

  test('of an image stand in the card of the node that makes it', async ({ page, tmpPath }) => {
    await makeNotebook(page, tmpPath, 'image.ipynb', [MODEL]);
    const panel = await openPanel(page);
    await runCell(page, 0);
    await panel.is('idle');
    await panel.tab('Graph');
    const search = page.locator('.jp-glnb-graph input[type=search]').first();
    await search.fill('conv');
    await search.press('Enter');
    const value = page.locator('.jp-glnb-graph-value');
    await expect(value).toContainText('[0, :, :, 0] is shown');
    const canvas = value.locator('canvas');
    expect(await canvas.evaluate((c: HTMLCanvasElement) => [c.width, c.height])).toEqual([28, 28]);
  });
});
