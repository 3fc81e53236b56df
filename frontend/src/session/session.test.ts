import { HttpResponse, http } from 'msw';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { server } from '../../tests/server';
import { sessionEnded, signIn, signOut, startSession, token, tokenInsteadOf, user } from './index';

const HOUR = 3_600_000;
const KEY = 'session:the-client';
const ADA = { sub: '0193', email: 'ada.lovelace@exämple.org' };

/** The requests that the user pool has got, and what it answers to the next ones. */
const asked: { operation: string; body: Record<string, unknown> }[] = [];
let answers: (() => Response)[] = [];

const cognito = () =>
  server.use(
    http.post('https://cognito.test/', async ({ request }) => {
      const operation = request.headers.get('x-amz-target')?.split('.')[1] ?? '';
      asked.push({ operation, body: (await request.json()) as Record<string, unknown> });
      return answers.shift()?.() ?? HttpResponse.json({});
    }),
  );

beforeAll(() => {
  startSession({ cognitoUrl: 'https://cognito.test', userPoolClientId: 'the-client' });
});

beforeEach(() => {
  cognito();
  vi.useFakeTimers({ toFake: ['Date'] });
  asked.length = 0;
  answers = [];
});
afterEach(async () => {
  await signOut();
  vi.useRealTimers();
});

describe('signing in', () => {
  test('sends the password to Cognito and keeps who it is', async () => {
    answers = [tokens('first', { 'cognito:groups': ['editors', 'admins'] })];
    await signIn('ada', 'a long sentence');

    expect(asked).toEqual([
      {
        operation: 'InitiateAuth',
        body: {
          ClientId: 'the-client',
          AuthFlow: 'USER_PASSWORD_AUTH',
          AuthParameters: { USERNAME: 'ada', PASSWORD: 'a long sentence' },
        },
      },
    ]);
    expect(user.value).toEqual({ ...ADA, isAdmin: true });
    expect(await token()).toBe('access-first');
  });

  test('without the group one is no administrator', async () => {
    answers = [tokens('first')];
    await signIn('ada', 'a long sentence');
    expect(user.value).toEqual({ ...ADA, isAdmin: false });
  });

  test('a refusal leaves nobody signed in, and says its type', async () => {
    answers = [refusal('com.amazonaws.cognito#NotAuthorizedException')];
    await expect(signIn('ada', 'wrong')).rejects.toMatchObject({ type: 'NotAuthorizedException' });
    expect(user.value).toBeNull();
    expect(await token()).toBeNull();
  });

  test('a page of HTML instead of an answer is a failure of the service', async () => {
    answers = [() => new HttpResponse('<h1>Bad Gateway</h1>', { status: 502 })];
    await expect(signIn('ada', 'a long sentence')).rejects.toMatchObject({ type: 'InternalErrorException' });
  });

  test('a step that the shop does not know is refused', async () => {
    answers = [() => HttpResponse.json({ ChallengeName: 'SMS_MFA', Session: 's' })];
    await expect(signIn('ada', 'a long sentence')).rejects.toMatchObject({ type: 'ChallengeRequired' });
    expect(user.value).toBeNull();
  });
});

