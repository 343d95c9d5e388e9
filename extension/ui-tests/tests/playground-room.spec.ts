import { Locator, Page } from '@playwright/test';
import { Ground, openGround } from './ground';
import { execute, expect, setTheme, test } from './lab';

test.setTimeout(240000);

/** Whether what is seen in the middle of an element is that element. */
async function free(element: Locator): Promise<boolean> {
  await element.scrollIntoViewIfNeeded();
  return element.evaluate(node => {
    const { x, y, width, height } = node.getBoundingClientRect();
    const seen = document.elementFromPoint(x + width / 2, y + height / 2);
    return node.contains(seen);
  });
}

/** How far each thing begins after the one before it ends. */
async function gaps(things: Locator): Promise<number[]> {
  const sides = await things.evaluateAll(nodes => nodes.map(node => node.getBoundingClientRect()));
  return sides.slice(1).map((side, at) => Math.round(side.left - sides[at].right));
}

/** Clicks on a line of the net, where it is between two columns. */
async function clickLine(page: Page, ground: Ground, at: number): Promise<void> {
  const line = ground.node.locator('.glnb-pg-felt').nth(at);
  await ground.node.locator('[data-key="n6.0"]').scrollIntoViewIfNeeded();
  const [x, y] = await line.evaluate((path: SVGPathElement) => {
    const middle = path.getPointAtLength(path.getTotalLength() / 2);
    const { x, y } = middle.matrixTransform(path.getScreenCTM() as DOMMatrix);
    return [x, y];
  });
  await page.mouse.click(x, y);
}

const PLACES = [
  { width: 1280, height: 1000, browser: true },
  { width: 1100, height: 900, browser: true },
  { width: 600, height: 900, browser: false }
];

for (const { width, height, browser } of PLACES) {
  test(`six layers have room in a window of ${width}`, async ({ page, tmpPath }) => {
    await page.setViewportSize({ width: 1280, height });
    await (browser ? page.sidebar.open('left') : page.sidebar.close('left'));
    const ground = await openGround(page, tmpPath, 'layers=[8]');
    await page.setViewportSize({ width, height });
    const more = ground.button('One hidden layer more');
    for (let layers = 2; layers <= 6; layers++) {
      await more.click();
      await expect(ground.node.getByText(`${layers} hidden layers`)).toBeVisible();
    }
    for (const layer of [2, 3, 4, 5, 6]) {
      await ground.button(`One more neuron in hidden layer ${layer}`).click();
    }
    await expect(ground.node.locator('[data-key^="n6."]')).toHaveCount(3);
    const heads = ground.node.locator('.glnb-pg-head');
    await expect(heads).toHaveCount(8);
    expect(Math.min(...(await gaps(heads)))).toBeGreaterThanOrEqual(8);
    for (const button of await ground.node.locator('.glnb-pg-head button:enabled').all()) {
      expect(await free(button)).toBe(true);
    }
    const inside = () =>
      ground.node.evaluate(node => node.scrollWidth <= node.clientWidth && document.body.scrollLeft === 0);
    expect(await inside()).toBe(true);

    // A line of the last hidden layer; its card is all to be seen, and closes by keyboard to its neuron.
    await clickLine(page, ground, -2);
    const card = ground.node.getByRole('dialog');
    await expect(card).toHaveAttribute('aria-label', 'Weights of Output');
    await expect(ground.node.getByLabel('from Hidden 6, neuron 2')).toBeFocused();
    for (const field of await card.locator('input, button').all()) {
      expect(await free(field)).toBe(true);
    }
    const box = await card.boundingBox();
    const around = await ground.node.boundingBox();
    expect(box!.x).toBeGreaterThanOrEqual(around!.x);
    expect(box!.x + box!.width).toBeLessThanOrEqual(around!.x + around!.width);
    await page.keyboard.press('Escape');
    await expect(ground.button(/^Output/)).toBeFocused();

    // Each neuron is reached by keyboard, and then is in sight.
    for (const key of ['x1', 'n3.1', 'n6.2']) {
      await ground.node.locator(`[data-key="${key}"]`).focus();
      await expect.poll(() => free(ground.node.locator(`[data-key="${key}"]`))).toBe(true);
    }
    const scroller = ground.node.locator('.glnb-pg-scroller');
    const scrolls = await scroller.evaluate(node => node.scrollWidth > node.clientWidth);
    expect(scrolls).toBe(width === 600);
    expect(await scroller.getAttribute('tabindex')).toBe(scrolls ? '0' : null);
    if (scrolls) {
      await scroller.focus();
      const before = await scroller.evaluate(node => node.scrollLeft);
      expect(before).toBeGreaterThan(0);
      await page.keyboard.press('ArrowLeft');
      await expect.poll(() => scroller.evaluate(node => node.scrollLeft)).toBeLessThan(before);
    }
  });
}

