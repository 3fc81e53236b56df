import { setupServer } from 'msw/node';

/** Where tests have their API; a test adds the answers that it needs by `server.use(...)`. */
export const apiUrl = 'https://api.test';
export const server = setupServer();
