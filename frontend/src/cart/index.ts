import { computed, signal } from '@preact/signals';
import * as v from 'valibot';
import type { Schema } from '../api/client';
import { local } from '../storage';

const key = 'cart';

/** The contract's limits of one order. */
export const maxLines = 20;
export const maxQuantity = 99;

const Line = v.object({
  bookId: v.string(),
  quantity: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(maxQuantity)),
  // What the buyer saw when the book went into the cart: it is shown until the catalogue answers, and named when the
  // book is no longer sold. A later price is news to them.
  title: v.string(),
  author: v.string(),
  price: v.object({ amount: v.pipe(v.number(), v.integer()), currency: v.picklist(['EUR', 'GBP', 'USD']) }),
});

export type CartLine = v.InferOutput<typeof Line>;

function read(): readonly CartLine[] {
  const kept = v.safeParse(v.array(Line), local.get(key) ?? []);
  return kept.success ? kept.output : [];
}

export const cart = signal<readonly CartLine[]>(read());
export const copies = computed(() => cart.value.reduce((sum, line) => sum + line.quantity, 0));

function write(lines: readonly CartLine[]) {
  cart.value = lines;
  local.set(key, lines);
}

/** Another tab has changed it, or has removed everything (key null). */
addEventListener('storage', (event) => {
  if (event.key === key || event.key === null) cart.value = read();
});

/** False when the cart holds as many different books as an order may. */
export function addToCart(book: Pick<Schema['Book'], 'id' | 'title' | 'author' | 'price'>, quantity: number): boolean {
  const { id: bookId, title, author, price } = book;
  const lines = read();
  const there = lines.find((line) => line.bookId === bookId);
  if (!there && lines.length >= maxLines) return false;
  const sum = Math.min(maxQuantity, (there?.quantity ?? 0) + quantity);
  const line = { bookId, quantity: sum, title, author, price };
  write(there ? lines.map((old) => (old === there ? line : old)) : [...lines, line]);
  return true;
}

export function changeLine(bookId: string, change: Partial<Pick<CartLine, 'quantity' | 'price'>>) {
  write(read().map((line) => (line.bookId === bookId ? { ...line, ...change } : line)));
}

export function removeFromCart(bookId: string) {
  write(read().filter((line) => line.bookId !== bookId));
}

/** Takes out what was ordered. What another tab has added meanwhile stays. */
export function takeFromCart(ordered: readonly Pick<CartLine, 'bookId' | 'quantity'>[]) {
  const taken = new Map(ordered.map(({ bookId, quantity }) => [bookId, quantity]));
  const left = read().map((line) => ({ ...line, quantity: line.quantity - (taken.get(line.bookId) ?? 0) }));
  write(left.filter(({ quantity }) => quantity > 0));
}
