import { setupServer } from 'msw/node';
import { createOpenApiHttp } from 'openapi-msw';
import type { paths } from '../src/api/schema';

/** Where tests have their API; a test adds the answers that it needs by `server.use(...)`. */
export const apiUrl = 'https://api.test';
export const server = setupServer();

/** Handlers as the contract has them: another path, parameter or body is a type error. */
export const http = createOpenApiHttp<paths>({ baseUrl: apiUrl });
