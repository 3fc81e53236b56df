import { HttpResponse } from 'msw';
import { beforeEach, expect, test, vi } from 'vitest';
import { apiUrl, http, server } from '../../tests/server';
import { book } from '../../tests/shop';
import { api, body, connect, tagged } from './client';
import { Problem } from './problem';

const token = vi.fn<() => Promise<string | null>>();
const tokenInsteadOf = vi.fn<(refused: string) => Promise<string | null>>();

beforeEach(() => {
  token.mockReset().mockResolvedValue('first');
  tokenInsteadOf.mockReset().mockResolvedValue('second');
  connect(apiUrl, { token, tokenInsteadOf });
});

const problemOf = (promise: Promise<unknown>): Promise<Problem> =>
  promise.then(
    () => Promise.reject(new Error('it went well')),
    (error) => (error instanceof Problem ? error : Promise.reject(error)),
  );

test('what is public is asked for without a token, so that caches may answer', async () => {
  let sent: string | null = 'nothing';
  server.use(
    http.get('/books/{id}', ({ request, response }) => {
      sent = request.headers.get('authorization');
      return response(200).json(book(1), { headers: { etag: '"3-41"', 'cache-control': 'no-cache' } });
    }),
  );
  const { data, etag } = await tagged(api.GET('/books/{id}', { params: { path: { id: book(1).id } } }));
  expect(data.title).toBe('Book 1');
  expect(etag).toBe('"3-41"');
  expect(sent).toBeNull();
});

test('a token that the API refuses is replaced once', async () => {
  const sent: (string | null)[] = [];
  server.use(
    http.get('/orders', ({ request, response }) => {
      const authorization = request.headers.get('authorization');
      sent.push(authorization);
      if (authorization === 'Bearer first')
        return response.untyped(HttpResponse.json({ message: 'Unauthorized' }, { status: 401 }));
      return response(200).json({ items: [] }, { headers: { 'cache-control': 'no-store' } });
    }),
  );
  expect(await body(api.GET('/orders'))).toEqual({ items: [] });
  expect(sent).toEqual(['Bearer first', 'Bearer second']);
  expect(tokenInsteadOf).toHaveBeenCalledExactlyOnceWith('first');
});

test('a refused token is sent on with the body of the request', async () => {
  const bodies: unknown[] = [];
  server.use(
    http.post('/orders', async ({ request, response }) => {
      bodies.push(await request.json());
      return response.untyped(HttpResponse.json({ message: 'Unauthorized' }, { status: 401 }));
    }),
  );
  const order = { lines: [{ bookId: book(1).id, quantity: 2 }] };
  const problem = await problemOf(
    api.POST('/orders', { params: { header: { 'Idempotency-Key': 'key' } }, body: order }),
  );
  expect(problem.status).toBe(401);
  expect(bodies).toEqual([order, order]);
});

test('a problem document says what is wrong and where', async () => {
  const errors = [{ pointer: '/lines/0/quantity', detail: 'only 2 copies are left' }];
  server.use(
    http.post('/orders', ({ response }) =>
      response.untyped(
        new HttpResponse(
          JSON.stringify({ title: 'Conflict', status: 409, detail: 'Not as it is.', requestId: 'r-1', errors }),
          { status: 409, headers: { 'content-type': 'application/problem+json' } },
        ),
      ),
    ),
  );
  const problem = await problemOf(
    api.POST('/orders', {
      params: { header: { 'Idempotency-Key': 'key' } },
      body: { lines: [{ bookId: book(1).id, quantity: 9 }] },
    }),
  );
  expect(problem).toMatchObject({
    status: 409,
    message: 'Not as it is.',
    requestId: 'r-1',
    passing: false,
    unknown: false,
  });
  expect(problem.at('/lines/0/quantity')).toBe('only 2 copies are left');
});

test.each([
  [429, { passing: true, unknown: false }],
  [500, { passing: true, unknown: true }],
  [503, { passing: true, unknown: true }],
  [404, { passing: false, unknown: false }],
])('the gateway’s own %i has words of ours', async (status, expected) => {
  server.use(
    http.get('/books', ({ response }) =>
      response.untyped(HttpResponse.json({ message: 'Service Unavailable' }, { status })),
    ),
  );
  const problem = await problemOf(api.GET('/books'));
  expect(problem).toMatchObject({ status, ...expected });
  expect(problem.message).not.toContain('Service Unavailable');
  expect(problem.message).not.toBe('');
});

test('no answer is a problem too, of the connection or of the token’s renewal', async () => {
  server.use(http.get('/books', ({ response }) => response.untyped(HttpResponse.error())));
  expect(await problemOf(api.GET('/books'))).toMatchObject({ status: 0, passing: true, unknown: true });
  token.mockRejectedValue(new TypeError('Failed to fetch'));
  expect(await problemOf(api.GET('/orders'))).toMatchObject({ status: 0 });
});

test('a request that is cancelled is no problem', async () => {
  server.use(http.get('/books', () => new Promise(() => undefined)));
  const controller = new AbortController();
  const asked = api.GET('/books', { signal: controller.signal });
  controller.abort();
  await expect(asked).rejects.toMatchObject({ name: 'AbortError' });
});

test('the API may be at the site’s own origin', async () => {
  connect('/api', { token, tokenInsteadOf });
  const { http: plain } = await import('msw');
  server.use(plain.get('https://shop.test/api/books', () => HttpResponse.json({ items: [] })));
  expect(await body(api.GET('/books'))).toEqual({ items: [] });
});
