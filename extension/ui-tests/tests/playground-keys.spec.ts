import { APIRequestContext } from '@playwright/test';
import { openGround } from './ground';
import { cellOf, expect, test } from './lab';

test.setTimeout(240000);

interface ISaved {
  content: { cells: { source: string; outputs: { data?: Record<string, string> }[] }[] };
}

/** Of the notebook as it was saved: the step that its still picture tells; -1 where there is none. */
async function savedStep(request: APIRequestContext, baseURL: string | undefined, tmpPath: string): Promise<number> {
  const answer = await request.get(`${baseURL}/api/contents/${tmpPath}/playground.ipynb?content=1`);
  const { content } = (await answer.json()) as ISaved;
  const texts = content.cells[0].outputs.map(({ data }) => data?.['text/plain'] ?? '');
  const told = /step ([\d,]+)/.exec(texts.join(' '));
  return told ? Number(told[1].replace(/,/g, '')) : -1;
}

test('the key that saves reaches JupyterLab from anywhere in it, and plain keys do not', async ({
  page,
  request,
  baseURL,
  tmpPath
}) => {
  const ground = await openGround(page, tmpPath, 'layers=[2]', ['1']);
  const saved = () => savedStep(request, baseURL, tmpPath);
  expect(await saved()).toBe(-1);
  await ground.button('Play').focus();
  await page.keyboard.press('Control+s');
  await expect.poll(saved).toBe(0);

  await ground.button('One step').click();
  await expect.poll(() => ground.step()).toBe(1);
  await page.waitForTimeout(1500); // the picture is drawn when it rests
  await ground.node.locator('.glnb-pg-front').focus();
  await page.keyboard.press('Control+s');
  await expect.poll(saved).toBe(1);
  await ground.button('One step').click();
  await page.waitForTimeout(1500);
  await ground.node.getByLabel('Learning rate', { exact: true }).focus();
  await page.keyboard.press('Control+s');
  await expect.poll(saved).toBe(2);

  // Keys that mean something to the notebook: cells above and below, cut, markdown, merge, run.
  for (const place of [ground.node.locator('.glnb-pg-play'), ground.node.locator('.glnb-pg-front')]) {
    await place.focus();
    for (const key of ['a', 'b', 'x', 'd', 'd', 'm', 'z', 'Shift+m', 'Shift+Enter', 'Control+Enter', 'Alt+Enter']) {
      await page.keyboard.press(key);
    }
    await expect(place).toBeFocused();
  }
  await expect(page.locator('.jp-Notebook:visible .jp-Cell')).toHaveCount(2);
  await expect(cellOf(page, 0).locator('.jp-InputPrompt')).toHaveText('[1]:');
  await expect(cellOf(page, 1).locator('.jp-InputPrompt')).toHaveText('[ ]:');
});

test('keys that edit text do so in its fields', async ({ page, tmpPath }) => {
  const ground = await openGround(page, tmpPath, 'layers=[2]', ['1']);
  await ground.button('Open a shared text…').click();
  await page.keyboard.type('v=1&seed=2');
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Control+x');
  await expect(ground.text).toHaveValue('');
  await page.keyboard.press('Control+z');
  await expect(ground.text).toHaveValue('v=1&seed=2');
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Control+c');
  await page.keyboard.press('End');
  await page.keyboard.press('Control+v');
  await expect(ground.text).toHaveValue('v=1&seed=2v=1&seed=2');
  await page.keyboard.press('Control+Backspace');
  await expect(ground.text).not.toHaveValue('v=1&seed=2v=1&seed=2');
  await page.keyboard.press('Enter');
  await expect(ground.text).toHaveValue(/\n$/);
  await expect(ground.text).toBeFocused();
  await expect(page.locator('.jp-Notebook:visible .jp-Cell')).toHaveCount(2);
  await expect(cellOf(page, 0).locator('.cm-content')).toContainText('p = Playground(layers=[2])');
});

test('what is saved while it is played is about what is seen', async ({ page, request, baseURL, tmpPath }) => {
  const ground = await openGround(page, tmpPath, 'layers=[2]');
  await ground.choose('Steps a second', '100');
  await ground.play();
  await page.waitForTimeout(12000);
  const seen = await ground.step();
  await page.keyboard.press('Control+s');
  await expect.poll(() => savedStep(request, baseURL, tmpPath)).toBeGreaterThan(0);
  const saved = await savedStep(request, baseURL, tmpPath);
  await expect(ground.button('Pause')).toBeVisible();
  expect(saved).toBeGreaterThan(seen - 900); // of nine seconds: five, and what a slow machine takes
  expect(saved).toBeLessThan(seen + 300);
});
