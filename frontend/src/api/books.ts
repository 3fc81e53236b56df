import { queryOptions } from '@tanstack/preact-query';
import { api, body } from './client';
import { allOf } from './pages';

/** One book, of the same cache entry for its page, the cart and the checkout. */
export const bookQuery = (id: string) =>
  queryOptions({
    queryKey: ['book', id],
    queryFn: ({ signal }) => body(api.GET('/books/{id}', { params: { path: { id } }, signal })),
  });

export const categoriesQuery = queryOptions({
  queryKey: ['categories'],
  queryFn: ({ signal }) =>
    allOf((query) => body(api.GET('/categories', { params: { query: { limit: 100, ...query } }, signal }))),
  staleTime: 5 * 60_000,
});
