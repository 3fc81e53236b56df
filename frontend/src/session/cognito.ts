/**
 * The user pool's own API. Browsers may call these operations without a signature, so a client is one `fetch`;
 * the smallest of the libraries for it weighs more than half of what the whole shop may.
 */
export interface Pool {
  cognitoUrl: string;
  userPoolClientId: string;
}

type Operation =
  | 'SignUp'
  | 'ConfirmSignUp'
  | 'ResendConfirmationCode'
  | 'InitiateAuth'
  | 'ForgotPassword'
  | 'ConfirmForgotPassword'
  | 'RevokeToken';

/** What Cognito refuses, by the name of its exception. Without an answer `fetch` throws errors of its own. */
export class CognitoError extends Error {
  readonly type: string;

  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

let pool: Pool;

export function setPool(of: Pool) {
  pool = of;
}

export async function call<Answer = unknown>(operation: Operation, parameters: object): Promise<Answer> {
  const response = await fetch(pool.cognitoUrl, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AWSCognitoIdentityProviderService.${operation}`,
    },
    body: JSON.stringify({ ClientId: pool.userPoolClientId, ...parameters }),
    // A page that is left must not keep a sign-out from arriving.
    keepalive: true,
    // A refresh that hangs would hold up every request of the shop.
    signal: AbortSignal.timeout(15_000),
  });
  // What stands in front of Cognito may answer with a page of HTML; its status says enough.
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  // The type may come with a namespace: `com.amazonaws…#NotAuthorizedException`.
  const type = String(answer.__type ?? 'InternalErrorException').replace(/^.*#/, '');
  throw new CognitoError(type, answer.message ?? answer.Message ?? `Cognito answered ${response.status}`);
}
