import { effect } from '@preact/signals';
import { QueryClient } from '@tanstack/preact-query';
import { Problem } from './api/problem';
import { user } from './session';

export function createQueryClient(): QueryClient {
  const client = new QueryClient({
    defaultOptions: {
      queries: {
        // Without a connection a request fails at once and says so, in place of waiting without a word.
        networkMode: 'always',
        refetchOnReconnect: true,
        refetchOnWindowFocus: false,
        staleTime: 30_000,
        retry: (count, error) => count < 2 && error instanceof Problem && error.passing && navigator.onLine,
        retryDelay: (count) => 500 * 2 ** count,
      },
      mutations: { networkMode: 'always', retry: false },
    },
  });
  let email = user.peek()?.email;
  // What one user has read is not for the next one at this machine. Keys of such queries begin with `own`.
  effect(() => {
    const now = user.value?.email;
    if (now === email) return;
    email = now;
    client.removeQueries({ queryKey: ['own'] });
  });
  return client;
}
