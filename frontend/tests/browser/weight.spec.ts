import { call } from './api';
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

test('covers have their place, and are loaded when they come into view', async ({ page, shop }) => {
  await page.goto('/');
  // Of the books of this run none has a cover, so they get one on their way: pictures that the site itself has.
  const { data } = await call<{ items: object[] }>(page, 'GET', `/books?limit=24&category=${shop.category}`);
  const items = data.items.map((book, place) => ({
    ...book,
    cover: {
      small: new URL(`/icon.svg?small=${place}`, page.url()).href,
      large: new URL(`/icon.svg?large=${place}`, page.url()).href,
    },
  }));
  await page.route(/\/books\?/, (route) =>
    route.fulfill({ json: { items }, headers: { 'access-control-allow-origin': '*' } }),
  );
  const asked = new Set<string>();
  page.on('request', (request) => asked.add(new URL(request.url()).search.replace(/\D/g, '')));
  await page.goto(`/?category=${shop.category}`);
  const covers = page.locator('.book-card img');
  await expect(covers).toHaveCount(24);
  await page.waitForLoadState('networkidle');

  expect(
    await covers.evaluateAll((images: HTMLImageElement[]) =>
      images.every((i) => i.width > 0 && i.height > 0 && i.hasAttribute('width') && i.hasAttribute('height')),
    ),
  ).toBe(true);
  expect(asked).toContain('0');
  expect(asked).not.toContain('23');
  await covers.last().scrollIntoViewIfNeeded();
  await expect.poll(() => asked.has('23')).toBe(true);
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
