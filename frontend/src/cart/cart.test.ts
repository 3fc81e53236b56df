import { beforeEach, expect, test, vi } from 'vitest';
import { book } from '../../tests/shop';
import { addToCart, cart, changeLine, copies, maxLines, removeFromCart, takeFromCart } from './index';

const price = { amount: 1250, currency: 'EUR' } as const;
const kept = () => JSON.parse(localStorage.getItem('cart') ?? 'null');

beforeEach(() => {
  localStorage.clear();
  dispatchEvent(new StorageEvent('storage', { key: null }));
});

test('a book that is added again has more copies, and no more than an order may have', () => {
  addToCart('one', 2, price);
  addToCart('two', 1, price);
  addToCart('one', 3, { ...price, amount: 990 });
  expect(cart.value).toEqual([
    { bookId: 'one', quantity: 5, price: { amount: 990, currency: 'EUR' } },
    { bookId: 'two', quantity: 1, price },
  ]);
  expect(copies.value).toBe(6);
  addToCart('one', 99, price);
  expect(cart.value[0]?.quantity).toBe(99);
});

test('the cart takes no more different books than an order', () => {
  for (let number = 0; number < maxLines; number++) expect(addToCart(book(number).id, 1, price)).toBe(true);
  expect(addToCart('one-too-many', 1, price)).toBe(false);
  expect(addToCart(book(0).id, 1, price)).toBe(true);
  expect(cart.value).toHaveLength(maxLines);
});

test('it is there after a reload', async () => {
  addToCart('one', 2, price);
  vi.resetModules();
  const again = await import('./index');
  expect(again.cart.value).toEqual([{ bookId: 'one', quantity: 2, price }]);
});

test.each(['no JSON', '{"lines": []}', '[{"bookId": "one", "quantity": 0}]'])(
  'what is no cart is an empty one: %s',
  (text) => {
    localStorage.setItem('cart', text);
    dispatchEvent(new StorageEvent('storage', { key: 'cart' }));
    expect(cart.value).toEqual([]);
  },
);

test('what another tab does is seen here, and not overwritten', () => {
  addToCart('one', 1, price);
  localStorage.setItem('cart', JSON.stringify([{ bookId: 'two', quantity: 4, price }]));
  dispatchEvent(new StorageEvent('storage', { key: 'cart' }));
  expect(copies.value).toBe(4);
  // An event may still be under way when one presses a button.
  localStorage.setItem('cart', JSON.stringify([{ bookId: 'three', quantity: 1, price }]));
  addToCart('one', 1, price);
  expect(kept().map((line: { bookId: string }) => line.bookId)).toEqual(['three', 'one']);
});

test('lines are changed and removed', () => {
  addToCart('one', 1, price);
  addToCart('two', 1, price);
  changeLine('one', { quantity: 7 });
  removeFromCart('two');
  expect(kept()).toEqual([{ bookId: 'one', quantity: 7, price }]);
});

test('an order takes out what was ordered and leaves what came later', () => {
  addToCart('one', 2, price);
  addToCart('two', 1, price);
  addToCart('one', 1, price);
  takeFromCart([
    { bookId: 'one', quantity: 2 },
    { bookId: 'two', quantity: 1 },
  ]);
  expect(cart.value).toEqual([{ bookId: 'one', quantity: 1, price }]);
});

test('it works without storage', () => {
  vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
    throw new DOMException('full', 'QuotaExceededError');
  });
  addToCart('one', 2, price);
  addToCart('one', 1, price);
  expect(copies.value).toBe(3);
  vi.restoreAllMocks();
  removeFromCart('one');
});
