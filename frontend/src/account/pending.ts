/**
 * What one page of an account tells the next: registering, confirming and signing in are one errand. In memory, as it
 * holds a password, and an address has no business in the browser's history or a server's log.
 */
interface Pending {
  email: string;
  password?: string;
}

export let pending: Pending = { email: '' };

export function remember(email: string, password?: string) {
  pending = { email, ...(password && { password }) };
}
