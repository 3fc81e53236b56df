import { toApi } from './api';
import { shifted, watchShifts } from './pages';
import type { Shelf } from './shelf';
import { expect, test } from './test';

test.beforeEach(({ page }) => watchShifts(page));

for (const [name, address] of [
  ['catalogue', (shop: Shelf) => `/?category=${shop.category}`],
  ['book', (shop: Shelf) => `/books/${shop.books[0]?.id}`],
] as const) {
  test(`while a slow shop answers, the ${name}'s place is kept, and nothing moves`, async ({ page, shop }) => {
    await page.route(toApi(shop.config), async (route) => {
      await new Promise((later) => setTimeout(later, 700));
      await route.continue();
    });
    await page.goto(address(shop));
    await expect(page.locator('.skeleton').first()).toBeVisible();
    await expect(page.locator('.skeleton')).toHaveCount(0);
    await expect(page.locator('.book-card h2, .review-text').first()).toBeVisible();
    await page.unrouteAll({ behavior: 'wait' });
    expect(await shifted(page)).toBeLessThan(0.02);
  });
}

test('one long word makes no page wider than the window', async ({ page, shop }) => {
  const word = 'Donaudampfschifffahrtsgesellschaftskapitänskajüte'.repeat(3);
  const review = {
    ...shop.books[0],
    rating: 5,
    name: word.slice(0, 50),
    text: word,
    updatedAt: shop.books[0]?.createdAt,
  };
  const book = { ...shop.books[0], title: word, author: word, description: word, reviews: [review] };
  const headers = { 'access-control-allow-origin': '*' };
  await page.route(/\/books\?/, (route) => route.fulfill({ json: { items: [book] }, headers }));
  await page.route(toApi(shop.config), (route) =>
    route.request().url().includes(`/books/${book.id}`) ? route.fulfill({ json: book, headers }) : route.fallback(),
  );
  for (const address of ['/', `/books/${book.id}`]) {
    await page.goto(address);
    await expect(page.getByRole('heading', { name: word })).toBeVisible();
    const width = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(width, address).toBeLessThanOrEqual(0);
  }
});

test('covers have their place, and are loaded when they come into view', async ({ page, shop, baseURL }) => {
  // None of this run's books has a cover, and it takes many to fill more than a browser looks ahead. So the answer is
  // made here, with pictures that the site itself has.
  const picture = (size: string, place: number) => new URL(`/icon.svg?${size}=${place}`, baseURL).href;
  const items = [...shop.books, ...shop.books, ...shop.books, ...shop.books].map((book, place) => ({
    ...book,
    id: `${book.id}-${place}`,
    cover: { small: picture('small', place), large: picture('large', place) },
  }));
  await page.route(/\/books\?/, (route) =>
    route.fulfill({ json: { items }, headers: { 'access-control-allow-origin': '*' } }),
  );
  const asked = new Set<number>();
  page.on('request', (request) => {
    const { pathname, search } = new URL(request.url());
    if (pathname === '/icon.svg' && search) asked.add(Number(search.split('=')[1]));
  });

  await page.goto('/');
  const covers = page.locator('.book-card img');
  await expect(covers).toHaveCount(items.length);
  await expect.poll(() => asked.has(0)).toBe(true);
  await page.waitForLoadState('networkidle');
  const last = items.length - 1;
  expect([...asked]).not.toContain(last);
  for (const { box, width, height } of await covers.evaluateAll((images) =>
    images.map((image) => ({
      box: image.getBoundingClientRect().height,
      width: image.getAttribute('width'),
      height: image.getAttribute('height'),
    })),
  )) {
    expect(box).toBeGreaterThan(0);
    expect([width, height]).toEqual(['240', '360']);
  }
  await covers.last().scrollIntoViewIfNeeded();
  await expect.poll(() => asked.has(last)).toBe(true);
  expect(await shifted(page)).toBeLessThan(0.02);
});
