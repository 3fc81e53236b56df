import { execFileSync } from 'node:child_process';
import { defineConfig } from '@playwright/test';

const site = process.env.SITE_URL;
if (!site) {
  console.error('Which site? Say it like this: SITE_URL=https://… npm run test:browser');
  process.exit(2);
}

/** The machine's own browser; without one, that which `playwright install` has brought. A shell takes half the time. */
const onPath = 'command -v chromium-headless-shell || command -v chromium || command -v google-chrome || true';
const executablePath = process.env.CHROMIUM || execFileSync('sh', ['-c', onPath], { encoding: 'utf8' }).trim();

/** Chromium's sandbox refuses root, who runs what builds run. */
const root = process.getuid?.() === 0;

export default defineConfig({
  testDir: 'tests/browser',
  fullyParallel: true,
  forbidOnly: true,
  workers: 2,
  // A cold start of a function is part of it.
  timeout: 45_000,
  expect: { timeout: 12_000 },
  reporter: [['list'], ['junit', { outputFile: 'reports/browser.xml' }]],
  use: {
    baseURL: site,
    browserName: 'chromium',
    launchOptions: { ...(executablePath && { executablePath }), args: root ? ['--no-sandbox'] : [] },
    locale: 'en-GB',
    // Colours are measured when they have stopped to change.
    contextOptions: { reducedMotion: 'reduce' },
    screenshot: 'only-on-failure',
  },
  projects: [
    { name: 'before', testMatch: 'before.ts', teardown: 'after' },
    { name: 'after', testMatch: 'after.ts' },
    { name: 'wide', dependencies: ['before'], use: { viewport: { width: 1280, height: 800 } } },
    // What is sent is the same for all windows.
    {
      name: 'narrow',
      testIgnore: 'hosting.spec.ts',
      dependencies: ['before'],
      use: { viewport: { width: 320, height: 640 }, hasTouch: true },
    },
  ],
});
