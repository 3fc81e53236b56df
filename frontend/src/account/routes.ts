import type { PageRoute } from '../app';
import { onDemand } from '../ui/on-demand';

export const accountRoutes: PageRoute[] = [
  { path: '/sign-in', component: onDemand(() => import('./sign-in')) },
  { path: '/register', component: onDemand(() => import('./register')) },
  { path: '/confirm', component: onDemand(() => import('./confirm')) },
  { path: '/forgotten-password', component: onDemand(() => import('./forgotten-password')) },
  { path: '/reset-password', component: onDemand(() => import('./reset-password')) },
  { path: '/account', component: onDemand(() => import('./account')) },
];
