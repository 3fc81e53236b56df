import { screen, waitFor, within } from '@testing-library/preact';
import { HttpResponse } from 'msw';
import { beforeEach, describe, expect, test } from 'vitest';
import { http, server } from '../../tests/server';
import type { Schema } from '../api/client';
import { orderNumber } from '../ui/order-number';
import { open, person, press, refusal } from './testing';

const headers = { 'cache-control': 'no-store' } as const;

let orders: Schema['Order'][];
let asked: string[];

beforeEach(() => {
  orders = [1, 2, 3].map((place) => order(place));
  asked = [];
  server.use(
    http.get('/admin/orders', ({ query, response }) => {
      const status = query.get('status') ?? 'placed';
      asked.push(`${status} ${query.get('cursor') ?? ''}`.trim());
      const items = orders.filter((each) => each.status === status).map(summary);
      // Two on a page.
      const page = query.get('cursor') ? items.slice(2) : items.slice(0, 2);
      const next = query.get('cursor') || items.length <= 2 ? {} : { next: 'second' };
      return response(200).json({ items: page, ...next }, { headers });
    }),
    http.get('/admin/orders/{id}', ({ params, response }) => {
      const found = orders.find(({ id }) => id === params.id);
      if (!found) throw new Error('no such order');
      return response(200).json(found, { headers });
    }),
    http.post('/admin/orders/{id}/process', ({ params, response }) =>
      response(200).json(settle(params.id, 'processed'), { headers }),
    ),
    http.post('/admin/orders/{id}/cancel', ({ params, response }) =>
      response(200).json(settle(params.id, 'cancelled'), { headers }),
    ),
  );
});

describe('the list', () => {
  test('shows what waits, page after page', async () => {
    open('/admin');
    await screen.findByRole('link', { name: title(1) });
    expect(screen.queryByRole('link', { name: title(3) })).toBeNull();
    await press('Show more orders');
    await screen.findByRole('link', { name: title(3) });
    expect(asked).toEqual(['placed', 'placed second']);
    expect(screen.getByRole('link', { name: 'Waiting' }).getAttribute('aria-current')).toBe('page');
  });

  test('has a tab for each status', async () => {
    orders = [order(4, 'cancelled')];
    open('/admin/orders?status=cancelled');
    await screen.findByRole('link', { name: title(4) });
    expect(screen.queryByRole('button', { name: /Mark as processed/ })).toBeNull();
  });

  test('an unknown status is that of the orders that wait', async () => {
    open('/admin/orders?status=toString');
    await screen.findByRole('link', { name: title(1) });
  });

  test('says that there is nothing to do', async () => {
    orders = [];
    open('/admin/orders');
    await screen.findByText('All orders are processed');
  });

  test('says what went wrong, and tries again', async () => {
    server.use(http.get('/admin/orders', () => HttpResponse.error(), { once: true }));
    open('/admin/orders');
    await screen.findByText('The orders could not be loaded');
    await press('Try again');
    await screen.findByRole('link', { name: title(1) });
  });

  test('loses an order that is processed, and the heading has the focus', async () => {
    open('/admin/orders');
    await press(`Mark as processed: order ${number(1)}`);
    await waitFor(() => expect(screen.queryByRole('link', { name: title(1) })).toBeNull());
    expect(orders[0]?.status).toBe('processed');
    expect(document.activeElement).toBe(screen.getByRole('heading', { level: 1 }));
    await screen.findByText(`Order ${number(1)} is processed.`);
  });
});

describe('an order', () => {
  const first = order(1);

  test('is cancelled after a question', async () => {
    open(`/admin/orders/${first.id}`);
    await press(`Cancel the order ${number(1)}`);
    const dialog = await screen.findByRole('dialog', { name: `Cancel order ${number(1)}?` });
    expect(orders[0]?.status).toBe('placed');
    await person.click(within(dialog).getByRole('button', { name: 'Cancel the order' }));
    await screen.findByText('Cancelled');
    expect(orders[0]?.status).toBe('cancelled');
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  test('stays when the question is answered with no', async () => {
    open(`/admin/orders/${first.id}`);
    await press(`Cancel the order ${number(1)}`);
    await press('Keep it');
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(orders[0]?.status).toBe('placed');
  });

  test('that somebody else has cancelled meanwhile is shown so', async () => {
    server.use(
      http.post('/admin/orders/{id}/process', ({ params, response }) => {
        settle(params.id, 'cancelled');
        return response.untyped(refusal(409, 'It is too late: it was cancelled.'));
      }),
    );
    open(`/admin/orders/${first.id}`);
    await press(/Mark as processed/);
    await screen.findByText('Cancelled');
    await screen.findByText('It is too late: it was cancelled.');
    expect(screen.queryByRole('button', { name: /Mark as processed/ })).toBeNull();
  });

  test('shows whose it is and what is in it', async () => {
    open(`/admin/orders/${first.id}`);
    await screen.findByText('customer-1');
    expect(screen.getByRole('link', { name: 'Book 1' })).toBeTruthy();
    expect(screen.getAllByText('€25.00')).not.toHaveLength(0);
  });
});

test('an order that there is not says so', async () => {
  server.use(http.get('/admin/orders/{id}', ({ response }) => response.untyped(refusal(404, 'Nothing.'))));
  open(`/admin/orders/${order(1).id}`);
  await screen.findByText('There is no such order');
});

describe('whoever does not run the shop', () => {
  test('reads why there is nothing for them', async () => {
    open('/admin/orders', false);
    await screen.findByRole('heading', { name: 'For administrators' });
    expect(screen.getByText('keeper@example.com')).toBeTruthy();
    expect(asked).toEqual([]);
  });
});

function order(place: number, status: Schema['OrderStatus'] = 'placed'): Schema['Order'] {
  const time = '2026-11-25T09:30:00.125Z';
  return {
    id: `0193564f-7c11-7a3b-8d2e-5f607182930${place}`,
    customer: `customer-${place}`,
    status,
    lines: [{ bookId: 'b', title: `Book ${place}`, quantity: 2, price: { amount: 1250, currency: 'EUR' } }],
    total: { amount: 2500, currency: 'EUR' },
    createdAt: time,
    updatedAt: time,
  };
}

function summary({ id, status, total, createdAt, updatedAt }: Schema['Order']): Schema['OrderSummary'] {
  return { id, status, copies: 2, total, createdAt, updatedAt };
}

function settle(id: string, status: Schema['OrderStatus']): Schema['Order'] {
  const settled = orders.find((each) => each.id === id);
  if (!settled) throw new Error('no such order');
  settled.status = status;
  return { ...settled };
}

function number(place: number) {
  return orderNumber(order(place).id);
}

/** What the link to an order ends with: it begins with the date. */
function title(place: number) {
  return new RegExp(`Order ${number(place)}$`);
}
