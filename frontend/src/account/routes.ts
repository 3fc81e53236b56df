import { lazy } from 'preact-iso';
import type { PageRoute } from '../app';

export const accountRoutes: PageRoute[] = [
  { path: '/sign-in', component: lazy(() => import('./sign-in')) },
  { path: '/register', component: lazy(() => import('./register')) },
  { path: '/confirm', component: lazy(() => import('./confirm')) },
  { path: '/forgotten-password', component: lazy(() => import('./forgotten-password')) },
  { path: '/reset-password', component: lazy(() => import('./reset-password')) },
  { path: '/account', component: lazy(() => import('./account')) },
];
