import { tab } from '../storage';

/**
 * What one page of an account tells the next: registering, confirming and signing in are one errand. The address lasts
 * through a reload, while one looks for the code; it has no business in the browser's history or a server's log. The
 * password is nowhere but in memory.
 */
const key = 'account-email';

export const pending = {
  get email(): string {
    const kept = tab.get(key);
    return typeof kept === 'string' ? kept : '';
  },
  password: undefined as string | undefined,
};

export function remember(email: string, password?: string) {
  tab.set(key, email);
  pending.password = password;
}
