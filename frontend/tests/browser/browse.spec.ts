import type { Page } from '@playwright/test';
import { categoryName } from '../../src/ui/format';
import { cartLink, heading } from './pages';
import { size } from './shelf';
import { expect, test } from './test';

const cards = (page: Page) => page.locator('.book-card');
const search = (page: Page) => page.getByLabel('Search books');

test('categories lead to their shelves, and more books come on demand', async ({ page, shop }) => {
  await page.goto('/');
  await expect(heading(page, 'Books worth staying up for')).toBeVisible();
  await expect(cards(page).first()).toBeVisible();
  const shelves = page.getByRole('navigation', { name: 'Categories' });
  const link = shelves.getByRole('link', { name: categoryName(shop.category), exact: true });
  await link.click();
  await expect(heading(page, categoryName(shop.category))).toBeVisible();
  await expect(link).toHaveAttribute('aria-current', 'true');
  await expect(cards(page)).toHaveCount(24);
  await page.getByRole('button', { name: 'Show more books' }).click();
  await expect(cards(page)).toHaveCount(size);
  await expect(page.getByRole('button', { name: 'Show more books' })).toBeHidden();
});

test('a shelf is sorted as one likes, and the address keeps it', async ({ page, shop }) => {
  const [cheapest, dearest] = [shop.books.at(0)?.title ?? '', shop.books.at(-1)?.title ?? ''];
  const first = cards(page).first().getByRole('heading');
  await page.goto(`/?category=${shop.category}`);
  // However many there are, one sees which is chosen.
  const shelves = page.getByRole('navigation', { name: 'Categories' });
  await expect(shelves.locator('[aria-current]')).toBeInViewport({ ratio: 0.99 });
  await expect(shelves.locator('[aria-current]')).toHaveText(categoryName(shop.category));
  await page.getByLabel('Sort').selectOption('Price, lowest first');
  await expect(first).toHaveText(cheapest);
  await page.getByLabel('Sort').selectOption('Price, highest first');
  await expect(first).toHaveText(dearest);
  await page.getByLabel('Sort').selectOption('By title');
  await expect(first).toHaveText(dearest);
  await page.reload();
  await expect(page.getByLabel('Sort')).toHaveValue('title');
  await expect(first).toHaveText(dearest);
  await page.goBack();
  await expect(page.getByLabel('Sort')).toHaveValue('price-desc');
});

test('a book is found by its author while one types', async ({ page, shop }) => {
  const book = shop.books[3];
  if (!book) throw new Error('The shelf has no such book');
  const started = book.author.slice(0, -1);
  await page.goto('/');
  await expect(cards(page).first()).toBeVisible();
  await search(page).pressSequentially(started, { delay: 20 });
  await expect(cards(page)).toHaveCount(1);
  await expect(page).toHaveURL(/\?q=/);
  // All letters of a search are one step back.
  await page.goBack();
  await expect(heading(page, 'Books worth staying up for')).toBeVisible();
  await expect(search(page)).toHaveValue('');
  await page.goForward();
  await expect(search(page)).toHaveValue(started);
  await cards(page).getByRole('link', { name: book.title }).click();
  await expect(heading(page, book.title)).toBeVisible();
  await page.getByRole('link', { name: book.author }).click();
  await expect(cards(page)).toHaveCount(1);
});

test('whoever looks for what there is not is told so, from any page', async ({ page }) => {
  await page.goto('/cart');
  await search(page).fill('xyzzyplughplover');
  await search(page).press('Enter');
  await expect(page.getByText('No book was found')).toBeVisible();
  await page.getByRole('main').getByRole('link', { name: 'See all books' }).click();
  await expect(cards(page).first()).toBeVisible();
});

test('a book’s page says what there is to know, and its reviews', async ({ page, shop }) => {
  const book = shop.books[0];
  await page.goto(`/books/${book?.id}`);
  await expect(page).toHaveTitle(`${book?.title} – Colophon`);
  await expect(page.getByText('€10.00')).toBeVisible();
  await expect(page.getByText('In stock')).toBeVisible();
  await expect(page.getByText('4.0 (1 review)')).toBeVisible();
  const reviews = page.getByRole('region', { name: 'Reviews' });
  await expect(reviews.getByText('A book with a review.')).toBeVisible();
  await expect(reviews.getByRole('link', { name: 'Sign in to write a review' })).toBeVisible();
});

test('the cart survives a reload, and asks who orders', async ({ page, shop }) => {
  const book = shop.books[1];
  await page.goto(`/books/${book?.id}`);
  await page.getByLabel('Copies').selectOption('2');
  await page.getByRole('button', { name: 'Add to cart' }).click();
  await expect(cartLink(page)).toHaveAccessibleName('Cart, 2 books');
  await page.reload();
  await expect(cartLink(page)).toHaveAccessibleName('Cart, 2 books');

  await cartLink(page).click();
  await expect(page.getByText('Total €22.00')).toBeVisible();
  await page.getByLabel('Copies').selectOption('3');
  await expect(page.getByText('Total €33.00')).toBeVisible();
  await page.getByRole('link', { name: 'Check out' }).click();
  await expect(heading(page, 'Sign in')).toBeVisible();
  await expect(page).toHaveURL('/sign-in?next=%2Fcheckout');

  await cartLink(page).click();
  await page.getByRole('button', { name: `Remove ${book?.title}` }).click();
  await expect(page.getByText('There is nothing in your cart')).toBeVisible();
});

test('by the keyboard alone one skips to the books and opens one', async ({ page, shop }) => {
  await page.goto(`/?category=${shop.category}&sort=price`);
  await expect(cards(page)).toHaveCount(24);
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();
  const book = page.getByRole('link', { name: shop.books[0]?.title ?? '' });
  for (let pressed = 0; pressed < 40 && !(await book.evaluate((link) => link === document.activeElement)); pressed++) {
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Enter');
  await expect(heading(page, shop.books[0]?.title ?? '')).toBeFocused();
});
