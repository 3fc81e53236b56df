import { Field, Form, useForm } from '@formisch/preact';
import * as v from 'valibot';
import { register } from '../session/account';
import { PASSWORD_POLICY } from '../session/mistakes';
import { Button } from '../ui/button';
import { Page } from '../ui/page';
import './account.css';
import { MistakeMessage, useAttempt } from './attempt';
import { EmailField, PasswordField } from './fields';
import { Step, useNext, useSignedInGoesOn } from './next';
import { pending, remember } from './pending';
import { email, newPassword } from './schema';

const Registration = v.object({ email, password: newPassword });

export default function RegisterPage() {
  const { to, step } = useNext();
  const form = useForm({ schema: Registration, initialInput: { email: pending.email, password: '' } });
  const { attempt, mistake } = useAttempt(form, ['email', 'password']);
  useSignedInGoesOn();

  return (
    <Page title="Create an account" narrow>
      <Form
        of={form}
        class="stack sheet"
        onSubmit={({ email, password }) =>
          attempt(async () => {
            remember(email, password);
            await register(email, password);
            step(to('/confirm'));
          })
        }
      >
        <MistakeMessage mistake={mistake.value} />
        <Field of={form} path={['email']}>
          {(field) => <EmailField field={field} />}
        </Field>
        <Field of={form} path={['password']}>
          {(field) => (
            <PasswordField field={field} label="Password" hint={PASSWORD_POLICY} autocomplete="new-password" />
          )}
        </Field>
        <div class="row ends">
          <Button type="submit" kind="primary" busy={form.isSubmitting.value}>
            Create the account
          </Button>
          <Step page="/forgotten-password">Forgotten your password?</Step>
        </div>
      </Form>
      <p>
        You have an account? <Step page="/sign-in">Sign in</Step>
      </p>
    </Page>
  );
}
