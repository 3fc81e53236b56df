import { useState } from 'preact/hooks';
import type { Schema } from '../../api/client';
import { addToCart, cart, maxLines, maxQuantity } from '../../cart';
import { announce } from '../../ui/announce';
import { Button } from '../../ui/button';
import { money } from '../../ui/format';
import { Notice } from '../../ui/message';
import { Quantity } from '../../ui/quantity';

export function Buy({ book }: { book: Schema['Book'] }) {
  const [quantity, setQuantity] = useState(1);
  const [full, setFull] = useState(false);
  const inCart = cart.value.find((line) => line.bookId === book.id)?.quantity ?? 0;
  const left = Math.min(book.stock, maxQuantity) - inCart;
  return (
    <div class="buy stack">
      <p class="price-large">{money(book.price)}</p>
      <Stock stock={book.stock} />
      {left > 0 && (
        <form
          class="row buy-row"
          onSubmit={(event) => {
            event.preventDefault();
            const added = addToCart(book, quantity);
            setFull(!added);
            if (added) announce(`${book.title} is in the cart`);
            setQuantity(1);
          }}
        >
          <Quantity label="Copies" value={Math.min(quantity, left)} max={left} onChange={setQuantity} />
          <Button type="submit" kind="primary">
            Add to cart
          </Button>
        </form>
      )}
      {full && <Notice tone="warn">An order takes {maxLines} different books, and the cart has as many.</Notice>}
      {inCart > 0 && (
        <p class="in-cart">
          {inCart} in your cart. <a href="/cart">Go to the cart</a>
        </p>
      )}
    </div>
  );
}

function Stock({ stock }: { stock: number }) {
  if (stock === 0) return <p class="stock none">Out of stock</p>;
  if (stock <= 5) return <p class="stock few">Only {stock} left</p>;
  return <p class="stock">In stock</p>;
}
