import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { addToCart, heading } from './pages';
import { expect, test } from './test';

/** What depends on colours; all else is the same by day and by night. */
const ofColour = ['color-contrast', 'link-in-text-block'];

async function findings(page: Page, rules?: string[]) {
  // The other mode opens a page of its own for the sake of frames, which there are none of.
  const axe = new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ['violations'] });
  const { violations } = await (rules ? axe.withRules(rules) : axe).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, help, nodes }) => `${id}: ${help}, at ${nodes.map(({ target }) => target).join(' and ')}`);
}

/** The page as it is now: axe by day and by night, and nothing that is wider than the window. */
async function inspect(page: Page) {
  await page.emulateMedia({ colorScheme: 'light' });
  const { pathname } = new URL(page.url());
  expect.soft(await findings(page), `${pathname}, light`).toEqual([]);
  // Colours have no width, so one of them is enough.
  if (test.info().project.name === 'wide') {
    await page.emulateMedia({ colorScheme: 'dark' });
    expect.soft(await findings(page, ofColour), `${pathname}, dark`).toEqual([]);
  }
  const { wide, window } = await page.evaluate(() => ({
    wide: document.documentElement.scrollWidth,
    window: document.documentElement.clientWidth,
  }));
  expect.soft(wide, `${pathname}, no wider than the window`).toBeLessThanOrEqual(window);
}

/** Opens a page, and inspects it when what it loads is there. */
async function visit(page: Page, address: string, name: string | RegExp) {
  await page.goto(address);
  await expect(heading(page, name)).toBeVisible();
  await expect(page.locator('main [aria-busy=true]')).toHaveCount(0);
  await inspect(page);
}

test.describe('anyone', () => {
  test('catalogue', async ({ page }) => {
    await visit(page, '/', 'Books worth staying up for');
    await visit(page, '/?q=xyzzyplughplover', /xyzzy/);
  });

  test('book', async ({ page, shop }) => {
    await visit(page, `/books/${shop.books[0]?.id}`, shop.books[0]?.title ?? '');
  });

  test('cart', async ({ page, shop }) => {
    await visit(page, '/cart', 'Your cart');
    await addToCart(page, shop.books[0] ?? { id: '' }, 2);
    await visit(page, '/cart', 'Your cart');
  });

  test('forms of an account', async ({ page }) => {
    for (const [address, name] of [
      ['/sign-in', 'Sign in'],
      ['/register', 'Create an account'],
      ['/confirm', 'Confirm your address'],
      ['/forgotten-password', 'Forgotten password'],
      ['/reset-password', 'Choose a new password'],
    ] as const) {
      await page.goto(address);
      await expect(heading(page, name)).toBeVisible();
      // With what is missing told at the fields.
      await page.locator('form.sheet button[type=submit]').click();
      await expect(page.locator('[aria-invalid=true]').first()).toBeFocused();
      await inspect(page);
    }
  });

  test('not found', ({ page }) => visit(page, '/nowhere', 'Not found'));
});

test.describe('customer', () => {
  test.use({ who: 'customer' });

  test('account', ({ page }) => visit(page, '/account', 'Your account'));

  test('review', async ({ page, shop }) => {
    await page.goto(`/books/${shop.books[0]?.id}`);
    await page.getByRole('button', { name: 'Write a review' }).click();
    await page.getByRole('button', { name: 'Publish the review' }).click();
    await expect(page.getByText('Please choose a name')).toBeVisible();
    await inspect(page);
  });

  test('checkout and orders', async ({ page, shop }) => {
    await addToCart(page, shop.books[9] ?? { id: '' }, 1);
    await visit(page, '/checkout', 'Check out');
    await page.getByRole('button', { name: 'Place the order' }).click();
    await expect(heading(page, 'Thank you for your order')).toBeVisible();
    await inspect(page);
    await page.getByRole('button', { name: 'Cancel the order' }).click();
    await inspect(page);
    await page.getByRole('button', { name: 'Yes, cancel it' }).click();
    await expect(page.locator('.facts').getByText('Cancelled')).toBeVisible();
    await inspect(page);
    await visit(page, '/orders', 'Your orders');
    await visit(page, '/admin', 'For administrators');
  });
});

test.describe('administrator', () => {
  test.use({ who: 'administrator' });

  test('orders', async ({ page }) => {
    for (const status of ['placed', 'processed', 'cancelled']) {
      await visit(page, `/admin/orders?status=${status}`, 'Orders');
    }
    // The test of a customer's checkout may have left the only one, or none: this list is of all states.
    const first = page.getByRole('main').getByRole('listitem').getByRole('link').first();
    await first.click();
    await expect(heading(page, /^Order /)).toBeVisible();
    await inspect(page);
  });

  test('books', async ({ page, shop }) => {
    await visit(page, '/admin/books', 'Books');
    await visit(page, '/admin/books/new', 'Add a book');
    await page.getByRole('button', { name: 'Add the book' }).click();
    await expect(page.getByText('Enter the title.')).toBeVisible();
    await inspect(page);
    await visit(page, `/admin/books/${shop.books[0]?.id}`, shop.books[0]?.title ?? '');
    await page.getByRole('button', { name: 'Delete the book' }).click();
    await expect(page.getByRole('dialog')).toBeVisible();
    await inspect(page);
  });
});
