import { Locator, Page } from '@playwright/test';
import { cellOf, expect, makeNotebook, runCell } from './lab';

/** A playground in a cell's output, as a user finds it. */
export class Ground {
  constructor(
    readonly page: Page,
    cell = 0
  ) {
    this.node = cellOf(page, cell).locator('.glnb-pg');
  }

  readonly node: Locator;

  button(name: string | RegExp): Locator {
    return this.node.getByRole('button', { name, exact: typeof name === 'string' });
  }

  get note(): Locator {
    return this.node.locator('.glnb-pg-note');
  }

  get text(): Locator {
    return this.node.locator('textarea');
  }

  async step(): Promise<number> {
    return Number(await this.node.getAttribute('data-step'));
  }

  async frames(): Promise<number> {
    return Number(await this.node.getAttribute('data-frames'));
  }

  async passes(step: number): Promise<void> {
    await expect.poll(() => this.step(), { timeout: 60000 }).toBeGreaterThan(step);
  }

  async play(): Promise<void> {
    await this.button('Play').click();
    await expect(this.button('Pause')).toBeVisible({ timeout: 30000 });
  }

  /** Pauses, and gives the step at which it did. */
  async pause(): Promise<number> {
    await this.button('Pause').click();
    await expect(this.button('Play')).toBeVisible();
    let before = -1;
    await expect
      .poll(async () => {
        const [last, now] = [before, await this.step()];
        before = now;
        return now === last;
      })
      .toBe(true);
    return before;
  }

  async choose(label: string, value: string): Promise<void> {
    await this.node.getByRole('combobox', { name: label, exact: true }).selectOption(value);
  }

  /** Types into a field of numbers, as a user does. */
  async enter(label: string, value: string): Promise<void> {
    const field = this.node.getByLabel(label, { exact: true });
    await field.click({ clickCount: 3 });
    await this.page.keyboard.type(value);
    await this.page.keyboard.press('Enter');
  }

  /** A place on the surface, by the net's coordinates. */
  async spot(x: number, y: number): Promise<[number, number]> {
    const box = await this.node.locator('.glnb-pg-front').boundingBox();
    if (!box) {
      throw new Error('There is no surface');
    }
    return [box.x + ((x + 6) / 12) * box.width, box.y + ((6 - y) / 12) * box.height];
  }
}

/** Makes a notebook with a playground in its first cell, and runs that. */
export async function openGround(
  page: Parameters<typeof makeNotebook>[0],
  tmpPath: string,
  made: string,
  others: string[] = []
): Promise<Ground> {
  const first = `from graphlab_nb.notebook import Playground\np = Playground(${made})\np`;
  await makeNotebook(page, tmpPath, 'playground.ipynb', [first, ...others]);
  await runCell(page, 0);
  const ground = new Ground(page);
  await expect(ground.node).toBeVisible({ timeout: 60000 });
  await expect(ground.node).toHaveAttribute('data-step', /\d+/, { timeout: 60000 });
  return ground;
}
