import { test as base, expect } from '@playwright/test';
import * as accounts from './accounts';
import { signIn } from './pages';
import { type Shelf, type State, shelf } from './shelf';

export { expect };

type Who = 'anyone' | 'customer' | 'administrator';

interface Fixtures {
  /** As whom a test visits the shop. */
  who: Who;
  /** An account that there is not yet; it is removed after the test, which has to make it. */
  account: accounts.Account;
}

interface WorkerFixtures {
  /** What the tests have put into the shop. */
  shop: Shelf;
  /** Signs a customer in, whom this worker alone has. */
  customer: () => Promise<State>;
}

const nobody: State = { cookies: [], origins: [] };

export const test = base.extend<Fixtures, WorkerFixtures>({
  who: ['anyone', { option: true }],

  shop: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names that are asked for.
    async ({}, use) => use(shelf()),
    { scope: 'worker' },
  ],

  customer: [
    async ({ browser, shop }, use) => {
      const account = accounts.newAccount();
      let state: Promise<State> | undefined;
      await use(() => {
        state ??= (async () => {
          await accounts.create(shop.config, account);
          const page = await browser.newPage({ baseURL: process.env.SITE_URL ?? '' });
          await page.goto('/sign-in');
          await signIn(page, account);
          const signedIn = await page.context().storageState();
          await page.close();
          return signedIn;
        })();
        return state;
      });
      if (state) await accounts.remove(shop.config, account);
    },
    { scope: 'worker' },
  ],

  storageState: async ({ who, shop, customer }, use) => {
    await use(who === 'anyone' ? nobody : who === 'administrator' ? shop.state : await customer());
  },

  account: async ({ shop }, use) => {
    const account = accounts.newAccount();
    await use(account);
    await accounts.remove(shop.config, account);
  },

  /** Whatever a test does: no page has a fault, and none does what its content security policy forbids. */
  context: async ({ context }, use) => {
    const faults: string[] = [];
    context.on('weberror', (fault) => faults.push(String(fault.error())));
    context.on('console', (message) => {
      if (/Content[- ]Security[- ]Policy/i.test(message.text())) faults.push(message.text());
    });
    await context.addInitScript(() => {
      addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) => {
        console.error(`Content-Security-Policy: ${effectiveDirective} forbids ${blockedURI}`);
      });
    });
    await use(context);
    expect(faults).toEqual([]);
  },
});
