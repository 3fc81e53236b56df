import { screen, waitFor } from '@testing-library/preact';
import userEvent from '@testing-library/user-event';
import { HttpResponse } from 'msw';
import { expect, test } from 'vitest';
import { http, server } from '../../../tests/server';
import { book, signIn, visit } from '../../../tests/shop';
import type { Schema } from '../../api/client';
import { cart } from '../../cart';
import BookPage from '.';

const fresh = { headers: { etag: '"1-1"', 'cache-control': 'no-cache' } } as const;
const time = '2026-11-25T09:30:00.125Z';

function review(number: number, change: Partial<Schema['Review']> = {}): Schema['Review'] {
  return {
    id: book(number).id,
    rating: 4,
    name: `Reader ${number}`,
    text: `Text ${number}`,
    createdAt: time,
    updatedAt: time,
    ...change,
  };
}

const gone = () =>
  new HttpResponse(
    JSON.stringify({ title: 'Not Found', status: 404, detail: 'There is nothing here.', requestId: 'r' }),
    {
      status: 404,
      headers: { 'content-type': 'application/problem+json' },
    },
  );

const shows = (shown: Schema['BookWithReviews']) =>
  server.use(http.get('/books/{id}', ({ response }) => response(200).json(shown, fresh)));

const open = () => visit(`/books/${book(1).id}`, '/books/:id', BookPage);

test('as many copies go into the cart as there are, and no more', async () => {
  shows(book(1, { stock: 3 }));
  open();
  await userEvent.selectOptions(await screen.findByRole('combobox', { name: 'Copies' }), '2');
  expect(screen.getAllByRole('option')).toHaveLength(3);
  screen.getByText('Only 3 left');
  await userEvent.click(screen.getByRole('button', { name: 'Add to cart' }));
  expect(cart.value).toMatchObject([{ bookId: book(1).id, quantity: 2, title: 'Book 1' }]);
  await waitFor(() => expect(screen.getAllByRole('option')).toHaveLength(1));
  screen.getByRole('link', { name: 'Cart, 2 books' });
});

test('what is out of stock cannot be added', async () => {
  shows(book(1, { stock: 0 }));
  open();
  await screen.findByText('Out of stock');
  expect(screen.queryByRole('button', { name: 'Add to cart' })).toBeNull();
});

test('a book that is not there is a page that is not there', async () => {
  server.use(http.get('/books/{id}', ({ response }) => response.untyped(gone())));
  open();
  await screen.findByRole('heading', { level: 1, name: 'Not found' });
});

test('more reviews come page by page', async () => {
  shows(book(1, { rating: { count: 3, average: 4 }, reviews: [review(1)] }));
  server.use(
    http.get('/books/{id}/reviews', ({ query, response }) =>
      response(200).json(
        query.get('cursor') ? { items: [review(3)] } : { items: [review(1), review(2)], next: 'more' },
        fresh,
      ),
    ),
  );
  open();
  await userEvent.click(await screen.findByRole('button', { name: 'Show more reviews' }));
  await screen.findByText('Text 2');
  expect(document.activeElement?.textContent).toContain('Text 2');
  await userEvent.click(screen.getByRole('button', { name: 'Show more reviews' }));
  await screen.findByText('Text 3');
  expect(document.activeElement?.textContent).toContain('Text 3');
  expect(screen.getAllByText(/^Text/).map((text) => text.textContent)).toEqual(['Text 1', 'Text 2', 'Text 3']);
  expect(screen.queryByRole('button', { name: 'Show more reviews' })).toBeNull();
});

test('who is not signed in is shown the way to a review', async () => {
  shows(book(1));
  open();
  const link = await screen.findByRole<HTMLAnchorElement>('link', { name: 'Sign in to write a review' });
  expect(new URL(link.href).searchParams.get('next')).toBe(`/books/${book(1).id}`);
});

test('a review needs stars, a name and a text, and is sent as the contract has it', async () => {
  const sent: unknown[] = [];
  shows(book(1));
  server.use(
    http.get('/books/{id}/review', ({ response }) => response.untyped(gone())),
    http.put('/books/{id}/review', async ({ request, response }) => {
      sent.push(await request.json());
      return response.untyped(HttpResponse.json(review(1), { status: 201 }));
    }),
  );
  signIn();
  open();
  await userEvent.click(await screen.findByRole('button', { name: 'Write a review' }));
  await userEvent.click(await screen.findByRole('button', { name: 'Publish the review' }));
  await screen.findByText('Please choose from one to five stars.');
  expect(sent).toEqual([]);

  await userEvent.click(screen.getByRole('radio', { name: '4 stars' }));
  await userEvent.type(screen.getByRole('textbox', { name: 'Name' }), '  Shevek ');
  await userEvent.type(screen.getByRole('textbox', { name: 'Review' }), 'In one night.');
  const publish = screen.getByRole('button', { name: 'Publish the review' });
  publish.click();
  publish.click();
  await screen.findByRole('button', { name: 'Change your review' });
  await screen.findByText('Your review is published.');
  expect(document.activeElement).toBe(screen.getByRole('heading', { name: 'Reviews' }));
  expect(sent).toEqual([{ rating: 4, name: 'Shevek', text: 'In one night.' }]);
});

test('the own review is there to be changed or withdrawn', async () => {
  let withdrawn = false;
  shows(book(1));
  server.use(
    http.get('/books/{id}/review', ({ response }) =>
      response(200).json(review(1), { headers: { 'cache-control': 'no-store' } }),
    ),
    http.delete('/books/{id}/review', ({ response }) => {
      withdrawn = true;
      return response(204).empty();
    }),
  );
  signIn();
  open();
  await userEvent.click(await screen.findByRole('button', { name: 'Change your review' }));
  expect((await screen.findByRole<HTMLInputElement>('textbox', { name: 'Name' })).value).toBe('Reader 1');
  expect(screen.getByRole<HTMLInputElement>('radio', { name: '4 stars' }).checked).toBe(true);
  await userEvent.click(screen.getByRole('button', { name: 'Withdraw the review' }));
  expect(withdrawn).toBe(false);
  await userEvent.click(screen.getByRole('button', { name: 'Yes, withdraw it' }));
  await screen.findByRole('button', { name: 'Write a review' });
  expect(withdrawn).toBe(true);
});
