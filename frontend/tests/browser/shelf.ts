import { readFileSync, writeFileSync } from 'node:fs';
import { type BrowserContext, expect, type Page } from '@playwright/test';
import type { components } from '../../src/api/schema';
import type { Config } from '../../src/config';
import type { Account } from './accounts';
import { call } from './api';

export type Book = components['schemas']['Book'];
type Books = components['schemas']['BookPage'];

export type State = Awaited<ReturnType<BrowserContext['storageState']>>;

/** What a run of the tests has made in the shop, so that they need nothing to be there and find nobody else's. */
export interface Shelf {
  config: Config;
  category: string;
  /** For books that a single test adds: the shelf stays as it is. */
  elsewhere: string;
  administrator: Account;
  /** Signed in as the administrator. */
  state: State;
  /** From the cheapest to the dearest, by title from the last to the first. */
  books: Book[];
}

/** One page of the catalogue has 24. */
export const size = 26;

const file = 'test-results/shelf.json';

export const keep = (shelf: Shelf) => writeFileSync(file, JSON.stringify(shelf));
export const shelf = (): Shelf => JSON.parse(readFileSync(file, 'utf8'));

/** A text that no other run has. */
export const unique = () => Date.now().toString(36) + Math.random().toString(36).slice(2, 5);

export async function addBook(page: Page, book: components['schemas']['NewBook']): Promise<Book> {
  const headers = { 'Idempotency-Key': unique().padEnd(20, 'x') };
  return (await call<Book>(page, 'POST', '/books', { body: book, headers })).data;
}

export async function onShelf(page: Page, category: string): Promise<Books['items']> {
  const { data } = await call<Books>(page, 'GET', `/books?limit=100&category=${category}`);
  return data.items;
}

/** Removes what this run has put there, or an earlier one that was broken off. */
export async function empty(page: Page, { category, elsewhere }: Pick<Shelf, 'category' | 'elsewhere'>) {
  const gone = new Set<string>();
  await expect
    .poll(async () => {
      const books = [...(await onShelf(page, category)), ...(await onShelf(page, elsewhere))];
      // Lists may be a moment behind, and show what is gone already.
      const left = books.filter(({ id }) => !gone.has(id));
      await Promise.all(left.map(({ id }) => call(page, 'DELETE', `/books/${id}`)));
      for (const { id } of left) gone.add(id);
      return books.length;
    })
    .toBe(0);
}

export async function found(page: Page, q: string): Promise<Books['items']> {
  return (await call<Books>(page, 'GET', `/books?q=${encodeURIComponent(q)}`)).data.items;
}
