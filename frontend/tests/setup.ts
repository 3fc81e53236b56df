import { cleanup, configure } from '@testing-library/preact';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { user } from '../src/session';
import { server } from './server';

// What a test waits for comes at once, unless the machine has other things to do.
configure({ asyncUtilTimeout: 8_000 });

beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => {
  cleanup();
  server.resetHandlers();
  localStorage.clear();
  sessionStorage.clear();
  // Files share their modules: nobody is signed in, and the cart is what the storage says.
  user.value = null;
  dispatchEvent(new StorageEvent('storage', { key: null }));
});
afterAll(() => server.close());
