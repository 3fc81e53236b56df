import type { Schema } from '../../api/client';
import { Cover } from '../../ui/cover';
import { money } from '../../ui/format';
import { Skeleton } from '../../ui/skeleton';

/**
 * How wide a cover is, for the browser to choose a picture by. Less than the truth on phones: with twice the pixels, the
 * small picture looks as good there at half the bytes.
 */
const sizes = '(width < 30rem) 7.5rem, (width < 48rem) 30vw, 11rem';

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
