import { announce } from '../ui/announce';
import { Button } from '../ui/button';
import { Cover } from '../ui/cover';
import { money } from '../ui/format';
import { focusHeading } from '../ui/page';
import { Quantity } from '../ui/quantity';
import type { CheckedLine } from './books';
import { changeLine, maxQuantity, removeFromCart } from './index';

export function CartLines({ lines }: { lines: CheckedLine[] }) {
  return (
    <ul class="cart-lines">
      {lines.map((checked) => (
        <Line key={checked.line.bookId} checked={checked} />
      ))}
    </ul>
  );
}

function Line({ checked }: { checked: CheckedLine }) {
  const { line, book, trouble } = checked;
  const id = line.bookId;
  // Until the catalogue answers, the line is as it was when the book was chosen.
  const { title, author, price } = book ?? line;
  const sold = trouble?.kind !== 'gone' && trouble?.kind !== 'sold-out';
  return (
    <li class="cart-line">
      {book || trouble ? <Cover book={book ?? { ...line, category: '' }} sizes="5rem" /> : <div class="cover" />}
      <div class="cart-what">
        <h2 class="cart-title">{trouble?.kind === 'gone' ? title : <a href={`/books/${id}`}>{title}</a>}</h2>
        <p class="soft">{author}</p>
        <p>
          {money(price)} <span class="soft">each</span>
        </p>
        <Remarks checked={checked} />
      </div>
      <div class="cart-amount">
        {sold && (
          <Quantity
            label="Copies"
            value={line.quantity}
            max={Math.min(book?.stock ?? 1, maxQuantity)}
            onChange={(quantity) => changeLine(id, { quantity })}
          />
        )}
        <Button
          kind="quiet"
          aria-label={`Remove ${title}`}
          onClick={() => {
            removeFromCart(id);
            announce(`${title} was removed from the cart`);
            focusHeading();
          }}
        >
          Remove
        </Button>
      </div>
      <p class="cart-cost">{sold && money({ ...price, amount: price.amount * line.quantity })}</p>
    </li>
  );
}

/** What has changed since the book went into the cart, and what to do about it. */
function Remarks({ checked: { line, book, trouble, before } }: { checked: CheckedLine }) {
  return (
    <>
      {trouble?.kind === 'gone' && <p class="remark">The shop does not sell it any more. Please remove it.</p>}
      {trouble?.kind === 'sold-out' && <p class="remark">Out of stock. Please remove it.</p>}
      {trouble?.kind === 'few' && (
        <p class="remark">
          Only {trouble.left} left.{' '}
          <Button kind="quiet" onClick={() => changeLine(line.bookId, { quantity: trouble.left })}>
            Take {trouble.left}
          </Button>
        </p>
      )}
      {book && before && (
        <p class="remark">
          The price was {money(before)} when you chose it.{' '}
          <Button kind="quiet" onClick={() => changeLine(line.bookId, { price: book.price })}>
            That is all right
          </Button>
        </p>
      )}
    </>
  );
}
