import { Field, Form, useForm } from '@formisch/preact';
import * as v from 'valibot';
import { signIn } from '../session';
import { resetPassword } from '../session/account';
import { PASSWORD_POLICY } from '../session/mistakes';
import { Button } from '../ui/button';
import { Notice } from '../ui/message';
import { Page } from '../ui/page';
import './account.css';
import { MistakeMessage, useAttempt } from './attempt';
import { CodeField, EmailField, PasswordField } from './fields';
import { Step, useNext, useSignedInGoesOn } from './next';
import { pending } from './pending';
import { code, email, newPassword } from './schema';

const Reset = v.object({ email, code, password: newPassword });

export default function ResetPasswordPage() {
  const { next, step } = useNext();
  const form = useForm({ schema: Reset, initialInput: { email: pending.email, code: '', password: '' } });
  const { attempt, mistake } = useAttempt(form, ['email', 'code', 'password']);
  // From their account people come to choose another password.
  useSignedInGoesOn(next === '/account');

  return (
    <Page title="Choose a new password" narrow>
      {pending.email && (
        // Cognito does not tell whether there is one, so that nobody can find out who shops here.
        <Notice>If there is an account for {pending.email}, a code is on its way there.</Notice>
      )}
      <Form
        of={form}
        class="stack sheet"
        onSubmit={({ email, code, password }) =>
          attempt(async () => {
            await resetPassword(email, code, password);
            await signIn(email, password);
            step(next);
          })
        }
      >
        <MistakeMessage mistake={mistake.value} />
        <Field of={form} path={['email']}>
          {(field) => <EmailField field={field} />}
        </Field>
        <Field of={form} path={['code']}>
          {(field) => <CodeField field={field} />}
        </Field>
        <Field of={form} path={['password']}>
          {(field) => (
            <PasswordField field={field} label="New password" hint={PASSWORD_POLICY} autocomplete="new-password" />
          )}
        </Field>
        <div class="row ends">
          <Button type="submit" kind="primary" busy={form.isSubmitting.value}>
            Set it and sign in
          </Button>
          <Step page="/forgotten-password">Send another code</Step>
        </div>
      </Form>
    </Page>
  );
}
