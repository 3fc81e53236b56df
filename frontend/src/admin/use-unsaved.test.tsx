import { signal } from '@preact/signals';
import { screen } from '@testing-library/preact';
import { expect, test, vi } from 'vitest';
import { visit } from '../../tests/shop';
import { useUnsaved } from './use-unsaved';

const dirty = signal(false);

function Page() {
  useUnsaved(dirty);
  return <a href="/elsewhere">Elsewhere</a>;
}

/** Whether the browser would ask before it closes the page. */
function asksAtClosing() {
  const closing = new Event('beforeunload', { cancelable: true });
  dispatchEvent(closing);
  return closing.defaultPrevented;
}

test('what is not saved is left by those who mean to', async () => {
  const asked = vi.fn(() => false);
  vi.stubGlobal('confirm', asked);
  visit('/page', '/page', Page);
  expect(asksAtClosing()).toBe(false);
  dirty.value = true;
  expect(asksAtClosing()).toBe(true);
  const link = screen.getByRole('link', { name: 'Elsewhere' });
  link.click();
  expect(location.pathname).toBe('/page');
  asked.mockReturnValue(true);
  link.click();
  await screen.findByText('Another page');
  expect(asked).toHaveBeenCalledTimes(2);
  // The page is gone, and nobody is held any more.
  expect(asksAtClosing()).toBe(false);
});
