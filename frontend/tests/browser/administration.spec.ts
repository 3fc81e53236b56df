import type { Page } from '@playwright/test';
import type { components } from '../../src/api/schema';
import { call } from './api';
import { heading } from './pages';
import { addBook, type Book, type Shelf, unique } from './shelf';
import { expect, test } from './test';

test.use({ who: 'administrator' });

const aBook = (shop: Shelf) => ({
  title: `A book of ${unique()}`,
  author: 'An administrator',
  category: shop.elsewhere,
  price: { amount: 1250, currency: 'EUR' as const },
  stock: 3,
});

/** The page that edits a book of this test's own. */
async function edit(page: Page, shop: Shelf): Promise<Book> {
  await page.goto('/admin');
  const book = await addBook(page, aBook(shop));
  await page.goto(`/admin/books/${book.id}`);
  await expect(heading(page, book.title)).toBeVisible();
  return book;
}

/** A picture that is no trifle to upload. */
async function picture(page: Page): Promise<Buffer> {
  const url = await page.evaluate(() => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 600, height: 900 });
    const context = canvas.getContext('2d') as CanvasRenderingContext2D;
    for (let y = 0; y < 900; y += 4) {
      for (let x = 0; x < 600; x += 4) {
        context.fillStyle = `hsl(${Math.random() * 360} 60% 50%)`;
        context.fillRect(x, y, 4, 4);
      }
    }
    return canvas.toDataURL('image/jpeg', 0.9);
  });
  return Buffer.from(url.slice(url.indexOf(',') + 1), 'base64');
}

test('an administrator adds a book with a cover, and sees it in the shop', async ({ page, shop }) => {
  const book = aBook(shop);
  await page.goto('/');
  await page.getByRole('link', { name: 'Administration' }).click();
  await page.getByRole('navigation', { name: 'Administration' }).getByRole('link', { name: 'Books' }).click();
  await page.getByRole('link', { name: 'Add a book' }).click();
  await page.getByRole('button', { name: 'Add the book' }).click();
  await expect(page.getByLabel('Title')).toHaveAccessibleDescription(/Enter the title/);
  await page.getByLabel('Title').fill(book.title);
  await page.getByLabel('Author').fill(book.author);
  await page.getByLabel('Category').fill(book.category);
  await page.getByLabel('Price').fill('12.50');
  await page.getByLabel('Description').fill('One that a test has added.');
  await page.getByLabel('Copies in stock').fill('3');
  await page.getByRole('button', { name: 'Add the book' }).click();
  await expect(heading(page, book.title)).toBeVisible();
  await expect(page.getByText('The book is in the catalogue.').first()).toBeVisible();

  const cover = page.getByRole('region', { name: 'Cover' });
  await cover.getByLabel('Picture').setInputFiles({ name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('a') });
  await expect(cover.getByText('This is no JPEG, PNG or WebP picture.')).toBeVisible();
  const file = { name: 'cover.jpg', mimeType: 'image/jpeg', buffer: await picture(page) };
  await cover.getByLabel('Picture').setInputFiles(file);
  const preview = cover.getByAltText('Preview of the new cover');
  await expect(preview).toBeVisible();
  expect(await preview.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(600);

  // So slow that the progress can be seen, and by who looks at every change.
  const browser = await page.context().newCDPSession(page);
  const slow = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: file.buffer.length / 3 };
  await browser.send('Network.enable');
  await browser.send('Network.emulateNetworkConditions', slow);
  const progress = await cover.evaluateHandle((section) => {
    const seen: number[] = [];
    const look = () => seen.push(...[...section.querySelectorAll('progress')].map((bar) => bar.position));
    new MutationObserver(look).observe(section, { subtree: true, childList: true, attributes: true });
    return seen;
  });
  await cover.getByRole('button', { name: /^Upload/ }).click();
  await expect(cover.getByText('Uploading…')).toBeVisible();
  await expect.poll(() => progress.evaluate((seen) => Math.max(...seen))).toBeGreaterThan(0);
  await browser.detach();
  await expect(cover.getByAltText(`Cover of ${book.title}`)).toBeVisible({ timeout: 30_000 });

  await page.getByRole('link', { name: 'See it in the shop' }).click();
  await expect(heading(page, book.title)).toBeVisible();
  await expect(page.getByText('€12.50')).toBeVisible();
  await expect(page.getByText('Only 3 left')).toBeVisible();
  const shown = page.getByAltText(`Cover of ${book.title}`);
  await expect.poll(() => shown.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);
});

