import { expect, test } from '@playwright/test';
import * as accounts from './accounts';
import { call } from './api';
import { onShelf, shelf } from './shelf';

test('the shelf is emptied', async ({ browser }) => {
  const { config, category, elsewhere, administrator, state } = shelf();
  const page = await browser.newPage({ storageState: state });
  await page.goto('/');
  await expect
    .poll(async () => {
      const books = [...(await onShelf(page, category)), ...(await onShelf(page, elsewhere))];
      await Promise.all(books.map(({ id }) => call(page, 'DELETE', `/books/${id}`)));
      return books.length;
    })
    .toBe(0);
  await accounts.remove(config, administrator);
});
