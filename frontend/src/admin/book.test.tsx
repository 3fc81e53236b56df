import { screen, waitFor, within } from '@testing-library/preact';
import { HttpResponse } from 'msw';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { http, server } from '../../tests/server';
import { book } from '../../tests/shop';
import type { Schema } from '../api/client';
import { described, field, open, person, press, refusal, write } from './testing';

const kept = { 'cache-control': 'no-store' } as const;

/** The one book of the catalogue, as the API holds it. */
let current: Schema['BookWithReviews'];
let edition: number;
/** What was sent to change it. */
let sent: { key: string | null; body: unknown }[];

const etag = () => `"${edition}-0"`;
const page = () => `/admin/books/${current.id}`;

beforeEach(() => {
  current = book(1, { title: 'The Dispossessed', description: 'An ambiguous utopia.' });
  edition = 3;
  sent = [];
  server.use(
    http.get('/categories', ({ response }) =>
      response(200).json(
        { items: [{ name: 'science-fiction', books: 1 }] },
        { headers: { 'cache-control': 'public, max-age=30', etag: '"c"' } },
      ),
    ),
    http.get('/books/{id}', ({ response }) =>
      response(200).json(current, { headers: { 'cache-control': 'no-cache', etag: etag() } }),
    ),
    http.put('/books/{id}', async ({ request, response }) => {
      const body = await request.json();
      const ifMatch = request.headers.get('if-match');
      sent.push({ key: ifMatch, body });
      if (ifMatch !== etag()) return response.untyped(refusal(412, 'The book is of another edition.'));
      edit({ ...body, description: body.description ?? undefined } as Partial<Schema['Book']>);
      return response(200).json(current, { headers: { ...kept, etag: etag() } });
    }),
  );
});

describe('editing', () => {
  test('sends all that editors write, with the edition that it began with', async () => {
    open(page());
    await screen.findByRole('heading', { level: 1, name: 'The Dispossessed' });
    expect(field('Price')).toHaveProperty('value', '12.50');
    await write('Title', ' The Dispossessed: a novel ');
    await write('Price', '9,9');
    await person.clear(field(/^Description/));
    await press('Save the changes');
    await waitFor(() => expect(screen.getAllByText('The changes are saved.')).not.toHaveLength(0));
    expect(sent).toEqual([
      {
        key: '"3-0"',
        body: {
          title: 'The Dispossessed: a novel',
          author: 'Ursula K. Le Guin',
          category: 'science-fiction',
          price: { amount: 990, currency: 'EUR' },
          description: null,
        },
      },
    ]);
    // The next one begins with the new edition.
    await write('Author', 'U. K. Le Guin');
    await press('Save the changes');
    await waitFor(() => expect(sent[1]?.key).toBe('"4-0"'));
  });

  test('that somebody else was faster at keeps what is typed, shows theirs, and replaces it when told so', async () => {
    open(page());
    await screen.findByRole('heading', { level: 1, name: 'The Dispossessed' });
    await write('Title', 'My title');
    edit({ author: 'Le Guin', price: { amount: 100, currency: 'USD' } });
    await press('Save the changes');

    const conflict = await screen.findByRole('alert');
    expect(conflict.textContent).toContain('Somebody else has changed this book');
    const theirs = [...conflict.querySelectorAll('dt, dd')].map((part) => part.textContent);
    expect(theirs).toEqual(['Author', 'Le Guin', 'Price', 'US$1.00']);
    expect(document.activeElement).toBe(conflict);
    expect(field('Title')).toHaveProperty('value', 'My title');
    expect(current.title).toBe('The Dispossessed');

    await press('Save mine instead');
    await waitFor(() => expect(current.title).toBe('My title'));
    expect(current.author).toBe('Ursula K. Le Guin');
    expect(screen.queryByText(/Somebody else/)).toBeNull();
  });

  test('can begin anew from theirs', async () => {
    open(page());
    await screen.findByRole('heading', { level: 1, name: 'The Dispossessed' });
    await write('Title', 'My title');
    edit({ title: 'Their title' });
    await press('Save the changes');
    await press('Discard mine and take theirs');
    expect(field('Title')).toHaveProperty('value', 'Their title');
    await write('Author', 'Le Guin');
    await press('Save the changes');
    await waitFor(() => expect(current).toMatchObject({ title: 'Their title', author: 'Le Guin' }));
  });

  test('is not hindered by a new cover, which makes a new edition, too', async () => {
    open(page());
    await screen.findByRole('heading', { level: 1, name: 'The Dispossessed' });
    await write('Title', 'My title');
    edit({ cover: { small: 'https://covers.test/s', large: 'https://covers.test/l' } });
    await press('Save the changes');
    await waitFor(() => expect(current.title).toBe('My title'));
    expect(sent.map(({ key }) => key)).toEqual(['"3-0"', '"4-0"']);
  });

  test('shows what the API finds wrong at its field, which has the focus', async () => {
    server.use(
      http.put('/books/{id}', ({ response }) =>
        response.untyped(
          refusal(422, 'The body has mistakes.', [
            { pointer: '/author', detail: 'must not be empty' },
            { pointer: '/price/amount', detail: 'must be a whole number from 0 to 1000000' },
          ]),
        ),
      ),
    );
    open(page());
    await screen.findByRole('heading', { level: 1, name: 'The Dispossessed' });
    await press('Save the changes');
    await waitFor(() => expect(document.activeElement).toBe(field('Author')));
    expect(described(field('Author'))).toBe('Must not be empty.');
    expect(described(field('Price'))).toBe('Must be a whole number from 0 to 1000000.');
    expect(screen.queryByRole('alert')).toBeNull();
  });

  test('that is not saved is not left without a question', async () => {
    const asked = vi.fn(() => false);
    vi.stubGlobal('confirm', asked);
    open(page());
    const away = await screen.findByRole('link', { name: 'See it in the shop' });
    await write('Title', 'My title');
    await person.click(away);
    expect(location.pathname).toBe(page());
    await press('Save the changes');
    await screen.findByText('The changes are saved.');
    await person.click(away);
    await screen.findByText('Another page');
    expect(asked).toHaveBeenCalledTimes(1);
  });

  test('offline says so and keeps what is typed', async () => {
    server.use(http.put('/books/{id}', () => HttpResponse.error()));
    open(page());
    await screen.findByRole('heading', { level: 1, name: 'The Dispossessed' });
    await write('Title', 'My title');
    await press('Save the changes');
    expect((await screen.findByRole('alert')).textContent).toContain('The changes are not saved');
    expect(field('Title')).toHaveProperty('value', 'My title');
  });
});