test('an edit does not overwrite what somebody else has saved meanwhile', async ({ page, shop }) => {
  const { id, title } = await edit(page, shop);
  const { data, etag } = await call<Book>(page, 'GET', `/books/${id}`);
  const { author, category, price } = data;
  const theirs = { title, author, category, price: { ...price, amount: 1999 }, description: null };
  await call(page, 'PUT', `/books/${id}`, { body: theirs, headers: { 'If-Match': etag } });

  await page.getByLabel('Author').fill('Somebody new');
  await page.getByRole('button', { name: 'Save the changes' }).click();
  const conflict = page.getByRole('alert').filter({ hasText: 'Somebody else has changed this book meanwhile' });
  await expect(conflict).toBeFocused();
  await expect(conflict).toContainText('€19.99');
  await page.getByLabel('Price').fill('19.99');
  await page.getByRole('button', { name: 'Save mine instead' }).click();
  await expect(page.getByText('The changes are saved.').first()).toBeVisible();
  expect((await call<Book>(page, 'GET', `/books/${id}`)).data).toMatchObject({
    author: 'Somebody new',
    price: { amount: 1999 },
  });
});

test('stock comes and goes, and what is not there cannot go; then the book goes', async ({ page, shop }) => {
  const { id, title } = await edit(page, shop);
  const stock = page.getByRole('region', { name: 'Stock' });
  await stock.getByLabel('Copies').fill('5');
  await stock.getByRole('button', { name: 'Add to the stock' }).click();
  await expect(stock.getByText('8 copies')).toBeVisible();
  await stock.getByLabel('Copies').fill('9');
  await stock.getByRole('button', { name: 'Take away' }).click();
  await expect(stock.getByLabel('Copies')).toHaveAccessibleDescription(/not that many/);
  await stock.getByLabel('Copies').fill('8');
  await stock.getByRole('button', { name: 'Take away' }).click();
  await expect(stock.getByText('0 copies')).toBeVisible();

  await page.goto(`/books/${id}`);
  await expect(page.getByText('Out of stock')).toBeVisible();
  await page.goBack();
  await page.getByRole('button', { name: 'Delete the book' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Keep it' }).click();
  await page.getByRole('button', { name: 'Delete the book' }).click();
  await page
    .getByRole('dialog', { name: `Delete “${title}”?` })
    .getByRole('button', { name: 'Delete it' })
    .click();
  await expect(heading(page, 'Books')).toBeVisible();
  await page.goto(`/books/${id}`);
  await expect(heading(page, 'Not found')).toBeVisible();
});

test('an administrator processes an order, and cancels another', async ({ page, shop }) => {
  await page.goto('/');
  const [first, second] = [await order(page, shop), await order(page, shop)];
  const process = page.getByRole('button', { name: `Mark as processed: order ${numberOf(first)}` });
  const rows = page.getByRole('main').getByRole('listitem');

  await page.goto('/admin/orders');
  await expect(rows.first()).toBeVisible();
  // The oldest come first, and there may be many.
  while (!(await process.isVisible())) {
    const seen = await rows.count();
    await page.getByRole('button', { name: 'Show more orders' }).click();
    await expect.poll(() => rows.count()).toBeGreaterThan(seen);
  }
  await process.click();
  await expect(process).toBeHidden();
  await page.getByRole('link', { name: 'Processed' }).click();
  await expect(page.getByRole('link', { name: `Order ${numberOf(first)}` })).toBeVisible();

  await page.goto(`/admin/orders/${second}`);
  await expect(heading(page, `Order ${numberOf(second)}`)).toBeVisible();
  await page.getByRole('button', { name: 'Cancel the order' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel the order' }).click();
  await expect(page.locator('.facts').getByText('Cancelled')).toBeVisible();
  await page.goto('/admin/orders?status=cancelled');
  await expect(page.getByRole('link', { name: `Order ${numberOf(second)}` })).toBeVisible();
});

const numberOf = (id: string) => id.slice(-8).toUpperCase();

async function order(page: Page, { books }: Shelf): Promise<string> {
  const [, , book] = books;
  if (!book) throw new Error('The shelf has no such book');
  const body = { lines: [{ bookId: book.id, quantity: 1 }], expectedTotal: book.price };
  const headers = { 'Idempotency-Key': unique() };
  const { data } = await call<components['schemas']['Order']>(page, 'POST', '/orders', { body, headers });
  return data.id;
}
