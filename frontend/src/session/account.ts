/** What one does with an account before and beside signing in; loaded with the pages that do it. */
import { call } from './cognito';

export async function register(email: string, password: string) {
  await call('SignUp', { Username: email, Password: password });
}

export async function confirm(email: string, code: string) {
  await call('ConfirmSignUp', { Username: email, ConfirmationCode: code });
}

export async function resendCode(email: string) {
  await call('ResendConfirmationCode', { Username: email });
}

export async function forgotPassword(email: string) {
  await call('ForgotPassword', { Username: email });
}

export async function resetPassword(email: string, code: string, password: string) {
  await call('ConfirmForgotPassword', { Username: email, ConfirmationCode: code, Password: password });
}
