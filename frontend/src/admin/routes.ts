import type { PageRoute } from '../app';
import { onDemand } from '../ui/on-demand';

const orders = onDemand(() => import('./orders'));

export const adminRoutes: PageRoute[] = [
  // What waits to be done comes first.
  { path: '/admin', component: orders },
  { path: '/admin/orders', component: orders },
  { path: '/admin/orders/:id', component: onDemand(() => import('./order')) },
  { path: '/admin/books', component: onDemand(() => import('./books')) },
  { path: '/admin/books/new', component: onDemand(() => import('./new-book')) },
  { path: '/admin/books/:id', component: onDemand(() => import('./book')) },
];
