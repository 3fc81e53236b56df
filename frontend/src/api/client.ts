import createClient, { type Client } from 'openapi-fetch';
import { user } from '../session';
import { Problem } from './problem';
import type { components, paths } from './schema.d';

export type Schema = components['schemas'];

/** Longer than a cold start takes, shorter than people wait. API Gateway itself gives up after 30 seconds. */
const patience = 20_000;

/** The API. Every answer that is no success is thrown as a `Problem`, so that what returns is what was asked for. */
export let api: Client<paths>;

interface Tokens {
  /** The access token; null when nobody is signed in. */
  token(): Promise<string | null>;
  /** Another one than that which was refused. */
  tokenInsteadOf(refused: string): Promise<string | null>;
}

export function connect(apiUrl: string, tokens: Tokens): void {
  async function send(request: Request, token: string | null): Promise<Response> {
    const signal = AbortSignal.any([request.signal, AbortSignal.timeout(patience)]);
    const headers = new Headers(request.headers);
    if (token) headers.set('authorization', `Bearer ${token}`);
    try {
      return await fetch(new Request(request.clone(), { headers, signal, cache: cacheFor(request) }));
    } catch (error) {
      // Who has cancelled a request wants to hear nothing of it.
      if (request.signal.aborted) throw error;
      throw new Problem(0);
    }
  }

  api = createClient<paths>({
    baseUrl: new URL(apiUrl, location.origin).href.replace(/\/$/, ''),
    fetch: async (request) => {
      const token = isPublic(request) ? null : await answered(tokens.token());
      let response = await send(request, token);
      if (response.status === 401 && token) {
        // Revoked elsewhere, or this machine's clock is wrong: once more with a fresh one.
        const fresh = await answered(tokens.tokenInsteadOf(token));
        if (fresh && fresh !== token) response = await send(request, fresh);
      }
      if (!response.ok) throw await Problem.of(response);
      return response;
    },
  });
}

/** Without an answer about the token there is none to the request either. */
async function answered<T>(token: Promise<T>): Promise<T> {
  try {
    return await token;
  } catch {
    throw new Problem(0);
  }
}

/** Whoever changes the catalogue sees it as it is, and not as a cache has kept it for half a minute. */
function cacheFor(request: Request): RequestCache {
  return user.peek()?.isAdmin ? 'no-cache' : request.cache;
}

/** Public reads go without a token, so that caches may answer them and browsers need not ask (CORS) first. */
function isPublic(request: Request): boolean {
  return request.method === 'GET' && /\/(books|categories|books\/[^/]+|books\/[^/]+\/reviews)$/.test(path(request));
}

const path = (request: Request) => new URL(request.url).pathname;

/** The body of an answer. */
export async function body<T>(answer: Promise<{ data?: T }>): Promise<T> {
  return (await answer).data as T;
}

/** The body of an answer with its ETag, for a later If-Match. */
export async function tagged<T>(answer: Promise<{ data?: T; response: Response }>): Promise<{ data: T; etag: string }> {
  const { data, response } = await answer;
  return { data: data as T, etag: response.headers.get('etag') ?? '*' };
}
