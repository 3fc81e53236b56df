/** A user pool for tests: it writes down what it is asked, and answers what it is told to. */
import { HttpResponse, http } from 'msw';
import { server } from '../../tests/server';
import type { Pool } from './cognito';

export const POOL: Pool = { cognitoUrl: 'https://cognito.test', userPoolClientId: 'the-client' };
export const ADA = { sub: '0193', email: 'ada.lovelace@exämple.org' };

type Answer = () => Response;

export class FakeCognito {
  asked: { operation: string; body: Record<string, unknown> }[] = [];
  /** One after the other; what is asked beyond them succeeds with nothing to say. */
  answers: Answer[] = [];

  constructor() {
    server.use(
      http.post('https://cognito.test/', async ({ request }) => {
        const operation = request.headers.get('x-amz-target')?.split('.')[1] ?? '';
        this.asked.push({ operation, body: (await request.json()) as Record<string, unknown> });
        return this.answers.shift()?.() ?? HttpResponse.json({});
      }),
    );
  }
}

/** Tokens are JWTs, of which only the identity token is read. A refresh token comes at sign-in only. */
export function tokens(name: string, claims: object = {}): Answer {
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

export function refusal(type: string, message = 'No.'): Answer {
  return () => HttpResponse.json({ __type: type, message }, { status: 400 });
}

export const offline: Answer = () => HttpResponse.error();
