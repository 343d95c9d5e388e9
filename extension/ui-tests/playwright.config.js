const base = require('@jupyterlab/galata/lib/playwright-config');

const port = process.env.GLNB_UI_PORT ?? '8899';

module.exports = {
  ...base,
  testDir: 'tests',
  timeout: 120000,
  workers: 1,
  retries: 0,
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
      args: ['--no-sandbox', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync']
    }
  },
  webServer: {
    command: `jupyter lab --config jupyter_server_config.py --allow-root --ip 127.0.0.1 --port ${port}`,
    url: `http://127.0.0.1:${port}/lab`,
    timeout: 120000,
    reuseExistingServer: !process.env.CI
  }
};
