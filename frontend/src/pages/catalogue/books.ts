import { keepPreviousData, useInfiniteQuery } from '@tanstack/preact-query';
import { api, body, type Schema } from '../../api/client';
import type { Choice } from './choice';

/** Fills whole rows of two, three, four and six covers. */
const limit = 24;

/** The API reads a bounded part of its index for each page, which may be empty though more books follow. */
const patience = 5;

async function page(choice: Choice, start: string | undefined, signal: AbortSignal): Promise<Schema['BookPage']> {
  let cursor = start;
  let found: Schema['BookPage'] = { items: [] };
  for (let asked = 0; asked < patience; asked++) {
    const { q, category, sort } = choice;
    const query = {
      limit,
      ...(q && { q }),
      ...(category && { category }),
      ...(sort && { sort }),
      ...(cursor && { cursor }),
    };
    found = await body(api.GET('/books', { params: { query }, signal }));
    cursor = found.next;
    if (found.items.length > 0 || !cursor) break;
  }
  return found;
}

/** The chosen books. While others are chosen, the earlier ones stay; a request for what is no longer wanted is cancelled. */
export function useBooks(choice: Choice) {
  return useInfiniteQuery({
    queryKey: ['books', choice],
    queryFn: ({ pageParam, signal }) => page(choice, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next,
    placeholderData: keepPreviousData,
  });
}
