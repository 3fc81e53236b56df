import { lazy } from 'preact-iso';
import type { PageRoute } from '../app';

const orders = lazy(() => import('./orders'));

export const adminRoutes: PageRoute[] = [
  // What waits to be done comes first.
  { path: '/admin', component: orders },
  { path: '/admin/orders', component: orders },
  { path: '/admin/orders/:id', component: lazy(() => import('./order')) },
  { path: '/admin/books', component: lazy(() => import('./books')) },
  { path: '/admin/books/new', component: lazy(() => import('./new-book')) },
  { path: '/admin/books/:id', component: lazy(() => import('./book')) },
];
