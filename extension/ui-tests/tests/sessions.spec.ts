import { expect, makeNotebook, openPanel, runCell, SMALL, test } from './lab';

const TWO = `
newer = tf.Session()
newer.run(tf.initialize_all_variables())
def train_for(session, seconds):
    end = time.time() + seconds
    while time.time() < end:
        session.run(train, feed)
        time.sleep(0.003)`;

test('values are those of the session that trains, or of the one that was chosen', async ({ page, tmpPath }) => {
  await makeNotebook(page, tmpPath, 'two.ipynb', [SMALL + TWO, 'train_for(sess, 90)', 'train_for(newer, 90)']);
  const panel = await openPanel(page);
  await runCell(page, 0);
  await panel.is('idle');
  await panel.tab('Values');
  const choice = panel.node.getByRole('combobox', { name: 'Session', exact: true });
  const shown = () => choice.evaluate((node: HTMLSelectElement) => node.selectedOptions[0].text);
  await runCell(page, 1, false);
  await panel.is('running');
  await expect.poll(shown).toBe('What runs: sess');
  const step = panel.node.locator('.jp-glnb-values-status');
  const seen = async () => Number(/step ([\d,]+)/.exec((await step.textContent()) ?? '')?.[1].replace(/,/g, ''));
  await expect.poll(seen).toBeGreaterThan(20);
  const before = await seen();
  await expect.poll(seen).toBeGreaterThan(before);
  await panel.stop();
  await runCell(page, 2, false);
  await panel.is('running');
  await expect.poll(shown).toBe('What runs: newer');
  await choice.selectOption({ label: 'sess' });
  await page.waitForTimeout(2500);
  expect(await shown()).toBe('sess');
  await choice.selectOption('');
  await expect.poll(shown).toBe('What runs: newer');
  await panel.stop();
});
