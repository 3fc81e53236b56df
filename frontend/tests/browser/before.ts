import { mkdirSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import * as accounts from './accounts';
import { call, configOf } from './api';
import { signIn } from './pages';
import { addBook, empty, found, keep, onShelf, size, unique } from './shelf';

test('an administrator fills a shelf', async ({ page }) => {
  await page.goto('/sign-in');
  const config = await configOf(page);
  const administrator = accounts.newAccount();
  // The shop remembers the name of a category for ever, so there are ten of them, which runs side by side do not share.
  const category = `tests-${Math.floor(Date.now() / 60_000) % 10}`;
  const elsewhere = `${category}-more`;
  mkdirSync('test-results', { recursive: true });
  // At once, so that what is made from here on is removed even if the rest fails.
  const state = { cookies: [], origins: [] };
  keep({ config, category, elsewhere, administrator, state, books: [] });

  await accounts.create(config, administrator);
  await accounts.makeAdministrator(config, administrator);
  await signIn(page, administrator);
  await expect(page.getByRole('link', { name: 'Administration' })).toBeVisible();
  keep({ config, category, elsewhere, administrator, state: await page.context().storageState(), books: [] });

  await empty(page, { category, elsewhere });
  const surname = unique();
  const books = await Promise.all(
    Array.from({ length: size }, (_, place) =>
      addBook(page, {
        title: `Volume ${size - place + 10} of ${category}`,
        author: `Writer${place} ${surname}`,
        category,
        price: { amount: 1000 + 100 * place, currency: 'EUR' },
        description: 'Made by a test, which takes it away again.',
        stock: 1000,
      }),
    ),
  );
  const review = { rating: 4, name: 'A reader', text: 'A book with a review.' };
  await call(page, 'PUT', `/books/${books[0]?.id}/review`, { body: review });
  keep({ config, category, elsewhere, administrator, state: await page.context().storageState(), books });

  // Lists and search may be a moment behind.
  await expect.poll(async () => (await onShelf(page, category)).length).toBe(size);
  await expect.poll(async () => (await found(page, books[3]?.author ?? '')).length).toBe(1);
});
