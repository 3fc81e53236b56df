import type { QueryClient } from '@tanstack/preact-query';

/** What shows books looks at them anew. */
export function refreshCatalogue(queries: QueryClient, book?: string) {
  queries.invalidateQueries({ queryKey: ['books'] });
  queries.invalidateQueries({ queryKey: ['categories'] });
  if (!book) return;
  queries.invalidateQueries({ queryKey: ['book', book] });
  queries.invalidateQueries({ queryKey: ['own', 'admin-book', book] });
}