describe('the token', () => {
  beforeEach(async () => {
    answers = [tokens('first')];
    await signIn('ada', 'a long sentence');
    asked.length = 0;
  });

  test('serves for as long as it is fresh', async () => {
    pass(HOUR - 3 * 60_000);
    expect(await token()).toBe('access-first');
    expect(asked).toEqual([]);
  });

  test('is renewed shortly before it expires, once for all who ask', async () => {
    pass(HOUR - 60_000);
    answers = [tokens('second')];
    expect(await Promise.all([token(), token(), token()])).toEqual(Array(3).fill('access-second'));
    expect(asked).toEqual([
      {
        operation: 'InitiateAuth',
        body: {
          ClientId: 'the-client',
          AuthFlow: 'REFRESH_TOKEN_AUTH',
          AuthParameters: { REFRESH_TOKEN: 'refresh-first' },
        },
      },
    ]);
    // Cognito gives no other refresh token then; the first goes on to serve.
    pass(HOUR);
    answers = [tokens('third')];
    expect(await token()).toBe('access-third');
    expect(asked[1]?.body.AuthParameters).toEqual({ REFRESH_TOKEN: 'refresh-first' });
  });

  test('tells nobody of a renewal that changes nothing about the person', async () => {
    const told = vi.fn();
    const stop = user.subscribe(told);
    pass(HOUR);
    answers = [tokens('second')];
    await token();
    expect(told).toHaveBeenCalledTimes(1);
    stop();
  });

  test('that another tab renews while this one waits for the lock is taken over', async () => {
    pass(HOUR);
    const request = vi.fn(async (_name: string, work: () => Promise<unknown>) => {
      store({ accessToken: 'access-elsewhere', expires: Date.now() + HOUR });
      return work();
    });
    vi.stubGlobal('navigator', { locks: { request } });
    expect(await token()).toBe('access-elsewhere');
    expect(request).toHaveBeenCalledTimes(1);
    expect(asked).toEqual([]);
    vi.unstubAllGlobals();
  });

  test.each(['NotAuthorizedException', 'ResourceNotFoundException', 'UserNotFoundException'])(
    'that cannot be renewed (%s) ends the session with a word',
    async (type) => {
      pass(31 * 24 * HOUR);
      answers = [refusal(type)];
      expect(await token()).toBeNull();
      expect(user.value).toBeNull();
      expect(sessionEnded.value).toBe(true);
      expect(localStorage.getItem(KEY)).toBeNull();
    },
  );

  test('serves to its end while the service is busy', async () => {
    pass(HOUR - 60_000);
    answers = [refusal('TooManyRequestsException')];
    expect(await token()).toBe('access-first');
    expect(user.value).not.toBeNull();
  });

  test('is not to be had when offline, and the session stays', async () => {
    pass(HOUR);
    answers = [() => HttpResponse.error()];
    await expect(token()).rejects.toThrow(TypeError);
    expect(user.value).not.toBeNull();
    answers = [tokens('second')];
    expect(await token()).toBe('access-second');
  });

  test('that the API refuses is renewed before its time', async () => {
    answers = [tokens('second')];
    expect(await tokenInsteadOf('access-first')).toBe('access-second');
    expect(await tokenInsteadOf('access-first')).toBe('access-second');
    expect(asked).toHaveLength(1);
  });

  test('that arrives after signing out is not kept', async () => {
    pass(HOUR);
    answers = [tokens('second')];
    const late = token();
    await signOut();
    expect(await late).toBeNull();
    expect(user.value).toBeNull();
    expect(localStorage.getItem(KEY)).toBeNull();
  });
});

describe('signing out', () => {
  beforeEach(async () => {
    answers = [tokens('first')];
    await signIn('ada', 'a long sentence');
    asked.length = 0;
  });

  test('revokes the refresh token', async () => {
    await signOut();
    expect(user.value).toBeNull();
    expect(asked).toEqual([{ operation: 'RevokeToken', body: { ClientId: 'the-client', Token: 'refresh-first' } }]);
  });

  test('works offline', async () => {
    answers = [() => HttpResponse.error()];
    await signOut();
    expect(user.value).toBeNull();
    expect(await token()).toBeNull();
  });

  test('in another tab signs out this one', async () => {
    localStorage.removeItem(KEY);
    dispatchEvent(new StorageEvent('storage', { key: KEY }));
    expect(user.value).toBeNull();
    expect(await token()).toBeNull();
  });

  test('a change of something else does not', () => {
    localStorage.setItem('cart', '[]');
    dispatchEvent(new StorageEvent('storage', { key: 'cart' }));
    expect(user.value).not.toBeNull();
  });
});

test('without storage the session lives as long as the page', async () => {
  vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
    throw new DOMException('switched off', 'SecurityError');
  });
  vi.spyOn(Storage.prototype, 'getItem').mockImplementation(() => {
    throw new DOMException('switched off', 'SecurityError');
  });
  answers = [tokens('first'), tokens('second')];
  await signIn('ada', 'a long sentence');
  expect(await token()).toBe('access-first');
  pass(HOUR);
  expect(await token()).toBe('access-second');
});

test('a session of an earlier visit is taken up, and signing in elsewhere arrives', () => {
  store({ accessToken: 'a', refreshToken: 'r', expires: Date.now() + HOUR, user: { ...ADA, isAdmin: true } });
  dispatchEvent(new StorageEvent('storage', { key: KEY }));
  expect(user.value).toEqual({ ...ADA, isAdmin: true });
});

/** What Cognito answers. Its tokens are JWTs, of which only the identity token is read. */
function tokens(name: string, claims: object = {}) {
  const payload = Buffer.from(JSON.stringify({ ...ADA, ...claims })).toString('base64url');
  return () =>
    HttpResponse.json({
      AuthenticationResult: {
        AccessToken: `access-${name}`,
        IdToken: `header.${payload}.signature`,
        ExpiresIn: 3600,
        ...(name === 'first' && { RefreshToken: 'refresh-first' }),
      },
    });
}

function refusal(type: string) {
  return () => HttpResponse.json({ __type: type, message: 'No.' }, { status: 400 });
}

function pass(milliseconds: number) {
  vi.setSystemTime(Date.now() + milliseconds);
}

function store(change: object) {
  localStorage.setItem(KEY, JSON.stringify({ ...JSON.parse(localStorage.getItem(KEY) ?? '{}'), ...change }));
}
