import { cellOf, expect, makeNotebook, runCell, test } from './lab';

/** Seconds for which frames and steps are counted. */
const SECONDS = 10;

const NETS = {
  'as it begins': '',
  'the largest':
    'layers=[8] * 6, features=["x1", "x2", "x1x1", "x2x2", "x1x2", "sinx1", "sinx2"], optimizer="adam", learning_rate=0.001',
  MNIST: 'data="mnist", layers=[8]'
};

test.setTimeout(180000);

for (const [name, made] of Object.entries(NETS)) {
  test(`frames and steps a second of the playground: ${name}`, async ({ page, tmpPath }) => {
    const source = `from graphlab_nb.notebook import Playground\np = Playground(${made})\np`;
    await makeNotebook(page, tmpPath, 'playground.ipynb', [source]);
    await runCell(page, 0);
    const ground = cellOf(page, 0).locator('.glnb-pg');
    await expect(ground).toHaveAttribute('data-step', /\d+/, { timeout: 60000 });
    await ground.getByRole('button', { name: 'Play' }).click();
    const count = async (of: string) => Number(await ground.getAttribute(`data-${of}`));
    await expect.poll(() => count('step'), { timeout: 60000 }).toBeGreaterThan(100);
    const [frames, steps, began] = [await count('frames'), await count('step'), Date.now()];
    await page.waitForTimeout(SECONDS * 1000);
    const took = (Date.now() - began) / 1000;
    const rate = (before: number, after: number) => ((after - before) / took).toFixed(0);
    console.log(
      `${name}: ${rate(frames, await count('frames'))} frames/s, ${rate(steps, await count('step'))} steps/s`
    );
  });
}
