import { useQuery } from '@tanstack/preact-query';
import { useRoute } from 'preact-iso';
import { bookQuery } from '../../api/books';
import type { Schema } from '../../api/client';
import { Problem } from '../../api/problem';
import { Cover } from '../../ui/cover';
import { categoryName } from '../../ui/format';
import { ProblemMessage } from '../../ui/message';
import { Page } from '../../ui/page';
import { Rating } from '../../ui/rating';
import { Skeleton, SkeletonText } from '../../ui/skeleton';
import { NotFound } from '../not-found';
import { Buy } from './buy';
import { OwnReview } from './own-review';
import { Reviews } from './reviews';

const sizes = '(width < 48rem) 60vw, 20rem';

export default function BookPage() {
  const id = useRoute().params.id ?? '';
  const { data: book, error, refetch } = useQuery(bookQuery(id));
  if (error instanceof Problem && error.status === 404) {
    return <NotFound>There is no book at this address. It may be no longer sold.</NotFound>;
  }
  if (!book && error) {
    return (
      <Page title="Book">
        <ProblemMessage error={error} title="The book could not be loaded" retry={refetch} />
      </Page>
    );
  }
  return (
    <Page class="book" title={book?.title ?? 'Book'} heading={book ? book.title : <Skeleton kind="title" />}>
      {book ? <Details key={book.id} book={book} /> : <DetailsSkeleton />}
    </Page>
  );
}

function Details({ book }: { book: Schema['BookWithReviews'] }) {
  return (
    <>
      <Cover book={book} sizes={sizes} first named />
      <div class="book-facts stack">
        <p class="by">
          by <a href={`/?q=${encodeURIComponent(book.author)}`}>{book.author}</a>
        </p>
        <Rating rating={book.rating} />
        <Buy book={book} />
        {book.description && <p class="description">{book.description}</p>}
        <p class="soft">
          On the shelf <a href={`/?category=${book.category}`}>{categoryName(book.category)}</a>
        </p>
      </div>
      <section class="reviews" aria-labelledby="reviews">
        <h2 id="reviews" tabIndex={-1}>
          Reviews
        </h2>
        <OwnReview bookId={book.id} />
        <Reviews book={book} />
      </section>
    </>
  );
}

function DetailsSkeleton() {
  return (
    <>
      <div class="cover" />
      <div class="book-facts stack">
        <SkeletonText lines={8} />
      </div>
    </>
  );
}
