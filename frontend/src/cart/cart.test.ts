import { expect, test, vi } from 'vitest';
import { book } from '../../tests/shop';
import { addToCart, cart, changeLine, copies, maxLines, removeFromCart, takeFromCart } from './index';

const one = book(1);
const two = book(2);

/** A book as a line of the cart. */
function line({ id: bookId, title, author, price }: typeof one, quantity: number) {
  return { bookId, quantity, title, author, price };
}

const kept = () => JSON.parse(localStorage.getItem('cart') ?? 'null');

test('a book that is added again has more copies, and no more than an order may have', () => {
  const cheaper = { ...one, price: { amount: 990, currency: 'EUR' as const } };
  addToCart(one, 2);
  addToCart(two, 1);
  addToCart(cheaper, 3);
  expect(cart.value).toEqual([line(cheaper, 5), line(two, 1)]);
  expect(copies.value).toBe(6);
  addToCart(one, 99);
  expect(cart.value[0]?.quantity).toBe(99);
});

test('the cart takes no more different books than an order', () => {
  for (let number = 0; number < maxLines; number++) expect(addToCart(book(number), 1)).toBe(true);
  expect(addToCart(book(maxLines), 1)).toBe(false);
  expect(addToCart(book(0), 1)).toBe(true);
  expect(cart.value).toHaveLength(maxLines);
});

test('it is there after a reload', async () => {
  addToCart(one, 2);
  vi.resetModules();
  const again = await import('./index');
  expect(again.cart.value).toEqual([line(one, 2)]);
});

test.each(['no JSON', '{"lines": []}', JSON.stringify([line(one, 0)])])(
  'what is no cart is an empty one: %s',
  (text) => {
    addToCart(one, 1);
    localStorage.setItem('cart', text);
    dispatchEvent(new StorageEvent('storage', { key: 'cart' }));
    expect(cart.value).toEqual([]);
  },
);

test('what another tab does is seen here, and not overwritten', () => {
  addToCart(one, 1);
  localStorage.setItem('cart', JSON.stringify([line(two, 4)]));
  dispatchEvent(new StorageEvent('storage', { key: 'cart' }));
  expect(copies.value).toBe(4);
  // An event may still be under way when one presses a button.
  localStorage.setItem('cart', JSON.stringify([line(book(3), 1)]));
  addToCart(one, 1);
  expect(kept()).toEqual([line(book(3), 1), line(one, 1)]);
});

test('lines are changed and removed', () => {
  addToCart(one, 1);
  addToCart(two, 1);
  changeLine(one.id, { quantity: 7 });
  removeFromCart(two.id);
  expect(kept()).toEqual([line(one, 7)]);
});

test('an order takes out what was ordered and leaves what came later', () => {
  addToCart(one, 2);
  addToCart(two, 1);
  addToCart(one, 1);
  takeFromCart([
    { bookId: one.id, quantity: 2 },
    { bookId: two.id, quantity: 1 },
  ]);
  expect(cart.value).toEqual([line(one, 1)]);
});

test('it works without storage', () => {
  vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
    throw new DOMException('full', 'QuotaExceededError');
  });
  addToCart(one, 2);
  addToCart(one, 1);
  expect(copies.value).toBe(3);
  vi.restoreAllMocks();
  removeFromCart(one.id);
});
