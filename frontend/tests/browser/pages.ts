/** What several journeys do with pages. */
import { expect, type Page } from '@playwright/test';
import type { Account } from './accounts';

export const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name });

export async function fillSignIn(page: Page, { email, password }: Account) {
  // The page that one comes from stays until this one is loaded, and may have a field of the same name.
  await expect(heading(page, 'Sign in')).toBeVisible();
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** On the page for it. */
export async function signIn(page: Page, account: Account) {
  await fillSignIn(page, account);
  await expect(page.getByRole('link', { name: 'Orders', exact: true })).toBeVisible();
}

export const cartLink = (page: Page) => page.getByRole('link', { name: /^Cart/ });

/** Opens a book's page and puts copies of it into the cart. */
export async function addToCart(page: Page, { id }: { id: string }, copies: number) {
  await page.goto(`/books/${id}`);
  await page.getByLabel('Copies').selectOption(String(copies));
  await page.getByRole('button', { name: 'Add to cart' }).click();
  await expect(page.getByText(`${copies} in your cart.`)).toBeVisible();
}

/** Counts how far the layout moves by itself, as browsers do. */
export async function watchShifts(page: Page) {
  await page.addInitScript(() => {
    const state = window as unknown as { shifted: number };
    state.shifted = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[]) {
        if (!entry.hadRecentInput) state.shifted += entry.value;
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
}

export const shifted = (page: Page) => page.evaluate(() => (window as unknown as { shifted: number }).shifted);
