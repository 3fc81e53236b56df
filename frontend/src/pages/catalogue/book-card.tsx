import type { Schema } from '../../api/client';
import { Cover } from '../../ui/cover';
import { money } from '../../ui/format';
import { Skeleton } from '../../ui/skeleton';

/** The grid's columns, for the browser to choose a cover's size by. */
const sizes = '(width < 30rem) 45vw, (width < 48rem) 30vw, 11rem';

export function BookCard({ book, first }: { book: Schema['BookSummary']; first: boolean }) {
  return (
    <li class="book-card">
      <a href={`/books/${book.id}`}>
        <Cover book={book} sizes={sizes} first={first} />
        <h2>{book.title}</h2>
      </a>
      <p class="soft">{book.author}</p>
      <p class="price">{money(book.price)}</p>
    </li>
  );
}

export function BookCardSkeleton() {
  return (
    <li class="book-card">
      <div class="cover" />
      <Skeleton kind="line" />
      <Skeleton kind="short" />
    </li>
  );
}
