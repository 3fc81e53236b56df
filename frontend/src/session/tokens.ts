export interface User {
  sub: string;
  email: string;
  isAdmin: boolean;
}

export interface Session {
  accessToken: string;
  refreshToken: string;
  /** When the access token expires, by this machine's clock: it need not agree with Amazon's. */
  expires: number;
  user: User;
}

/** What Cognito answers to a sign-in or a renewal. */
export interface Tokens {
  AccessToken: string;
  IdToken: string;
  ExpiresIn: number;
  /** Not at a renewal: the one of the sign-in stays. */
  RefreshToken?: string;
}

export function sessionOf(tokens: Tokens, refreshToken = ''): Session {
  const { sub, email, 'cognito:groups': groups = [] } = claims(tokens.IdToken);
  return {
    accessToken: tokens.AccessToken,
    refreshToken: tokens.RefreshToken ?? refreshToken,
    expires: Date.now() + tokens.ExpiresIn * 1000,
    user: { sub, email, isAdmin: groups.includes('admins') },
  };
}

/** What the token says. Nobody verifies it here: it comes from Cognito itself, and the API verifies its own. */
function claims(token: string): { sub: string; email: string; 'cognito:groups'?: string[] } {
  const payload = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
  const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}
