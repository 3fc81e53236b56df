import { useQueries } from '@tanstack/preact-query';
import { bookQuery } from '../api/books';
import type { Schema } from '../api/client';
import { Problem } from '../api/problem';
import type { CartLine } from './index';

type Price = Schema['Price'];

/** What keeps a line from being ordered as it is. */
export type Trouble = { kind: 'gone' } | { kind: 'sold-out' } | { kind: 'few'; left: number };

export interface CheckedLine {
  line: CartLine;
  book: Schema['Book'] | undefined;
  /** Why nothing is known of the book. */
  error: Error | null;
  trouble: Trouble | undefined;
  /** The price when it went into the cart, where it is another one now. */
  before: Price | undefined;
}

export interface CheckedCart {
  lines: CheckedLine[];
  pending: boolean;
  error: Error | null;
  /** Absent until each line has a price, or where they have two currencies. */
  total: Schema['Total'] | undefined;
  currencies: string[];
  orderable: boolean;
  refetch: () => void;
}

/** The cart's lines beside what the catalogue says of their books now. */
export function useCheckedCart(lines: readonly CartLine[]): CheckedCart {
  const books = useQueries({ queries: lines.map(({ bookId }) => bookQuery(bookId)) });
  const checked = lines.map((line, place) => check(line, books[place]?.data, books[place]?.error ?? null));
  const sold = checked.filter(({ trouble }) => trouble?.kind !== 'gone' && trouble?.kind !== 'sold-out');
  const currencies = [...new Set(sold.flatMap(({ book }) => book?.price.currency ?? []))];
  const [currency] = currencies;
  const total =
    currency && currencies.length === 1 && sold.every(({ book }) => book)
      ? { currency: currency as Price['currency'], amount: sold.reduce((sum, line) => sum + cost(line), 0) }
      : undefined;
  return {
    lines: checked,
    pending: books.some(({ isPending }) => isPending),
    error: checked.find(({ error, trouble }) => error && !trouble)?.error ?? null,
    total,
    currencies,
    orderable: total !== undefined && checked.every(({ trouble, book }) => book && !trouble),
    refetch: () => {
      for (const book of books) book.refetch();
    },
  };
}

const cost = ({ line, book }: CheckedLine) => line.quantity * (book?.price.amount ?? 0);

function check(line: CartLine, book: Schema['Book'] | undefined, error: Error | null): CheckedLine {
  if (error instanceof Problem && error.status === 404) {
    return { line, book: undefined, error, trouble: { kind: 'gone' }, before: undefined };
  }
  const changed = book && (book.price.amount !== line.price.amount || book.price.currency !== line.price.currency);
  const trouble: Trouble | undefined =
    book && book.stock < line.quantity
      ? book.stock === 0
        ? { kind: 'sold-out' }
        : { kind: 'few', left: book.stock }
      : undefined;
  return { line, book, error, trouble, before: changed ? line.price : undefined };
}
