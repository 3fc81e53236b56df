import type { PageRoute } from '../app';

export const adminRoutes: PageRoute[] = [];
