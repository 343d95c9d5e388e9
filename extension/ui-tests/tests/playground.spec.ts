import AxeBuilder from '@axe-core/playwright';
import { Locator } from '@playwright/test';
import { Ground, openGround } from './ground';
import { cellOf, colours, expect, openPanel, outputOf, reload, runCell, save, setTheme, test } from './lab';

test.setTimeout(240000);

test('plays, steps and begins anew while cells are run, and every picture is live', async ({ page, tmpPath }) => {
  const ground = await openGround(page, tmpPath, 'learning_rate=0.1', [
    'print(p.playing, p.step is not None)',
    'p.state'
  ]);
  const surface = ground.node.locator('.glnb-pg-back');
  const hidden = ground.node.locator('[data-key="n1.0"] canvas');
  const pixels = (canvas: Locator) => canvas.evaluate((node: HTMLCanvasElement) => node.toDataURL());
  const before = [await pixels(surface), await pixels(hidden)];
  const width = () => ground.node.locator('.glnb-pg-link').first().getAttribute('stroke-width');
  const wide = await width();
  expect(await colours(surface)).toBeGreaterThan(20);

  await ground.play();
  await ground.passes(200);
  const frames = await ground.frames();
  await expect.poll(() => ground.frames(), { timeout: 30000 }).toBeGreaterThan(frames + 20);
  expect(await pixels(surface)).not.toBe(before[0]);
  expect(await pixels(hidden)).not.toBe(before[1]);
  expect(await width()).not.toBe(wide);

  await runCell(page, 1);
  await expect(outputOf(page, 1)).toHaveText('True True');
  await ground.passes((await ground.step()) + 100);
  const made = await ground.pause();
  await expect(ground.node.locator('.glnb-pg-losses')).toHaveText(/learned [\d.]+.*, test [\d.]+.*%\sright/);
  await runCell(page, 2);
  await expect(outputOf(page, 2)).toContainText(`'v=1&learning_rate=0.1&steps=${made}'`);

  await ground.button('One step').click();
  await expect.poll(() => ground.step()).toBe(made + 1);
  await ground.button('Begin anew').click();
  await expect.poll(() => ground.step()).toBe(0);
  await ground.button(/^Undo/).click();
  await expect.poll(() => ground.step()).toBe(made + 1);
});

test('points are drawn, learned, and taken away', async ({ page, tmpPath }) => {
  const ground = await openGround(page, tmpPath, 'data="own", layers=[3], learning_rate=0.1', ['p.state', 'p.judge()']);
  await ground.button('Play').click();
  await expect(ground.note).toHaveText('There are no points to learn from: draw some first');
  for (const [x, y] of [
    [-4, 4],
    [-3, 2],
    [-2, 3],
    [-5, 3]
  ]) {
    await page.mouse.click(...(await ground.spot(x, y)));
  }
  await ground.node.getByRole('radio', { name: /red/ }).check();
  await page.mouse.move(...(await ground.spot(1, -3)));
  await page.mouse.down();
  for (let k = 1; k <= 8; k++) {
    await page.mouse.move(...(await ground.spot(1 + k / 2, -3)));
  }
  await page.mouse.up();
  const front = ground.node.locator('.glnb-pg-front');
  const drawn = async () => Number(/(\d+) own points/.exec((await front.getAttribute('aria-label')) ?? '')?.[1]);
  await expect.poll(drawn).toBe(13);
  await page.mouse.click(...(await ground.spot(-4, 4)), { button: 'right' });
  await expect.poll(drawn).toBe(12);
  await runCell(page, 1);
  await expect(outputOf(page, 1)).toContainText(/points=-3:2:1,-2:3:1,-5:3:1,1:-3:-1,/);

  await ground.play();
  await ground.passes(300);
  await ground.pause();
  await expect(ground.node.locator('.glnb-pg-losses')).toHaveText(/100\.0\s%\sright/);
  await runCell(page, 2);
  await expect(outputOf(page, 2)).toContainText("'accuracy': 1.0");

  // By keyboard, in the middle of the training.
  await front.focus();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await expect.poll(drawn).toBe(13);
  await page.keyboard.press('Delete');
  await expect.poll(drawn).toBe(12);
});

