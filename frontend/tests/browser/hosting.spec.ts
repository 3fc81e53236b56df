import { expect, test } from './test';

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