describe('the stock', () => {
  beforeEach(() => {
    server.use(
      http.post('/books/{id}/stock', async ({ request, response }) => {
        const { change } = await request.json();
        const key = request.headers.get('idempotency-key');
        const again = sent.some((before) => before.key === key);
        sent.push({ key, body: change });
        if (current.stock + change < 0) return response.untyped(refusal(409, 'The stock would not stay.'));
        if (!again) current.stock += change;
        return response(200).json({ stock: current.stock }, { headers: kept });
      }),
    );
  });

  test('grows and shrinks by a difference, each with a key of its own', async () => {
    open(page());
    await screen.findByText('12 copies');
    await write('Copies', '3');
    await press('Add to the stock');
    await screen.findByText('15 copies');
    await write('Copies', '3');
    await press('Add to the stock');
    await screen.findByText('18 copies');
    await write('Copies', '1');
    await press('Take away');
    await screen.findByText('17 copies');
    expect(sent.map(({ body }) => body)).toEqual([3, 3, -1]);
    expect(new Set(sent.map(({ key }) => key)).size).toBe(3);
  });

  test('sent again after no answer is changed once', async () => {
    server.use(
      http.post(
        '/books/{id}/stock',
        async ({ request }) => {
          // It arrives, and its answer does not.
          sent.push({ key: request.headers.get('idempotency-key'), body: 3 });
          current.stock += 3;
          return HttpResponse.error();
        },
        { once: true },
      ),
    );
    open(page());
    await screen.findByText('12 copies');
    await write('Copies', '3');
    await press('Add to the stock');
    await screen.findByText('The stock is not changed');
    await press('Add to the stock');
    await screen.findByText('15 copies');
    expect(sent[0]?.key).toBe(sent[1]?.key);
  });

  test('never falls below nothing', async () => {
    open(page());
    await screen.findByText('12 copies');
    await write('Copies', '13');
    await press('Take away');
    await waitFor(() => expect(described(field('Copies'))).toBe('There are not that many copies.'));
    expect(document.activeElement).toBe(field('Copies'));
  });
});

describe('a book', () => {
  test('is deleted after a question', async () => {
    let deleted = 0;
    server.use(
      http.delete('/books/{id}', ({ response }) => {
        deleted++;
        return response(204).empty();
      }),
    );
    open(page());
    await press('Delete the book');
    const dialog = await screen.findByRole('dialog', { name: 'Delete “The Dispossessed”?' });
    expect(deleted).toBe(0);
    await person.click(within(dialog).getByRole('button', { name: 'Delete it' }));
    await screen.findByText('Another page');
    expect(location.pathname).toBe('/admin/books');
    await screen.findByText('“The Dispossessed” is deleted.');
    expect(deleted).toBe(1);
  });

  test('that is gone leads back to the others', async () => {
    server.use(http.get('/books/{id}', ({ response }) => response.untyped(refusal(404, 'Nothing.'))));
    open(page());
    await screen.findByText('This book is not in the catalogue');
    expect(screen.getByRole('link', { name: 'All books' })).toBeTruthy();
  });

  test('is added once, however often it is sent, and then gets its cover', async () => {
    let answered = false;
    server.use(
      http.post('/books', async ({ request, response }) => {
        sent.push({ key: request.headers.get('idempotency-key'), body: await request.json() });
        if (!answered) {
          answered = true;
          return HttpResponse.error();
        }
        return response(201).json(current, {
          headers: { ...kept, etag: '"1-1"', location: `/books/${current.id}` },
        });
      }),
    );
    open('/admin/books/new');
    await press('Add the book');
    await waitFor(() => expect(document.activeElement).toBe(field('Title')));
    expect(sent).toEqual([]);

    await write('Title', 'Frankenstein');
    await write('Author', 'Mary Shelley');
    await person.type(screen.getByRole('combobox', { name: 'Category' }), 'Poésie & Essais');
    await write('Price', '19.99');
    await write('Copies in stock', '5');
    await press('Add the book');
    await screen.findByText('The book is not added');
    await press('Add the book');
    await screen.findByText('Another page');

    expect(location.pathname + location.search).toBe(`/admin/books/${current.id}`);
    await screen.findByText(/^The book is in the catalogue\. Add a cover now/);
    expect(sent[0]).toEqual(sent[1]);
    expect(sent[0]?.key).toMatch(/^[0-9a-f]{32}$/);
    expect(sent[0]?.body).toEqual({
      title: 'Frankenstein',
      author: 'Mary Shelley',
      category: 'poesie-essais',
      price: { amount: 1999, currency: 'EUR' },
      description: null,
      stock: 5,
    });
  });
});

function edit(change: Partial<Schema['Book']>) {
  current = { ...current, ...change };
  edition++;
}
