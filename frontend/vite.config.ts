import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import preact from '@preact/preset-vite';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/** Answers /config.json while developing, as the deployment would write it for the stack BOOKSTORE_STACK. */
function deployedConfig(): Plugin {
  const stack = process.env.BOOKSTORE_STACK ?? 'bookstore-staging';
  return {
    name: 'deployed-config',
    configureServer(server) {
      server.middlewares.use('/config.json', async (_request, response) => {
        try {
          const { stdout } = await promisify(execFile)('npm', ['run', '--silent', 'config', '--', stack]);
          response.setHeader('content-type', 'application/json').end(stdout);
        } catch (error) {
          server.config.logger.error(`No config.json for the stack ${stack}: ${error}`);
          response.writeHead(503).end();
        }
      });
    },
  };
}

export default defineConfig({
  plugins: [preact({ reactAliasesEnabled: false }), deployedConfig()],
  build: {
    target: 'es2022',
    // The budget reads from it which files a route needs.
    manifest: true,
    // The content security policy permits no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  test: {
    environment: 'happy-dom',
    environmentOptions: { happyDOM: { url: 'https://shop.test/' } },
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['tests/setup.ts'],
    pool: 'threads',
    maxWorkers: 2,
    // Each file in a process of its own takes four times as long; tests/setup.ts clears what they share.
    isolate: false,
    testTimeout: 20_000,
    restoreMocks: true,
    unstubGlobals: true,
    reporters: ['default', 'junit'],
    outputFile: { junit: 'reports/unit.xml' },
  },
});
