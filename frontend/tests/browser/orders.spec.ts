import type { Page } from '@playwright/test';
import type { components } from '../../src/api/schema';
import { call } from './api';
import { addToCart, cartLink, heading } from './pages';
import { expect, test } from './test';

type Orders = components['schemas']['OrderPage'];

test.use({ who: 'customer' });

const place = (page: Page) => page.getByRole('button', { name: 'Place the order' });
const orders = async (page: Page) => (await call<Orders>(page, 'GET', '/orders?limit=100')).data.items;

async function checkOut(page: Page) {
  await cartLink(page).click();
  await page.getByRole('link', { name: 'Check out' }).click();
  await expect(place(page)).toBeEnabled();
}

test('a customer orders two copies, finds the order and cancels it', async ({ page, shop }) => {
  const [book] = shop.books.slice(4, 5);
  if (!book) throw new Error('The shelf has no such book');
  await page.goto('/');
  await addToCart(page, book, 2);
  await checkOut(page);
  await expect(page.getByText('Total €28.00')).toBeVisible();
  await place(page).click();

  await expect(heading(page, 'Thank you for your order')).toBeVisible();
  await expect(cartLink(page)).toHaveAccessibleName('Cart, 0 books');
  const address = new URL(page.url()).pathname;
  await page.getByRole('link', { name: 'Orders', exact: true }).click();
  await expect(heading(page, 'Your orders')).toBeVisible();
  const row = page.getByRole('listitem').filter({ has: page.locator(`a[href="${address}"]`) });
  await expect(row).toContainText('Placed');
  await expect(row).toContainText('2 copies');
  await expect(row).toContainText('€28.00');
  await row.getByRole('link').click();

  await expect(page.getByRole('row', { name: `${book.title} 2 €28.00` })).toBeVisible();
  await page.getByRole('button', { name: 'Cancel the order' }).click();
  await page.getByRole('button', { name: 'No, keep it' }).click();
  await page.getByRole('button', { name: 'Cancel the order' }).click();
  await page.getByRole('button', { name: 'Yes, cancel it' }).click();
  await expect(page.locator('.facts').getByText('Cancelled')).toBeVisible();
  await page.reload();
  await expect(page.locator('.facts').getByText('Cancelled')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Cancel the order' })).toBeHidden();
});

test('a double click makes one order', async ({ page, shop }) => {
  await addToCart(page, shop.books[5] ?? { id: '' }, 1);
  await checkOut(page);
  const before = (await orders(page)).length;
  await place(page).dblclick();
  await expect(heading(page, 'Thank you for your order')).toBeVisible();
  expect((await orders(page)).length).toBe(before + 1);
  await call(page, 'POST', `${new URL(page.url()).pathname}/cancel`);
});

test('an order whose answer is lost is sent again, and is one order', async ({ page, shop }) => {
  await addToCart(page, shop.books[6] ?? { id: '' }, 1);
  await checkOut(page);
  const before = (await orders(page)).length;

  // The shop has the order; its answer gets lost on the way. Routes cannot do so: they would ask from this process.
  const browser = await page.context().newCDPSession(page);
  await browser.send('Fetch.enable', { patterns: [{ urlPattern: '*/orders', requestStage: 'Response' }] });
  browser.on('Fetch.requestPaused', ({ requestId, request }) =>
    request.method === 'POST'
      ? browser.send('Fetch.failRequest', { requestId, errorReason: 'ConnectionReset' })
      : browser.send('Fetch.continueRequest', { requestId }),
  );
  await place(page).click();
  await expect(page.getByText('Your order was sent, but no answer has come')).toBeVisible();
  await browser.detach();
  expect((await orders(page)).length).toBe(before + 1);

  // Also after the page was left.
  await page.reload();
  await expect(page.getByText('The page was left before the answer.')).toBeVisible();
  await page.getByRole('button', { name: 'Send the order again' }).click();
  await expect(heading(page, 'Thank you for your order')).toBeVisible();
  expect((await orders(page)).length).toBe(before + 1);
  await expect(cartLink(page)).toHaveAccessibleName('Cart, 0 books');
  await call(page, 'POST', `${new URL(page.url()).pathname}/cancel`);
});

test('a customer reviews a book, changes the review and withdraws it', async ({ page, shop }, { project }) => {
  // One for each width: whoever reads the other one's review in between sees another average.
  const book = shop.books[project.name === 'wide' ? 7 : 8];
  const reviews = page.getByRole('region', { name: 'Reviews' });
  await page.goto(`/books/${book?.id}`);
  await expect(page.getByText('No reviews yet')).toBeVisible();
  await reviews.getByRole('button', { name: 'Write a review' }).click();
  await reviews.getByRole('button', { name: 'Publish the review' }).click();
  await expect(reviews.getByText('Please choose from one to five stars.')).toBeVisible();
  await reviews.locator('label', { hasText: '5 stars' }).click();
  await reviews.getByLabel('Name').fill('Ada');
  await reviews.getByLabel('Review', { exact: true }).fill('Worth two nights.');
  await reviews.getByRole('button', { name: 'Publish the review' }).click();
  await expect(reviews.getByRole('listitem').getByText('Worth two nights.')).toBeVisible();
  await expect(page.getByText('5.0 (1 review)')).toBeVisible();

  await reviews.getByRole('button', { name: 'Change your review' }).click();
  await reviews.locator('label', { hasText: '3 stars' }).click();
  await reviews.getByLabel('Review', { exact: true }).fill('Worth one night.');
  await reviews.getByRole('button', { name: 'Save the review' }).click();
  await expect(reviews.getByRole('listitem').getByText('Worth one night.')).toBeVisible();
  await expect(page.getByText('3.0 (1 review)')).toBeVisible();

  await reviews.getByRole('button', { name: 'Change your review' }).click();
  await reviews.getByRole('button', { name: 'Withdraw the review' }).click();
  await reviews.getByRole('button', { name: 'Yes, withdraw it' }).click();
  await expect(reviews.getByText('Nobody has reviewed this book yet.')).toBeVisible();
});
