import { cleanup, screen, waitFor } from '@testing-library/preact';
import { expect, test, vi } from 'vitest';
import { visit } from '../../tests/shop';
import { onDemand } from './on-demand';

test('a page comes when its code has come', async () => {
  visit(
    '/page',
    '/page',
    onDemand(async () => ({ default: () => <h1>The page</h1> })),
  );
  await screen.findByRole('heading', { name: 'The page' });
});

test('a page whose code does not come says so, in the shop’s frame', async () => {
  const logged = vi.spyOn(console, 'error').mockReturnValue();
  const gone = new TypeError('Failed to fetch dynamically imported module');
  visit(
    '/page',
    '/page',
    onDemand(() => Promise.reject(gone)),
  );
  expect((await screen.findByRole('alert')).textContent).toContain('This page could not be loaded');
  screen.getByRole('link', { name: 'Colophon' });
  await waitFor(() => expect(document.title).toBe('Not available – Colophon'));
  expect(logged).toHaveBeenCalledWith(gone);
});

test('it is loaded again when the connection is back, and when one comes again', async () => {
  vi.spyOn(console, 'error').mockReturnValue();
  const reload = vi.spyOn(location, 'reload').mockReturnValue();
  const Broken = onDemand(() => Promise.reject(new TypeError('Failed to fetch')));
  visit('/page', '/page', Broken);
  await screen.findByRole('alert');
  expect(reload).not.toHaveBeenCalled();
  await waitFor(() => {
    dispatchEvent(new Event('online'));
    expect(reload).toHaveBeenCalled();
  });
  reload.mockClear();
  cleanup();
  visit('/page', '/page', Broken);
  await waitFor(() => expect(reload).toHaveBeenCalledTimes(1));
  cleanup();
  dispatchEvent(new Event('online'));
  expect(reload).toHaveBeenCalledTimes(1);
});
