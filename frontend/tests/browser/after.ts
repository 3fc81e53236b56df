import { test } from '@playwright/test';
import * as accounts from './accounts';
import { empty, shelf } from './shelf';

test('the shelf is emptied', async ({ browser }) => {
  const { config, administrator, state, ...categories } = shelf();
  const page = await browser.newPage({ storageState: state });
  await page.goto('/');
  await empty(page, categories);
  await accounts.remove(config, administrator);
});
