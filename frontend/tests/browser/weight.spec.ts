import { shifted, watchShifts } from './pages';
import { expect, test } from './test';

test.beforeEach(({ page }) => watchShifts(page));

/** Where the API is at the site's own origin, CloudFront serves both; an S3 website has no headers of one's own. */
const onCloudFront = (apiUrl: string) => apiUrl.startsWith('/');

test('a first visit loads at most 45 kB of scripts and 12 kB of styles, compressed', async ({ page, shop }) => {
  await page.goto('/');
  await expect(page.locator('.book-card h2').first()).toBeVisible();
  const loaded = await page.evaluate(async (sent) => {
    const zipped = async (url: string) => {
      const { body } = await fetch(url);
      return (await new Response(body?.pipeThrough(new CompressionStream('gzip'))).arrayBuffer()).byteLength;
    };
    const files = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
    // S3 compresses nothing: then it is what compression would leave of it.
    return Promise.all(
      files
        .filter(({ name }) => /\.(js|css)$/.test(name))
        .map(async (file) => ({ name: file.name, bytes: sent ? file.encodedBodySize : await zipped(file.name) })),
    );
  }, onCloudFront(shop.config.apiUrl));
  const sum = (type: string) =>
    loaded.filter(({ name }) => name.endsWith(type)).reduce((total, { bytes }) => total + bytes, 0);
  for (const type of ['.js', '.css']) expect(sum(type)).toBeGreaterThan(0);
  expect(sum('.js')).toBeLessThanOrEqual(45 * 1024);
  expect(sum('.css')).toBeLessThanOrEqual(12 * 1024);
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

test('the headers say what a page may do, where the hosting has any', async ({ page, shop }) => {
  const headers = (await page.goto('/books/of-any-name'))?.headers() ?? {};
  if (onCloudFront(shop.config.apiUrl)) {
    expect(headers['content-security-policy']).toMatch(/default-src 'none'; script-src 'self'; style-src 'self';/);
    expect(headers['content-security-policy']).not.toContain('unsafe');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['x-frame-options']).toBe('DENY');
    expect(headers['strict-transport-security']).toMatch(/max-age=\d{8}/);
    expect(headers['permissions-policy']).toContain('camera=()');
  } else {
    expect(headers['content-security-policy']).toBeUndefined();
  }
  expect(headers['cache-control']).toBe('no-cache');
});

test('hashed files are kept for ever, index.html and the settings for no time', async ({ page }) => {
  const answers = new Map<string, string | undefined>();
  page.on('response', (response) => {
    answers.set(new URL(response.url()).pathname, response.headers()['cache-control']);
  });
  await page.goto('/');
  await expect(page.locator('.book-card h2').first()).toBeVisible();
  expect(answers.get('/')).toBe('no-cache');
  expect(answers.get('/config.json')).toBe('no-cache');
  const assets = [...answers].filter(([path]) => path.startsWith('/assets/'));
  expect(assets.length).toBeGreaterThan(0);
  for (const [path, kept] of assets) expect(kept, path).toBe('public, max-age=31536000, immutable');
});
