/** What Cognito refuses, told so that the person knows what to do next. */
import { CognitoError } from './cognito';

export type Field = 'email' | 'password' | 'code';
export type Page = '/register' | '/confirm' | '/sign-in' | '/forgotten-password';

export interface Mistake {
  message: string;
  /** The field that it is about; its page has links to what helps. */
  field?: Field;
  /** Where it is put right. */
  remedy?: { page: Page; label: string };
}

export const PASSWORD_POLICY = 'At least 10 characters. A few words that only you would string together are best.';

const CONFIRM = { page: '/confirm', label: 'Confirm your address' } as const;
const SIGN_IN = { page: '/sign-in', label: 'Sign in' } as const;
const NEW_PASSWORD = { page: '/forgotten-password', label: 'Choose a new password' } as const;

const MISTAKES: Record<string, Mistake> = {
  NotAuthorizedException: {
    message: 'There is no account with this e-mail address and password. Check both, or choose a new password.',
    field: 'password',
  },
  UserNotFoundException: { message: 'There is no account with this e-mail address.', field: 'email' },
  UserNotConfirmedException: {
    message: 'This account is not confirmed yet. Enter the code from the e-mail that we sent you.',
    remedy: CONFIRM,
  },
  PasswordResetRequiredException: {
    message: 'This account needs a new password before anybody can sign in to it.',
    remedy: NEW_PASSWORD,
  },
  UsernameExistsException: {
    message: 'There is an account with this address already. Sign in to it, or choose a new password for it.',
    field: 'email',
  },
  InvalidPasswordException: {
    message: `This password is too short or too long. ${PASSWORD_POLICY}`,
    field: 'password',
  },
  CodeMismatchException: {
    message: 'This is not the code that we sent last. Check it, or have a new one sent.',
    field: 'code',
  },
  ExpiredCodeException: { message: 'This code has expired. Have a new one sent.', field: 'code' },
  CodeDeliveryFailureException: {
    message: 'We could not send an e-mail to this address. Check it and try again.',
    field: 'email',
  },
  LimitExceededException: { message: 'That was too often. Wait a quarter of an hour, then try again.' },
  TooManyFailedAttemptsException: { message: 'There were too many wrong attempts. Try again in an hour.' },
  TooManyRequestsException: { message: 'Too many people are at the door just now. Try again in a minute.' },
  ChallengeRequired: {
    message: 'This account asks for a step that the shop does not know. Ask whoever made the account for a password.',
  },
};

/** The messages by which Cognito tells apart what it gives one type to. */
const BY_MESSAGE: [type: string, pattern: RegExp, mistake: Mistake][] = [
  [
    'NotAuthorizedException',
    /attempts exceeded/i,
    { message: 'There were too many wrong passwords. Wait some minutes, then try again.' },
  ],
  ['NotAuthorizedException', /disabled/i, { message: 'This account has been closed.' }],
  [
    'NotAuthorizedException',
    /status is CONFIRMED/i,
    { message: 'This account is confirmed already. Sign in.', remedy: SIGN_IN },
  ],
  [
    'NotAuthorizedException',
    /cannot be (confirmed|reset)/i,
    { message: 'This cannot be done with the account as it is. Ask whoever made it for a password.' },
  ],
  [
    'InvalidParameterException',
    /no registered\/verified|verified email/i,
    { message: 'The e-mail address of this account is not confirmed yet, so no code can be sent.', remedy: CONFIRM },
  ],
  ['InvalidParameterException', /password/i, { message: PASSWORD_POLICY, field: 'password' }],
  ['InvalidParameterException', /code/i, { message: 'The code has six digits.', field: 'code' }],
  [
    'InvalidParameterException',
    /e-?mail|username/i,
    { message: 'This is not an e-mail address that we can write to.', field: 'email' },
  ],
];

export function mistakeOf(error: unknown): Mistake {
  if (!(error instanceof CognitoError)) {
    const message = navigator.onLine
      ? 'The sign-in service does not answer. Try again in a moment.'
      : 'You are offline. Try again when you are connected.';
    return { message };
  }
  const { type, message } = error;
  const told = BY_MESSAGE.find(([of, pattern]) => of === type && pattern.test(message));
  return told?.[2] ?? MISTAKES[type] ?? { message: `The sign-in service failed (${type}). Try again in a moment.` };
}
