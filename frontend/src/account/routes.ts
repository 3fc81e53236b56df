import type { PageRoute } from '../app';

export const accountRoutes: PageRoute[] = [];
