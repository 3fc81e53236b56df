import { cleanup, screen, waitFor } from '@testing-library/preact';
import userEvent from '@testing-library/user-event';
import { HttpResponse } from 'msw';
import { beforeEach, expect, test } from 'vitest';
import { http, server } from '../../tests/server';
import { book, signIn, visit } from '../../tests/shop';
import { addToCart, cart } from '../cart';
import Checkout from '../pages/checkout';
import { user } from '../session';

type Answer = () => Response | Promise<Response>;

/** What the API was sent, and what it has placed: one order for each key. */
let sent: { key: string | null; body: unknown }[];
let placed: Set<string | null>;
let copiesLeft: number;
/** Numbers of books that the catalogue has no more. */
let gone: number[];

const orderId = book(500).id;

function problem(status: number, errors?: object[]): Response {
  const body = { title: 'Conflict', status, detail: 'The order cannot be placed as it is.', requestId: 'r', errors };
  return new HttpResponse(JSON.stringify(body), { status, headers: { 'content-type': 'application/problem+json' } });
}

/** Each order takes the next of `answers`; without one it is placed. */
function shop(...answers: (Answer | undefined)[]) {
  server.use(
    http.get('/books/{id}', ({ params, response }) => {
      const number = Number(params.id.slice(-12));
      if (gone.includes(number)) return response.untyped(problem(404));
      const headers = { etag: '"1-1"', 'cache-control': 'no-cache' } as const;
      return response(200).json(book(number, { stock: copiesLeft }), { headers });
    }),
    http.post('/orders', async ({ request, response }) => {
      const key = request.headers.get('idempotency-key');
      sent.push({ key, body: await request.json() });
      const answer = answers.shift();
      if (answer) return response.untyped(await answer());
      placed.add(key);
      return response.untyped(HttpResponse.json({ id: orderId }, { status: 201 }));
    }),
  );
}

const open = () => visit('/checkout', '/checkout', Checkout);
const press = async (name: string) => userEvent.click(await screen.findByRole('button', { name }));
const arrived = () => waitFor(() => expect(location.pathname).toBe(`/orders/${orderId}`));

/** The button waits for the books' prices. */
async function ready() {
  await waitFor(() =>
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Place the order' }).disabled).toBe(false),
  );
}

beforeEach(() => {
  sent = [];
  placed = new Set();
  copiesLeft = 12;
  gone = [];
  addToCart(book(1), 2);
  signIn();
});

test('an order says what, how many and the total that its buyer saw', async () => {
  shop();
  open();
  await ready();
  await press('Place the order');
  await arrived();
  expect(sent[0]?.body).toEqual({
    lines: [{ bookId: book(1).id, quantity: 2 }],
    expectedTotal: { amount: 2500, currency: 'EUR' },
  });
  expect(sent[0]?.key).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
  expect(cart.value).toEqual([]);
  expect(sessionStorage).toHaveLength(0);
});

test('a double click is one order', async () => {
  shop();
  open();
  await ready();
  const button = screen.getByRole('button', { name: 'Place the order' });
  button.click();
  button.click();
  await arrived();
  expect(placed.size).toBe(1);
  expect(sent).toHaveLength(1);
});

test.each([
  ['no answer', () => HttpResponse.error()],
  ['the gateway’s error', () => HttpResponse.json({ message: 'Service Unavailable' }, { status: 503 })],
  ['an expired token', () => HttpResponse.json({ message: 'Unauthorized' }, { status: 401 })],
])('after %s the same order is sent again', async (_, answer) => {
  shop(answer);
  open();
  await ready();
  await press('Place the order');
  await press('Send the order again');
  await arrived();
  expect(sent[1]).toEqual(sent[0]);
  expect(placed.size).toBe(1);
});

test('a reload before the answer leads to the same order', async () => {
  shop(() => new Promise(() => undefined));
  open();
  await ready();
  await press('Place the order');
  await waitFor(() => expect(sent).toHaveLength(1));
  cleanup();
  open();
  await press('Send the order again');
  await arrived();
  expect(sent[1]).toEqual(sent[0]);
  expect(placed.size).toBe(1);
});

test('an open order of somebody else at this machine is not sent', async () => {
  shop(() => HttpResponse.error());
  open();
  await ready();
  await press('Place the order');
  await screen.findByRole('button', { name: 'Send the order again' });
  cleanup();
  signIn('another@example.com');
  open();
  await ready();
  await press('Place the order');
  await arrived();
  expect(sent[1]?.key).not.toBe(sent[0]?.key);
});

test('what is refused says why, can be put right, and is another order then', async () => {
  shop(() => {
    copiesLeft = 1;
    return problem(409, [{ pointer: '/lines/0/quantity', detail: 'only 1 copy is left' }]);
  });
  open();
  await ready();
  await press('Place the order');
  expect((await screen.findByRole('alert')).textContent).toContain('Of “Book 1” only 1 copy is left.');
  await press('Take 1');
  await ready();
  expect(screen.queryByRole('alert')).toBeNull();
  await press('Place the order');
  await arrived();
  expect(sent[1]?.body).toMatchObject({ lines: [{ quantity: 1 }], expectedTotal: { amount: 1250 } });
  expect(sent[1]?.key).not.toBe(sent[0]?.key);
});

test('a book that is gone is named, also beside others, until its line goes', async () => {
  addToCart(book(2), 1);
  shop(() => {
    gone = [1];
    return problem(409, [{ pointer: '/lines/0/bookId', detail: 'this book is not in the catalogue any more' }]);
  });
  open();
  await ready();
  await press('Place the order');
  const alert = await screen.findByRole('alert');
  expect(alert.textContent).toContain('“Book 1” is not in the catalogue any more. Please remove it.');
  await press('Remove Book 1');
  await ready();
  expect(screen.queryByRole('alert')).toBeNull();
  await press('Place the order');
  await arrived();
  expect(sent[1]?.body).toMatchObject({ lines: [{ bookId: book(2).id }] });
});

test('a total that is no longer right is told with the new one', async () => {
  shop(() => problem(409, [{ pointer: '/expectedTotal', detail: 'is 3000' }]));
  open();
  await ready();
  await press('Place the order');
  expect((await screen.findByRole('alert')).textContent).toMatch(/Prices have changed.*€25\.00 now/);
});

test('who is not signed in is led to the sign-in and back', async () => {
  user.value = null;
  shop();
  open();
  await waitFor(() => expect(location.pathname + location.search).toBe('/sign-in?next=%2Fcheckout'));
});
