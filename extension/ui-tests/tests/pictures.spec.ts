import { expect, makeNotebook, outputOf, runCell, save, test } from './lab';

const MODEL = `import graphlab_nb as tf, time
W = tf.Variable(tf.ones([2, 3]), name="W")
grows = W.assign_add(tf.ones([2, 3]))
sess = tf.InteractiveSession()
W.initializer.run()`;
const TRAIN = `for _ in range(60):
    grows.eval()
    time.sleep(0.1)`;

test.describe('pictures in cells', () => {
  test('are true while another cell trains, and afterwards, and in the saved notebook', async ({ page, tmpPath }) => {
    await makeNotebook(page, tmpPath, 'pictures.ipynb', [MODEL, 'W', 'sess', TRAIN]);
    for (const k of [0, 1, 2]) {
      await runCell(page, k);
    }
    const [variable, session] = [1, 2].map(k => outputOf(page, k).locator('svg.glnb'));
    await expect(variable).toContainText('mean 1 ·');
    await expect(session).toContainText('open · 1 run ·');
    const box = await variable.boundingBox();
    await runCell(page, 3, false);
    const seen = new Set<string>();
    await expect
      .poll(async () => seen.add(/mean \S+/.exec((await variable.textContent()) ?? '')![0]).size, { intervals: [300] })
      .toBeGreaterThan(3);
    expect(await variable.boundingBox()).toEqual(box);
    await expect(variable).toContainText('mean 61 ·');
    await expect(session).toContainText('open · 61 runs ·');
    await save(page);
    const saved = await (await page.request.get(`/api/contents/${tmpPath}/pictures.ipynb`)).json();
    expect(JSON.stringify(saved.content.cells[1].outputs)).toContain('mean 61');
  });
});
