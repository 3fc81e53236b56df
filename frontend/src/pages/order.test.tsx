import { cleanup, screen, waitFor } from '@testing-library/preact';
import userEvent from '@testing-library/user-event';
import { HttpResponse } from 'msw';
import { expect, test } from 'vitest';
import { http, server } from '../../tests/server';
import { book, signIn, visit } from '../../tests/shop';
import type { Schema } from '../api/client';
import { justPlaced } from '../checkout/attempt';
import OrderPage from './order';

const headers = { 'cache-control': 'no-store' } as const;
const id = '0193564f-7c11-7a3b-8d2e-5f60718293a4';
const time = '2026-11-25T09:30:00.125Z';

/** The customer's one order. */
function ordered(): Schema['Order'] {
  const order: Schema['Order'] = {
    id,
    status: 'placed',
    lines: [{ bookId: book(1).id, title: 'Book 1', quantity: 2, price: book(1).price }],
    total: { amount: 2500, currency: 'EUR' },
    createdAt: time,
    updatedAt: time,
  };
  server.use(
    http.get('/orders/{id}', ({ response }) => response(200).json(order, { headers })),
    http.post('/orders/{id}/cancel', ({ response }) => {
      order.status = 'cancelled';
      return response(200).json(order, { headers });
    }),
  );
  return order;
}

function open() {
  signIn();
  visit(`/orders/${id}`, '/orders/:id', OrderPage);
}

test('its buyer is thanked once', async () => {
  ordered();
  justPlaced.id = id;
  open();
  await screen.findByRole('heading', { level: 1, name: 'Thank you for your order' });
  cleanup();
  open();
  await screen.findByRole('heading', { level: 1, name: 'Your order' });
});

test('it has the number that the shop calls it by, and costs what its lines do', async () => {
  ordered();
  open();
  expect((await screen.findByText(/718293A4/)).textContent).toContain(id);
  screen.getByRole('columnheader', { name: 'Total' });
});

test('it is cancelled after a question, which leaves the focus at the heading', async () => {
  const order = ordered();
  open();
  await userEvent.click(await screen.findByRole('button', { name: 'Cancel the order' }));
  screen.getByText(/^Cancel this order\?/);
  await userEvent.click(screen.getByRole('button', { name: 'Yes, cancel it' }));
  await screen.findByText('The order is cancelled.');
  expect(order.status).toBe('cancelled');
  expect(document.activeElement).toBe(screen.getByRole('heading', { level: 1 }));
  await waitFor(() => expect(screen.queryByRole('button', { name: /cancel/i })).toBeNull());
});

test('one that is not there is no book', async () => {
  const problem = { title: 'Not Found', status: 404, detail: 'There is nothing here.', requestId: 'r' };
  const type = { 'content-type': 'application/problem+json' };
  server.use(
    http.get('/orders/{id}', ({ response }) =>
      response.untyped(HttpResponse.json(problem, { status: 404, headers: type })),
    ),
  );
  open();
  await screen.findByRole('heading', { level: 1, name: 'Not found' });
  expect(screen.getByRole('main').textContent).not.toMatch(/book/);
  screen.getByRole('link', { name: 'Your orders' });
});
