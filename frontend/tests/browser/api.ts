import type { Page } from '@playwright/test';
import type { Config } from '../../src/config';

export const configOf = (page: Page): Promise<Config> =>
  page.evaluate(async () => (await fetch('/config.json')).json());

/** Whether an address is one of the API. */
export const toApi = ({ apiUrl }: Config) => {
  const base = new URL(apiUrl, process.env.SITE_URL).href;
  return (url: URL) => url.href.startsWith(`${base}/`);
};

interface Request {
  body?: unknown;
  headers?: Record<string, string>;
}

/**
 * What a journey needs and is no part of it, asked from the API as whoever is signed in on this page. By the page, as
 * it has the token, and as only browsers know where names below `localhost` are.
 */
export async function call<Answer = void>(page: Page, method: string, path: string, request: Request = {}) {
  const { status, text, etag } = await page.evaluate(
    async ({ method, path, body, headers }) => {
      const config = await (await fetch('/config.json')).json();
      const session = JSON.parse(localStorage.getItem(`session:${config.userPoolClientId}`) ?? '{}');
      const base = new URL(config.apiUrl, location.origin).href.replace(/\/$/, '');
      const response = await fetch(base + path, {
        method,
        cache: 'no-store',
        headers: {
          ...(session.accessToken && { authorization: `Bearer ${session.accessToken}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return { status: response.status, text: await response.text(), etag: response.headers.get('etag') ?? '' };
    },
    { method, path, ...request },
  );
  if (status >= 300) throw new Error(`${method} ${path} answered ${status}: ${text}`);
  return { data: (text ? JSON.parse(text) : undefined) as Answer, etag };
}
