import { queryOptions } from '@tanstack/preact-query';
import { api, body } from './client';

/** One book, of the same cache entry for its page, the cart and the checkout. */
export const bookQuery = (id: string) =>
  queryOptions({
    queryKey: ['book', id],
    queryFn: ({ signal }) => body(api.GET('/books/{id}', { params: { path: { id } }, signal })),
  });
