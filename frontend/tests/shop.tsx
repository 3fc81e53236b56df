import { QueryClientProvider } from '@tanstack/preact-query';
import { render } from '@testing-library/preact';
import type { ComponentType } from 'preact';
import { LocationProvider, Route, Router } from 'preact-iso';
import { connect, type Schema } from '../src/api/client';
import { Layout } from '../src/layout';
import { createQueryClient } from '../src/queries';
import { user } from '../src/session';
import { apiUrl } from './server';

const id = (number: number) => `01935650-0000-7000-8000-${String(number).padStart(12, '0')}`;

export function book(number: number, change: Partial<Schema['BookWithReviews']> = {}): Schema['BookWithReviews'] {
  return {
    id: id(number),
    title: `Book ${number}`,
    author: 'Ursula K. Le Guin',
    category: 'science-fiction',
    price: { amount: 1250, currency: 'EUR' },
    createdAt: '2026-11-25T09:30:00.125Z',
    stock: 12,
    rating: { count: 0 },
    reviews: [],
    ...change,
  };
}

export function signIn(email = 'reader@example.com') {
  user.value = { sub: id(999), email, isAdmin: false };
}

/** Shows a page in the shop's frame, as it is at an address. Requests are not repeated by themselves, to keep tests quick. */
export function visit(address: string, path: string, component: ComponentType) {
  connect(apiUrl, { token: async () => (user.value ? 'a-token' : null), tokenInsteadOf: async () => null });
  history.replaceState(null, '', address);
  const queries = createQueryClient();
  queries.setDefaultOptions({ queries: { ...queries.getDefaultOptions().queries, retry: false } });
  return render(
    <LocationProvider>
      <QueryClientProvider client={queries}>
        <Layout>
          <Router>
            <Route path={path} component={component} />
            <Route default component={Elsewhere} />
          </Router>
        </Layout>
      </QueryClientProvider>
    </LocationProvider>,
  );
}

const Elsewhere = () => <p>Another page</p>;