test('a wide window has data, net and output side by side', async ({ page, tmpPath }) => {
  await page.setViewportSize({ width: 1500, height: 900 });
  const ground = await openGround(page, tmpPath, 'layers=[8] * 6');
  await execute(page, 'application:toggle-left-area');
  const parts = ground.node.locator('.glnb-pg-main > div');
  await expect
    .poll(async () => new Set(await parts.evaluateAll(nodes => nodes.map(node => node.getBoundingClientRect().y))).size)
    .toBe(1);
  expect(Math.min(...(await gaps(parts)))).toBe(16);
});

test('a field of the card shows all digits of a weight', async ({ page, tmpPath }) => {
  const ground = await openGround(page, tmpPath, 'layers=[8]');
  const weight = ground.node.getByLabel('from x₁');
  for (const [typed, shown] of [
    ['-0.7965712', '-0.796571'],
    ['-0.0000123456789', '-1.23457e-5'],
    ['-1.23456789e-38', '-1.23457e-38'],
    ['-0.000123456789', '-0.000123457'],
    ['-123456.789', '-123457']
  ]) {
    await ground.button(/^Hidden 1, neuron 8/).click();
    await ground.enter('from x₁', typed);
    await page.keyboard.press('Escape');
    await ground.button(/^Hidden 1, neuron 8/).click();
    await expect(weight).toHaveValue(shown);
    const clipped = await weight.evaluate((node: HTMLInputElement) => {
      const context = document.createElement('canvas').getContext('2d')!;
      const style = getComputedStyle(node);
      context.font = style.font;
      const arrows = 18; // that browsers put beside the number
      const room = node.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight) - arrows;
      return context.measureText(node.value).width > room;
    });
    expect(clipped).toBe(false);
    await page.keyboard.press('Escape');
  }
});

test('a card that is opened before an edit is answered shows the edit when it is', async ({ page, tmpPath }) => {
  const ground = await openGround(page, tmpPath, 'layers=[8]');
  const weight = ground.node.getByLabel('from x₁');
  await ground.button(/^Hidden 1, neuron 8/).click();
  await weight.evaluate((field: HTMLInputElement) => {
    field.value = '0.25';
    field.dispatchEvent(new Event('change'));
    const neuron = field.closest('.glnb-pg')!.querySelector<HTMLElement>('[data-key="n1.7"]')!;
    field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
    neuron.click();
  });
  await expect(weight).toBeFocused();
  await expect(weight).toHaveValue('0.25');

  // What is being typed stays.
  const before = await ground.frames();
  await weight.evaluate((field: HTMLInputElement) => {
    field.value = '0.5';
    field.dispatchEvent(new Event('change'));
    field.value = '0.75';
  });
  await expect.poll(() => ground.frames()).toBeGreaterThan(before);
  await expect(weight).toHaveValue('0.75');
});

test('points for testing have a dark edge that is seen on any page', async ({ page, tmpPath }) => {
  const ground = await openGround(page, tmpPath, 'share=50');
  await expect(ground.node.locator('.glnb-pg-caption')).toContainText('Points with a dark edge are for testing');
  /** Of the dark edge that is furthest left: how light it is beside it; and how many of its pixels there are. */
  const edges = () =>
    ground.node.locator('.glnb-pg-front').evaluate((canvas: HTMLCanvasElement) => {
      const { width, height } = canvas;
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, width, height);
      let [dark, beside] = [0, -1];
      for (let x = 3; x < width; x++) {
        for (let y = 0; y < height; y++) {
          const at = (y * width + x) * 4;
          if (data[at + 3] > 190 && Math.max(data[at], data[at + 1], data[at + 2]) < 80) {
            dark += 1;
            const lights = [1, 2, 3].map(away => data[at - 4 * away + 3] > 100 && data[at - 4 * away]);
            beside = beside < 0 ? Math.max(...lights.map(Number)) : beside;
          }
        }
      }
      return { dark, beside };
    });
  const first = await edges();
  expect(first.dark).toBeGreaterThan(500);
  for (const dark of [false, true]) {
    await setTheme(page, dark);
    expect((await edges()).beside).toBeGreaterThan(200);
  }
  await ground.node.getByRole('slider', { name: 'To learn from' }).fill('90');
  await expect.poll(async () => (await edges()).dark).toBeLessThan(first.dark / 2);
});
