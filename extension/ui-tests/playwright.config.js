/*
 * Tests of the panel in a real JupyterLab, in a headless browser.
 *
 *   jlpm install                      in this folder, once
 *   jlpm playwright test              all of them, ten to twenty minutes on two cores
 *   jlpm playwright test -g @smoke    the few that any change may break, under two minutes
 *   GLNB_UI_BENCH=1 jlpm playwright test latency     prints how fast the panel is, and holds nothing to it
 *   GLNB_UI_PICTURES=1 jlpm playwright test          takes README's pictures of the panel anew, three minutes
 *   GLNB_UI_NOTEBOOK7=1 jlpm playwright test         the panel in Notebook 7 instead, where that is installed
 *
 * The server is the `jupyter lab` of the PATH: to test against another JupyterLab or ipykernel, put the `bin` of its environment
 * first, with graphlab_nb (and so the panel) installed there. GLNB_UI_PORT takes another port than 8899, so that several servers
 * may run; where something answers there already, outside of CI, it is used as it is. GLNB_UI_ROOT is the folder of its
 * notebooks, a temporary one where it is not set; CHROMIUM the browser, Debian's where it is not set.
 */
const base = require('@jupyterlab/galata/lib/playwright-config');

const port = process.env.GLNB_UI_PORT ?? '8899';
const bench = process.env.GLNB_UI_BENCH === '1';
const notebook7 = process.env.GLNB_UI_NOTEBOOK7 === '1';
const pictures = process.env.GLNB_UI_PICTURES === '1';
const kind = bench ? 'bench' : notebook7 ? 'notebook7' : pictures ? 'pictures' : 'spec';

module.exports = {
  ...base,
  testDir: 'tests',
  testMatch: `*.${kind}.ts`,
  timeout: 120000,
  // Each file is one worker's; what is measured, and Notebook 7, have the machine for themselves.
  workers: kind === 'spec' ? 2 : 1,
  // CI's machine has spells in which everything takes several times as long.
  retries: process.env.CI ? 1 : 0,
  reporter: [['list']],
  expect: { timeout: 15000 },
  use: {
    ...base.use,
    baseURL: `http://127.0.0.1:${port}`,
    viewport: { width: 1400, height: 900 },
    video: 'off',
    trace: 'off',
    launchOptions: {
      // Debian's browser: none can be downloaded where the tests run.
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-quic',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync'
      ]
    }
  },
  webServer: {
    command: `jupyter ${notebook7 ? 'notebook' : 'lab'} --config jupyter_server_config.py --allow-root --ip 127.0.0.1 --port ${port}`,
    url: `http://127.0.0.1:${port}/${notebook7 ? 'tree' : 'lab'}`,
    timeout: 120000,
    reuseExistingServer: !process.env.CI
  }
};
