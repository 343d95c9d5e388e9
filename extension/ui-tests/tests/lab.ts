import { expect, IJupyterLabPageFixture } from '@jupyterlab/galata';
import { Locator, Page } from '@playwright/test';
import * as path from 'path';

/** The panel of a notebook in a real JupyterLab, as a user finds it. */
export class Panel {
  constructor(readonly page: Page) {}

  get node(): Locator {
    return this.page.locator('.jp-glnb-panel');
  }

  get status(): Locator {
    return this.node.locator('.jp-glnb-status');
  }

  button(name: string): Locator {
    return this.node.locator(`.jp-glnb-controls [data-name="${name}"]`);
  }

  async tab(name: 'Graph' | 'Values' | 'Curves'): Promise<void> {
    await this.node.locator('.jp-glnb-tabs > .lm-TabBar .lm-TabBar-tab', { hasText: name }).click();
  }

  async steps(): Promise<number> {
    const text = (await this.status.textContent()) ?? '';
    return Number((/[Ss]tep ([\d,]+)/.exec(text)?.[1] ?? '0').replace(/,/g, ''));
  }

  /** Waits for the step that the panel tells to pass a number; what it last said of a command goes away by itself. */
  async passes(step: number): Promise<void> {
    await expect.poll(() => this.steps(), { timeout: 30000 }).toBeGreaterThan(step);
  }
}

export const NOTEBOOKS = path.resolve(__dirname, '../notebooks');

/** Uploads a notebook and opens it. */
export async function openNotebook(page: IJupyterLabPageFixture, tmpPath: string, name: string): Promise<void> {
  await page.contents.uploadFile(path.join(NOTEBOOKS, name), `${tmpPath}/${name}`);
  await page.notebook.openByPath(`${tmpPath}/${name}`);
  await page.notebook.activate(name);
  await expect(page.locator('.jp-NotebookPanel-toolbar').first()).toBeVisible();
}

export async function openPanel(page: IJupyterLabPageFixture): Promise<Panel> {
  await page.locator('.jp-NotebookPanel-toolbar [data-command="graphlab-nb:open-panel"]').click();
  const panel = new Panel(page);
  await expect(panel.node).toBeVisible();
  return panel;
}

/** Runs a cell; with `wait`, until it has ended. */
export async function runCell(page: IJupyterLabPageFixture, index: number, wait = true): Promise<void> {
  const cell = page.locator('.jp-Notebook .jp-CodeCell').nth(index);
  await cell.locator('.cm-content').click();
  await page.keyboard.press('Control+Enter');
  if (wait) {
    await expect(cell.locator('.jp-InputPrompt')).toHaveText(/\[\d+\]:/, { timeout: 60000 });
  }
}

export async function setTheme(page: IJupyterLabPageFixture, dark: boolean): Promise<void> {
  await page.theme.setTheme(dark ? 'JupyterLab Dark' : 'JupyterLab Light');
}
