import { QueryClientProvider } from '@tanstack/preact-query';
import type { ComponentType } from 'preact';
import { useEffect, useErrorBoundary, useRef } from 'preact/hooks';
import { ErrorBoundary, LocationProvider, Route, Router, useLocation } from 'preact-iso';
import { accountRoutes } from './account/routes';
import { adminRoutes } from './admin/routes';
import { Layout, loading } from './layout';
import Catalogue from './pages/catalogue';
import { NotFound } from './pages/not-found';
import { createQueryClient } from './queries';
import { onDemand, Unavailable } from './ui/on-demand';
import { arrived } from './ui/page';

/** A page and where it is. Pages are loaded on demand, `component` is made by `onDemand`; only the front page is not. */
export interface PageRoute {
  path: string;
  component: ComponentType;
}

const routes: PageRoute[] = [
  { path: '/', component: Catalogue },
  { path: '/books/:id', component: onDemand(() => import('./pages/book/index')) },
  { path: '/cart', component: onDemand(() => import('./pages/cart')) },
  { path: '/checkout', component: onDemand(() => import('./pages/checkout')) },
  { path: '/orders', component: onDemand(() => import('./pages/orders')) },
  { path: '/orders/:id', component: onDemand(() => import('./pages/order')) },
  ...accountRoutes,
  ...adminRoutes,
];

function Pages() {
  const { url } = useLocation();
  const failedAt = useRef('');
  const [error, reset] = useErrorBoundary((fault) => {
    failedAt.current = url;
    console.error(fault);
  });
  // The frame stays when a page fails, and leads to the others.
  useEffect(() => {
    if (error && failedAt.current !== url) reset();
  }, [error, reset, url]);
  if (error) return <Unavailable />;
  return (
    <ErrorBoundary>
      <Router
        onRouteChange={arrived}
        onLoadStart={() => {
          loading.value = true;
        }}
        onLoadEnd={() => {
          loading.value = false;
        }}
      >
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
