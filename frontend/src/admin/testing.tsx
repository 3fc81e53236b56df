/** What tests of the administration have in common. */
import { screen } from '@testing-library/preact';
import userEvent from '@testing-library/user-event';
import { HttpResponse } from 'msw';
import { visit } from '../../tests/shop';
import type { Schema } from '../api/client';
import { user } from '../session';
import { adminRoutes } from './routes';

export const person = userEvent.setup();

/** Opens a page of the administration as somebody who runs the shop, or as a customer. */
export function open(address: string, isAdmin = true) {
  user.value = { sub: 'keeper', email: 'keeper@example.com', isAdmin };
  const route = adminRoutes.find(({ path }) => matches(path, address.replace(/\?.*/, '')));
  if (!route) throw new Error(`no page at ${address}`);
  return visit(address, route.path, route.component);
}

function matches(path: string, address: string): boolean {
  return new RegExp(`^${path.replace(/:\w+/, '(?!new$)[^/]+')}$`).test(address);
}

export const press = async (name: string | RegExp) => person.click(await screen.findByRole('button', { name }));
export const field = (name: string | RegExp) => screen.getByRole<HTMLInputElement>('textbox', { name });

export async function write(name: string, text: string) {
  await person.clear(field(name));
  await person.type(field(name), text);
}

/** What the API answers to what it refuses. */
export function refusal(status: number, detail: string, errors?: Schema['Problem']['errors']) {
  const problem = { title: 'Problem', status, detail, errors, requestId: 'r' };
  return HttpResponse.json(problem, { status, headers: { 'content-type': 'application/problem+json' } });
}

/** What a screen reader says of a field beside its name. */
export function described(control: HTMLElement): string {
  const ids = control.getAttribute('aria-describedby')?.split(' ') ?? [];
  return ids.map((id) => document.getElementById(id)?.textContent).join(' ');
}
