import { QueryClientProvider } from '@tanstack/preact-query';
import type { ComponentType } from 'preact';
import { useErrorBoundary } from 'preact/hooks';
import { ErrorBoundary, LocationProvider, lazy, Route, Router } from 'preact-iso';
import { accountRoutes } from './account/routes';
import { adminRoutes } from './admin/routes';
import { Layout } from './layout';
import Catalogue from './pages/catalogue';
import { NotFound } from './pages/not-found';
import { createQueryClient } from './queries';
import { Failure } from './ui/message';
import { arrived } from './ui/page';

/** A page and where it is. Pages are loaded on demand, `component` is made by `lazy`; only the front page is not. */
export interface PageRoute {
  path: string;
  component: ComponentType;
}

const routes: PageRoute[] = [
  { path: '/', component: Catalogue },
  { path: '/books/:id', component: lazy(() => import('./pages/book/index')) },
  { path: '/cart', component: lazy(() => import('./pages/cart')) },
  { path: '/checkout', component: lazy(() => import('./pages/checkout')) },
  { path: '/orders', component: lazy(() => import('./pages/orders')) },
  { path: '/orders/:id', component: lazy(() => import('./pages/order')) },
  ...accountRoutes,
  ...adminRoutes,
];

export function Pages() {
  // A chunk that no longer exists, or a fault of ours: the frame stays, and loading the page again helps with both.
  const [error] = useErrorBoundary((fault) => console.error(fault));
  if (error) {
    return (
      <Failure title="This page could not be shown" retry={() => location.reload()}>
        There may be a newer version of the shop, or no connection.
      </Failure>
    );
  }
  return (
    <ErrorBoundary>
      <Router onRouteChange={arrived}>
        {routes.map(({ path, component }) => (
          <Route key={path} path={path} component={component} />
        ))}
        <Route default component={NotFound} />
      </Router>
    </ErrorBoundary>
  );
}

const queries = createQueryClient();

export function App() {
  return (
    <LocationProvider>
      <QueryClientProvider client={queries}>
        <Layout>
          <Pages />
        </Layout>
      </QueryClientProvider>
    </LocationProvider>
  );
}
