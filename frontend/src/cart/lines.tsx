import { announce } from '../ui/announce';
import { Button } from '../ui/button';
import { Cover } from '../ui/cover';
import { money } from '../ui/format';
import { Quantity } from '../ui/quantity';
import { Skeleton } from '../ui/skeleton';
import { type CheckedLine, cost } from './books';
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
  const { line, book } = checked;
  const id = line.bookId;
  const name = book?.title ?? 'this book';
  return (
    <li class="cart-line">
      {book ? <Cover book={book} sizes="5rem" /> : <div class="cover" />}
      <div class="cart-what">
        {book ? (
          <>
            <h2 class="cart-title">
              <a href={`/books/${id}`}>{book.title}</a>
            </h2>
            <p class="soft">{book.author}</p>
            <p>{money(book.price)}</p>
          </>
        ) : (
          <Unknown checked={checked} />
        )}
        <Remarks checked={checked} />
      </div>
      <div class="cart-amount">
        {book && book.stock > 0 && (
          <Quantity
            label="Copies"
            value={line.quantity}
            max={Math.min(book.stock, maxQuantity)}
            onChange={(quantity) => changeLine(id, { quantity })}
          />
        )}
        <Button
          kind="quiet"
          aria-label={`Remove ${name}`}
          onClick={() => {
            removeFromCart(id);
            announce(`${name} was removed from the cart`);
            document.querySelector<HTMLElement>('main h1')?.focus();
          }}
        >
          Remove
        </Button>
      </div>
      <p class="cart-cost">{book && book.stock > 0 && money({ ...book.price, amount: cost(checked) })}</p>
    </li>
  );
}

function Unknown({ checked }: { checked: CheckedLine }) {
  if (checked.trouble?.kind === 'gone') return <h2 class="cart-title">A book that is no longer sold</h2>;
  if (checked.error) return <h2 class="cart-title">A book that could not be loaded</h2>;
  return (
    <>
      <Skeleton kind="line" />
      <Skeleton kind="short" />
    </>
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
