/**
 * Who is signed in, and the token that says so to the API.
 *
 * The tokens are in localStorage, where any script of this origin can read them. The alternative, a cookie that scripts
 * cannot read, needs a server of our own between browser and Cognito. So the guard is that no foreign script runs here:
 * the Content Security Policy takes scripts from this origin only and none that is inline. The access token lives for
 * an hour; signing out revokes the refresh token.
 */
import { signal } from '@preact/signals';
import { CognitoError, call, type Pool, setPool } from './cognito';
import { type Session, sessionOf, type Tokens, type User } from './tokens';

export type { User } from './tokens';

/** Renewed when it has less than this left, so that it does not expire on its way. */
const MARGIN = 2 * 60_000;

/** What Cognito says about itself, not about the session: it may take the same token later. */
const PASSING = /^(TooManyRequests|LimitExceeded|InternalError|ServiceUnavailable|Throttling)/;

/** The person who is signed in. It changes only when the person or their rights do. */
export const user = signal<User | null>(null);

/** Whether the session ended by itself: its person should hear why they are asked to sign in again. */
export const sessionEnded = signal(false);

let key: string;
let current: Session | null = null;
let renewal: Promise<string | null> | undefined;

/** Takes up the session of an earlier visit. Called once, before the first page is shown. */
export function startSession(pool: Pool) {
  setPool(pool);
  // Environments may share an origin, as all of a local cloud do; a session belongs to one of them.
  key = `session:${pool.userPoolClientId}`;
  show(load());
  addEventListener('storage', (event) => {
    // Another tab has signed in or out, or renewed the tokens. No key: it has cleared everything.
    if (event.key === key || event.key === null) show(load());
  });
}

/** The access token for the API, renewed where that is due; null when nobody is signed in. Throws when offline. */
export async function token(): Promise<string | null> {
  if (!current) return null;
  if (isFresh(current)) return current.accessToken;
  renewal ??= exclusively(renew).finally(() => {
    renewal = undefined;
  });
  return renewal;
}

/** Another token than the one that the API has refused although it is not expired; null when there is none. */
export async function tokenInsteadOf(refused: string): Promise<string | null> {
  if (current?.accessToken === refused) save({ ...current, expires: 0 });
  return token();
}

export async function signIn(email: string, password: string) {
  save(
    await authenticate({
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: email, PASSWORD: password },
    }),
  );
  sessionEnded.value = false;
}

export async function signOut() {
  const refreshToken = current?.refreshToken;
  save(null);
  sessionEnded.value = false;
  if (!refreshToken) return;
  // This browser has forgotten the token either way. Revoking it is against copies, and cannot be done offline.
  await call('RevokeToken', { Token: refreshToken }).catch(() => undefined);
}

async function renew(): Promise<string | null> {
  // Another tab may have done it while this one waited.
  show(load());
  const before = current;
  if (!before || isFresh(before)) return before?.accessToken ?? null;
  try {
    const renewed = await authenticate(
      { AuthFlow: 'REFRESH_TOKEN_AUTH', AuthParameters: { REFRESH_TOKEN: before.refreshToken } },
      before.refreshToken,
    );
    // Unless the person has signed out meanwhile, or another one in.
    if (current?.refreshToken === before.refreshToken) save(renewed);
  } catch (error) {
    if (error instanceof CognitoError && !PASSING.test(error.type)) {
      if (current?.refreshToken !== before.refreshToken) return current?.accessToken ?? null;
      save(null);
      sessionEnded.value = true;
    } else if (before.expires <= Date.now()) {
      throw error;
    }
  }
  return current?.accessToken ?? null;
}

async function authenticate(request: object, refreshToken?: string): Promise<Session> {
  const answer = await call<{ AuthenticationResult?: Tokens; ChallengeName?: string }>('InitiateAuth', request);
  if (answer.AuthenticationResult) return sessionOf(answer.AuthenticationResult, refreshToken);
  // The pool asks for nothing beyond the password, except where an operator has made the account or changed the pool.
  throw new CognitoError('ChallengeRequired', `Cognito asks for ${answer.ChallengeName}`);
}

/** One tab at a time; a browser without locks renews once for each tab, which costs a request and no more. */
function exclusively<T>(work: () => Promise<T>): Promise<T> {
  if (!navigator.locks) return work();
  return new Promise((resolve, reject) => {
    navigator.locks.request(key, async () => {
      await work().then(resolve, reject);
      // What one tab stores, another sees a moment later: the next one must not look before.
      await new Promise((seen) => setTimeout(seen, 100));
    });
  });
}

function isFresh(session: Session) {
  return session.expires - Date.now() > MARGIN;
}

function show(session: Session | null) {
  current = session;
  const next = session?.user ?? null;
  if (JSON.stringify(next) !== JSON.stringify(user.peek())) user.value = next;
}

function save(session: Session | null) {
  try {
    if (session) localStorage.setItem(key, JSON.stringify(session));
    else localStorage.removeItem(key);
  } catch {
    // Storage that is switched off or full: the session lives as long as this page.
  }
  show(session);
}

function load(): Session | null {
  try {
    return JSON.parse(localStorage.getItem(key) ?? 'null');
  } catch {
    return current;
  }
}
