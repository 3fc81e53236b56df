import { fireEvent, screen, waitFor } from '@testing-library/preact';
import userEvent from '@testing-library/user-event';
import { HttpResponse } from 'msw';
import { beforeEach, expect, test } from 'vitest';
import { http, server } from '../../../tests/server';
import { book, visit } from '../../../tests/shop';
import Catalogue from '.';

const headers = { 'cache-control': 'public, max-age=30' } as const;
let asked: URLSearchParams[];
let cancelled: (string | null)[];

/** The API's catalogue: `pages` by their cursor, and what is searched for as the only book's title. */
function catalogue(pages: Record<string, { items: ReturnType<typeof book>[]; next?: string }>) {
  server.use(
    http.get('/categories', ({ response }) =>
      response(200).json({ items: [{ name: 'science-fiction', books: 40 }] }, { headers: { ...headers, etag: '"c"' } }),
    ),
    http.get('/books', ({ request, query, response }) => {
      const search = new URL(request.url).searchParams;
      asked.push(search);
      const q = query.get('q');
      request.signal.addEventListener('abort', () => cancelled.push(q));
      if (q?.startsWith('slow')) return new Promise<never>(() => undefined);
      const page = q ? { items: [book(900, { title: `Found by ${q}` })] } : pages[query.get('cursor') ?? ''];
      return response(200).json(page ?? { items: [] }, { headers: { ...headers, etag: '"b"' } });
    }),
  );
}

beforeEach(() => {
  asked = [];
  cancelled = [];
});

const searchBox = () => screen.getByRole<HTMLInputElement>('searchbox', { name: 'Search books' });

test('a page after the other, each book once', async () => {
  catalogue({ '': { items: [book(1), book(2)], next: 'second' }, second: { items: [book(3)] } });
  visit('/', '/', Catalogue);
  expect(await screen.findByRole('link', { name: /Book 2/ })).toHaveProperty('pathname', `/books/${book(2).id}`);
  await userEvent.click(screen.getByRole('button', { name: 'Show more books' }));
  await screen.findByRole('heading', { name: 'Book 3' });
  expect(screen.getAllByRole('heading', { level: 2 }).map((heading) => heading.textContent)).toEqual([
    'Book 1',
    'Book 2',
    'Book 3',
  ]);
  expect(screen.queryByRole('button', { name: 'Show more books' })).toBeNull();
  // The button is gone, and the next thing to read has the focus.
  expect(document.activeElement).toBe(screen.getByRole('link', { name: /Book 3/ }));
  expect(asked.map((search) => search.get('cursor'))).toEqual([null, 'second']);
});

test('an empty page that has a next one is not the end', async () => {
  catalogue({ '': { items: [], next: 'second' }, second: { items: [], next: 'third' }, third: { items: [book(7)] } });
  visit('/', '/', Catalogue);
  await screen.findByRole('heading', { name: 'Book 7' });
});

test('what is typed is searched for once, when one pauses, and is in the address', async () => {
  catalogue({ '': { items: [book(1)] } });
  visit('/?sort=price', '/', Catalogue);
  await screen.findByRole('heading', { name: 'Book 1' });
  await userEvent.type(searchBox(), 'le guin');
  await screen.findByRole('heading', { name: 'Found by le guin' });
  expect(asked.map((search) => search.get('q'))).toEqual([null, 'le guin']);
  // The API takes no order of what is found.
  expect(asked[1]?.has('sort')).toBe(false);
  expect(location.search).toBe('?q=le+guin');
  expect(document.activeElement).toBe(searchBox());
});

test('a search that is no longer wanted is cancelled', async () => {
  catalogue({ '': { items: [book(1)] } });
  visit('/', '/', Catalogue);
  await screen.findByRole('heading', { name: 'Book 1' });
  await userEvent.type(searchBox(), 'slow');
  await waitFor(() => expect(asked.at(-1)?.get('q')).toBe('slow'));
  await userEvent.clear(searchBox());
  await userEvent.type(searchBox(), 'quick');
  await screen.findByRole('heading', { name: 'Found by quick' });
  expect(cancelled).toContain('slow');
});

test('the way back empties the field', async () => {
  catalogue({ '': { items: [book(1)] } });
  visit('/?q=utopia', '/', Catalogue);
  await screen.findByRole('heading', { name: 'Found by utopia' });
  expect(searchBox().value).toBe('utopia');
  history.replaceState(null, '', '/');
  dispatchEvent(new PopStateEvent('popstate'));
  await screen.findByRole('heading', { name: 'Book 1' });
  expect(searchBox().value).toBe('');
});

test('shelf and order are in the address', async () => {
  catalogue({ '': { items: [book(1)] } });
  visit('/', '/', Catalogue);
  await userEvent.click(await screen.findByRole('link', { name: 'Science fiction' }));
  await screen.findByRole('heading', { level: 1, name: 'Science fiction' });
  fireEvent.change(screen.getByRole('combobox', { name: 'Sort' }), { target: { value: 'price-desc' } });
  await waitFor(() => expect(location.search).toBe('?category=science-fiction&sort=price-desc'));
  await waitFor(() => expect(asked.at(-1)?.toString()).toBe('limit=24&category=science-fiction&sort=price-desc'));
});

test('a failure can be tried again', async () => {
  catalogue({ '': { items: [book(1)] } });
  server.use(
    http.get('/books', ({ response }) => response.untyped(HttpResponse.json({ message: 'no' }, { status: 503 })), {
      once: true,
    }),
  );
  visit('/', '/', Catalogue);
  expect((await screen.findByRole('alert')).textContent).toContain('The books could not be loaded');
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  await screen.findByRole('heading', { name: 'Book 1' });
});

test('nothing found says so', async () => {
  catalogue({});
  server.use(
    http.get('/books', ({ response }) => response(200).json({ items: [] }, { headers: { ...headers, etag: '"b"' } })),
  );
  visit('/?q=zzz', '/', Catalogue);
  await screen.findByText('No book was found');
  expect(screen.queryByRole('link', { name: /^Search all books/ })).toBeNull();
});

test('what is not on a shelf may be on another, with the same words', async () => {
  catalogue({});
  server.use(
    http.get('/books', ({ query, response }) =>
      response(200).json(
        { items: query.get('category') ? [] : [book(1, { title: 'Frankenstein' })] },
        { headers: { ...headers, etag: '"b"' } },
      ),
    ),
  );
  visit('/?q=frank&category=poetry', '/', Catalogue);
  await userEvent.click(await screen.findByRole('link', { name: 'Search all books for “frank”' }));
  await screen.findByRole('heading', { name: 'Frankenstein' });
  expect(location.search).toBe('?q=frank');
  screen.getByText('1 book found');
});

test('a shelf without books is none', async () => {
  catalogue({});
  visit('/?category=nowhere', '/', Catalogue);
  await screen.findByText('There is no such shelf');
  screen.getByRole('link', { name: 'See all books' });
});