test('weights are changed by a click, and the exported program gives the same numbers', async ({ page, tmpPath }) => {
  const proof = `import contextlib, io, numpy as np
names, said = {}, io.StringIO()
with tf.Graph().as_default(), contextlib.redirect_stdout(said):
    exec(compile(str(p.program()), "exported.py", "exec"), names)
print(all(np.array_equal(names["sess"].run(names[f"W{k}"]), w) and np.array_equal(names["sess"].run(names[f"b{k}"]), b)
          for k, (w, b) in enumerate(p.weights, 1)), said.getvalue().splitlines()[0])`;
  const ground = await openGround(page, tmpPath, 'data="xor", learning_rate=0.1', [
    'import graphlab_nb as tf\nprint(p.program())',
    proof,
    'print(p.weights[0][0][1, 2], p.weights[1][1][0], p.state)'
  ]);
  await ground.play();
  await ground.passes(50);
  const made = await ground.pause();

  // A line of the picture: its card opens at that weight.
  const line = ground.node.locator('.glnb-pg-felt').nth(6);
  await line.dispatchEvent('pointermove');
  await expect(ground.node.locator('.glnb-pg-hint')).toHaveText(
    /^Weight .* from x₂ to Hidden 1, neuron 3; click to change it$/
  );
  await line.dispatchEvent('click');
  await expect(ground.node.getByRole('dialog')).toHaveAttribute('aria-label', 'Weights of Hidden 1, neuron 3');
  await expect(ground.node.getByLabel('from x₂')).toBeFocused();
  await page.keyboard.type('1.25');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await expect(ground.button(/^Hidden 1, neuron 3/)).toBeFocused();
  await ground.button(/^Hidden 2, neuron 1/).click();
  await ground.enter('bias', '-0.5');
  await ground.button('Close').first().click();
  await runCell(page, 3);
  await expect(outputOf(page, 3)).toContainText(
    `1.25 -0.5 v=1&data=xor&learning_rate=0.1&steps=${made}&changes=${made}:weight.0.1.2:1.25,${made}:bias.1.0:-0.5`
  );

  await ground.enter('Learning rate', '0.3');
  await ground.play();
  await ground.passes(made + 30);
  await ground.pause();
  await ground.button('Show the program').click();
  await expect(ground.text).toHaveValue(/import graphlab_nb as tf/);
  const program = await ground.text.inputValue();
  expect(program).toContain(`edit(W1, (1, 2), 1.25)`);
  expect(program).toContain('rate = 0.3');
  await runCell(page, 1);
  expect((await outputOf(page, 1).locator('pre').first().textContent())?.trim()).toBe(program.trim());
  await runCell(page, 2);
  await expect(outputOf(page, 2)).toContainText(/^True learned loss 0\.\d+/);
});

test('a shared text opens the same net, and a broken one says what is broken', async ({ page, tmpPath }) => {
  const ground = await openGround(page, tmpPath, 'data="gauss", layers=[2], seed=5', [
    'p.state',
    'q = Playground()\nq',
    'q.state == p.state'
  ]);
  await ground.play();
  await ground.passes(60);
  const made = await ground.pause();
  await ground.button('Share as text').click();
  await expect(ground.text).toHaveValue(`v=1&data=gauss&layers=2&seed=5&steps=${made}`);
  const shared = await ground.text.inputValue();

  await runCell(page, 2);
  const other = new Ground(page, 2);
  await expect(other.node).toHaveAttribute('data-step', '0', { timeout: 30000 });
  await other.button('Open a shared text…').click();
  await other.text.fill(shared.replace('layers=2', 'layers=99'));
  await other.button('Open this state').click();
  await expect(other.note).toHaveText('layers must be from 1 to 8 neurons in each, not 99');
  expect(await other.step()).toBe(0);
  await other.text.fill(shared);
  await other.button('Open this state').click();
  await expect.poll(() => other.step(), { timeout: 60000 }).toBe(made);
  await expect(other.button('Play')).toBeVisible();
  await runCell(page, 3);
  await expect(outputOf(page, 3)).toContainText('True');
});

test('what cannot be is named, and the fields show what is', async ({ page, tmpPath }) => {
  const ground = await openGround(page, tmpPath, '', ['p.state']);
  const batch = ground.node.getByLabel('Batch', { exact: true });
  await ground.enter('Batch', '900');
  await expect(ground.note).toHaveText('batch must be at most the 250 examples that are learned from, not 900');
  await expect(batch).toHaveValue('10');
  await ground.enter('Learning rate', '-1');
  await expect(ground.note).toHaveText('learning_rate must be above 0 and at most 10, not -1.0');
  await expect(ground.node.getByLabel('Learning rate', { exact: true })).toHaveValue('0.03');
  await ground.button('One more neuron in hidden layer 1').click();
  await expect(ground.node.locator('[data-key^="n1."]')).toHaveCount(5);
  await expect(ground.note).toHaveText('');
  for (const layers of [3, 4, 5, 6]) {
    await ground.button('One hidden layer more').click();
    await expect(ground.node.getByText(`${layers} hidden layers`)).toBeVisible();
  }
  await expect(ground.button('One hidden layer more')).toBeDisabled();
  await ground.button('x₁²').click();
  await expect(ground.button('x₁²')).toHaveAttribute('aria-pressed', 'true');
  await runCell(page, 1);
  await expect(outputOf(page, 1)).toContainText("'v=1&features=x1,x2,x1x1&layers=5,2,2,2,2,2'");

  // With such a rate it goes astray, and says so.
  await ground.choose('Data', 'plane');
  await ground.choose('Activation', 'linear');
  await ground.enter('Learning rate', '10');
  await ground.button('Play').click();
  await expect(ground.note).toHaveText(/^The loss is no number any more at step [\d,]+: the training went astray/);
  await expect(ground.button('Play')).toBeVisible();
});

