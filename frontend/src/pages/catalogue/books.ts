import { keepPreviousData, useInfiniteQuery } from '@tanstack/preact-query';
import { api, body } from '../../api/client';
import { pageOf } from '../../api/pages';
import type { Choice } from './choice';

/** Fills whole rows of two, three, four and six covers. */
const limit = 24;

/** The chosen books. While others are chosen, the earlier ones stay; a request for what is no longer wanted is cancelled. */
export function useBooks(choice: Choice) {
  return useInfiniteQuery({
    queryKey: ['books', choice],
    queryFn: ({ pageParam, signal }) =>
      pageOf(
        (query) => body(api.GET('/books', { params: { query: { limit, ...given(choice), ...query } }, signal })),
        pageParam,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next,
    placeholderData: keepPreviousData,
  });
}

const given = ({ q, category, sort }: Choice) => ({
  ...(q && { q }),
  ...(category && { category }),
  ...(sort && { sort }),
});
