import type { Page } from '@playwright/test';
import { categoryName } from '../../src/ui/format';
import { toApi } from './api';
import { heading } from './pages';
import { expect, test } from './test';

const cards = (page: Page) => page.locator('.book-card h2');

/** As API Gateway answers when a function has failed; any page may read it. */
const failure = {
  status: 500,
  headers: { 'access-control-allow-origin': '*' },
  json: { message: 'Internal Server Error' },
};

test('a shop that fails says so, and works when it works again', async ({ page, shop }) => {
  await page.route(toApi(shop.config), (route) => route.fulfill(failure));
  await page.goto('/');
  await expect(page.getByRole('alert')).toContainText('The books could not be loaded');
  await page.goto(`/books/${shop.books[0]?.id}`);
  await expect(page.getByRole('alert')).toContainText('The book could not be loaded');
  await page.unrouteAll();
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(heading(page, shop.books[0]?.title ?? '')).toBeVisible();
});

test('settings that do not come close the shop for a moment', async ({ page }) => {
  await page.route('**/config.json', (route) => route.fulfill({ status: 503, body: '' }));
  await page.goto('/');
  await expect(page.getByText('The shop is closed for a moment')).toBeVisible();
  await page.unrouteAll();
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(cards(page).first()).toBeVisible();
});

test('offline one is told so, and the shop comes back with the connection', async ({ page, context, shop }) => {
  await page.goto('/');
  await expect(cards(page).first()).toBeVisible();
  const shelf = page.getByRole('link', { name: categoryName(shop.category), exact: true });
  await expect(shelf).toBeVisible();
  await context.setOffline(true);
  await expect(page.getByText('You are offline.')).toBeVisible();
  // What is there stays, and what is not there yet can be tried again: books, and the code of a page.
  await expect(cards(page).first()).toBeVisible();
  await shelf.click();
  await expect(page.getByRole('alert')).toContainText('The books could not be loaded');
  await page.getByRole('link', { name: /^Cart/ }).click();
  await expect(page.getByRole('alert')).toContainText('This page could not be loaded');

  await context.setOffline(false);
  await expect(page.getByText('You are offline.')).toBeHidden();
  await expect(heading(page, 'Your cart')).toBeVisible();
});

test('where nothing is, a page says so and leads back', async ({ page }) => {
  for (const address of ['/nowhere', '/books/nothing', '/books/01936d3e-0000-7000-8000-000000000000']) {
    await page.goto(address);
    await expect(heading(page, 'Not found')).toBeVisible();
  }
  await page.getByRole('link', { name: 'See all books' }).click();
  await expect(cards(page).first()).toBeVisible();
});
