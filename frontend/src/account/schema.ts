import * as v from 'valibot';
import { PASSWORD_POLICY } from '../session/mistakes';

export const email = v.pipe(
  v.string(),
  v.trim(),
  v.nonEmpty('Enter your e-mail address.'),
  // Whether it exists, only an e-mail can tell.
  v.regex(/^\S+@\S+\.\S+$/, 'Enter an address like name@example.com.'),
);

export const password = v.pipe(v.string(), v.nonEmpty('Enter your password.'));

export const newPassword = v.pipe(
  v.string(),
  v.nonEmpty('Choose a password.'),
  v.minLength(10, PASSWORD_POLICY),
  v.maxLength(256, 'At most 256 characters.'),
  // Cognito's own rule.
  v.regex(/^\S.*\S$/s, 'A password begins and ends with something else than a space.'),
);

export const code = v.pipe(
  v.string(),
  // People copy it with spaces around or between.
  v.transform((text) => text.replace(/\s/g, '')),
  v.nonEmpty('Enter the code from the e-mail.'),
  v.regex(/^\d{6}$/, 'The code has six digits.'),
);