test('MNIST: weights of pixels, and test digits with what they are taken for', async ({ page, tmpPath }) => {
  const ground = await openGround(page, tmpPath, 'data="mnist", layers=[8], learning_rate=0.1');
  const digits = ground.node.locator('.glnb-pg-digits button');
  await expect(digits).toHaveCount(60);
  const wrong = ground.node.locator('.glnb-pg-digits .glnb-pg-wrong');
  const before = await wrong.count();
  expect(before).toBeGreaterThan(30);
  await ground.play();
  await ground.passes(800);
  await ground.pause();
  expect(await wrong.count()).toBeLessThan(before / 2);
  expect(await colours(ground.node.locator('[data-key="n1.3"] canvas'))).toBeGreaterThan(20);
  const pixels = ground.node.locator('.glnb-pg-pixels canvas');
  const zero = await pixels.evaluate((node: HTMLCanvasElement) => node.toDataURL());
  await digits.nth(7).click();
  expect(await pixels.evaluate((node: HTMLCanvasElement) => node.toDataURL())).not.toBe(zero);
  await ground.button(/^Output 3/).click();
  await expect(ground.node.getByRole('dialog').locator('input')).toHaveCount(9);
});

test('it is accessible, light and dark, and works without a mouse', async ({ page, tmpPath }) => {
  const ground = await openGround(page, tmpPath, 'layers=[2]');
  for (const dark of [false, true]) {
    await setTheme(page, dark);
    const found = await new AxeBuilder({ page }).include('.glnb-pg').analyze();
    expect(found.violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`)).toEqual([]);
  }
  await ground.button('Play').focus();
  await page.keyboard.press('Enter');
  await ground.passes(20);
  await page.keyboard.press(' ');
  await expect(ground.button('Play')).toBeFocused();
  await ground.button(/^Hidden 1, neuron 2/).focus();
  await expect(ground.node.locator('.glnb-pg-caption')).toHaveText('What Hidden 1, neuron 2 says everywhere');
  await page.keyboard.press('Enter');
  await page.keyboard.type('2');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Escape');
  await expect(ground.button(/^Hidden 1, neuron 2/)).toBeFocused();
  await expect(cellOf(page, 1)).toHaveCount(0); // no key went to the notebook
});

test('it survives a reload, and leaves a still picture that follows it', async ({
  page,
  request,
  baseURL,
  tmpPath
}) => {
  const ground = await openGround(page, tmpPath, '');
  const still = outputOf(page, 0).locator('[class^="glnb-still"]');
  await expect(still).toBeHidden();
  await ground.play();
  await ground.passes(50);
  const made = await ground.pause();
  const picture = still.locator('svg').first();
  await expect(picture).toHaveAttribute(
    'aria-label',
    new RegExp(`^Playground: circle, net 2-4-2-1; step ${made.toLocaleString('en')},`)
  );
  await ground.play();
  await save(page);
  await reload(page);
  await ground.passes(made + 50);
  await expect(still).toBeHidden();

  // Without a kernel the picture is what there is.
  const sessions = (await (await request.get(`${baseURL}/api/sessions`)).json()) as { id: string }[];
  await Promise.all(sessions.map(({ id }) => request.delete(`${baseURL}/api/sessions/${id}`)));
  await save(page);
  await reload(page);
  await expect(picture).toBeVisible({ timeout: 60000 });
  await expect(outputOf(page, 0).getByText('Error displaying widget')).toBeHidden();
});

test('the panel shows its graph while it trains', async ({ page, tmpPath }) => {
  const ground = await openGround(page, tmpPath, 'layers=[2]', ['p.step(50)\np.state']);
  const panel = await openPanel(page);
  await expect.poll(() => panel.boxes(), { timeout: 30000 }).toEqual(expect.arrayContaining(['hidden1/', 'output/']));
  await ground.play();
  await ground.passes(100);
  const made = await ground.pause();
  await runCell(page, 1);
  await expect(outputOf(page, 1)).toContainText(`steps=${made + 50}`);
  await ground.play();
  await ground.passes(made + 100);
});
