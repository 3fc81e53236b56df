import { screen, waitFor } from '@testing-library/preact';
import { expect, test } from 'vitest';
import { visit } from '../../tests/shop';
import { announce, tell } from './announce';

function Page() {
  return <a href="/elsewhere">Elsewhere</a>;
}

test('what is said stays on its page', async () => {
  visit('/page', '/page', Page);
  announce('12 books shown');
  tell('The book is deleted.');
  await screen.findByText('12 books shown');
  await screen.findByText('The book is deleted.');
  // On its way when one leaves: it is not for the next page either.
  announce('24 books shown');
  screen.getByRole('link', { name: 'Elsewhere' }).click();
  await screen.findByText('Another page');
  await new Promise((later) => setTimeout(later, 100));
  for (const place of screen.getAllByRole('status')) expect(place.textContent).toBe('');
});

test('what is told while one is led on is told there', async () => {
  visit('/page', '/page', Page);
  screen.getByRole('link', { name: 'Elsewhere' }).click();
  tell('The book is deleted.');
  await screen.findByText('Another page');
  await waitFor(() => expect(screen.getByText('The book is deleted.')).toBeTruthy());
});
