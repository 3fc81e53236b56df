import { HttpResponse } from 'msw';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { ADA, FakeCognito, offline, POOL, refusal, tokens } from './fake-cognito';
import { sessionEnded, signIn, signOut, startSession, token, tokenInsteadOf, user } from './index';

const HOUR = 3_600_000;
const KEY = 'session:the-client';

let cognito: FakeCognito;

beforeAll(() => startSession(POOL));
beforeEach(() => {
  cognito = new FakeCognito();
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(async () => {
  await signOut();
  vi.useRealTimers();
});

describe('signing in', () => {
  test('sends the password to Cognito and keeps who it is', async () => {
    cognito.answers = [tokens('first', { 'cognito:groups': ['editors', 'admins'] })];
    await signIn('ada', 'a long sentence');

    expect(cognito.asked).toEqual([
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
    cognito.answers = [tokens('first')];
    await signIn('ada', 'a long sentence');
    expect(user.value).toEqual({ ...ADA, isAdmin: false });
  });

  test('a refusal leaves nobody signed in, and says its type', async () => {
    cognito.answers = [refusal('com.amazonaws.cognito#NotAuthorizedException')];
    await expect(signIn('ada', 'wrong')).rejects.toMatchObject({ type: 'NotAuthorizedException' });
    expect(user.value).toBeNull();
    expect(await token()).toBeNull();
  });

  test('a page of HTML instead of an answer is a failure of the service', async () => {
    cognito.answers = [() => new HttpResponse('<h1>Bad Gateway</h1>', { status: 502 })];
    await expect(signIn('ada', 'a long sentence')).rejects.toMatchObject({ type: 'InternalErrorException' });
  });

  test('a step that the shop does not know is refused', async () => {
    cognito.answers = [() => HttpResponse.json({ ChallengeName: 'SMS_MFA', Session: 's' })];
    await expect(signIn('ada', 'a long sentence')).rejects.toMatchObject({ type: 'ChallengeRequired' });
    expect(user.value).toBeNull();
  });
});

describe('the token', () => {
  beforeEach(async () => {
    cognito.answers = [tokens('first')];
    await signIn('ada', 'a long sentence');
    cognito.asked = [];
  });

  test('serves for as long as it is fresh', async () => {
    pass(HOUR - 3 * 60_000);
    expect(await token()).toBe('access-first');
    expect(cognito.asked).toEqual([]);
  });

  test('is renewed shortly before it expires, once for all who ask', async () => {
    pass(HOUR - 60_000);
    cognito.answers = [tokens('second')];
    expect(await Promise.all([token(), token(), token()])).toEqual(Array(3).fill('access-second'));
    expect(cognito.asked).toEqual([
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
    cognito.answers = [tokens('third')];
    expect(await token()).toBe('access-third');
    expect(cognito.asked[1]?.body.AuthParameters).toEqual({ REFRESH_TOKEN: 'refresh-first' });
  });

  test('tells nobody of a renewal that changes nothing about the person', async () => {
    const told = vi.fn();
    const stop = user.subscribe(told);
    pass(HOUR);
    cognito.answers = [tokens('second')];
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
    expect(cognito.asked).toEqual([]);
    vi.unstubAllGlobals();
  });

  test.each(['NotAuthorizedException', 'ResourceNotFoundException', 'UserNotFoundException'])(
    'that cannot be renewed (%s) ends the session with a word',
    async (type) => {
      pass(31 * 24 * HOUR);
      cognito.answers = [refusal(type)];
      expect(await token()).toBeNull();
      expect(user.value).toBeNull();
      expect(sessionEnded.value).toBe(true);
      expect(localStorage.getItem(KEY)).toBeNull();
    },
  );

  test('serves to its end while the service is busy', async () => {
    pass(HOUR - 60_000);
    cognito.answers = [refusal('TooManyRequestsException')];
    expect(await token()).toBe('access-first');
    expect(user.value).not.toBeNull();
  });

  test('is not to be had when offline, and the session stays', async () => {
    pass(HOUR);
    cognito.answers = [offline];
    await expect(token()).rejects.toThrow(TypeError);
    expect(user.value).not.toBeNull();
    cognito.answers = [tokens('second')];
    expect(await token()).toBe('access-second');
  });

  test('that the API refuses is renewed before its time', async () => {
    cognito.answers = [tokens('second')];
    expect(await tokenInsteadOf('access-first')).toBe('access-second');
    expect(await tokenInsteadOf('access-first')).toBe('access-second');
    expect(cognito.asked).toHaveLength(1);
  });

  test('that arrives after signing out is not kept', async () => {
    pass(HOUR);
    cognito.answers = [tokens('second')];
    const late = token();
    await signOut();
    expect(await late).toBeNull();
    expect(user.value).toBeNull();
    expect(localStorage.getItem(KEY)).toBeNull();
  });
});

describe('signing out', () => {
  beforeEach(async () => {
    cognito.answers = [tokens('first')];
    await signIn('ada', 'a long sentence');
    cognito.asked = [];
  });

  test('revokes the refresh token', async () => {
    await signOut();
    expect(user.value).toBeNull();
    expect(cognito.asked).toEqual([
      { operation: 'RevokeToken', body: { ClientId: 'the-client', Token: 'refresh-first' } },
    ]);
  });

  test('works offline', async () => {
    cognito.answers = [offline];
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
  cognito.answers = [tokens('first'), tokens('second')];
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

function pass(milliseconds: number) {
  vi.setSystemTime(Date.now() + milliseconds);
}

function store(change: object) {
  localStorage.setItem(KEY, JSON.stringify({ ...JSON.parse(localStorage.getItem(KEY) ?? '{}'), ...change }));
}
