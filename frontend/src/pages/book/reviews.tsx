import { useInfiniteQuery } from '@tanstack/preact-query';
import { useState } from 'preact/hooks';
import { api, body, type Schema } from '../../api/client';
import { pageOf } from '../../api/pages';
import { day } from '../../ui/format';
import { More } from '../../ui/more';
import { Stars } from '../../ui/rating';

/** The newest come with the book, the others on demand. */
export function Reviews({ book }: { book: Schema['BookWithReviews'] }) {
  const [all, setAll] = useState(false);
  const list = useInfiniteQuery({
    queryKey: ['book', book.id, 'reviews'],
    queryFn: ({ pageParam, signal }) =>
      pageOf(
        (query) => body(api.GET('/books/{id}/reviews', { params: { path: { id: book.id }, query }, signal })),
        pageParam,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next,
    enabled: all,
  });
  const reviews = list.data?.pages.flatMap((page) => page.items) ?? book.reviews;
  // What leads from the newest to the list of all is for its readers like any next page.
  const first = {
    hasNextPage: book.rating.count > reviews.length,
    isFetchingNextPage: list.isFetching,
    isFetchNextPageError: list.isLoadingError,
    error: list.error,
    fetchNextPage: () => (all ? list.refetch() : setAll(true)),
  };
  if (reviews.length === 0) return <p class="soft">Nobody has reviewed this book yet.</p>;
  return (
    <>
      <ul class="review-list">
        {reviews.map((review) => (
          <Review key={review.id} review={review} />
        ))}
      </ul>
      <More of="reviews" list={list.data ? list : first} />
    </>
  );
}

export function Review({ review }: { review: Schema['Review'] }) {
  return (
    <li class="review">
      <p class="review-head">
        <Stars value={review.rating} />
        <strong>{review.name}</strong>
        <span class="soft">
          {day(review.createdAt)}
          {review.updatedAt !== review.createdAt && ', changed since'}
        </span>
      </p>
      <p class="review-text">{review.text}</p>
    </li>
  );
}
