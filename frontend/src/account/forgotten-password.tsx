import { Field, Form, useForm } from '@formisch/preact';
import * as v from 'valibot';
import { user } from '../session';
import { forgotPassword } from '../session/account';
import { Button } from '../ui/button';
import { Page } from '../ui/page';
import './account.css';
import { MistakeMessage, useAttempt } from './attempt';
import { EmailField } from './fields';
import { Step, useNext, useSignedInGoesOn } from './next';
import { pending, remember } from './pending';
import { email } from './schema';

const Address = v.object({ email });

export default function ForgottenPasswordPage() {
  const { next, to, step } = useNext();
  const form = useForm({ schema: Address, initialInput: { email: pending.email || (user.peek()?.email ?? '') } });
  const { attempt, mistake } = useAttempt(form, ['email']);
  // From their account people come to choose another password.
  useSignedInGoesOn(next === '/account');

  return (
    <Page title="Forgotten password" narrow>
      <p>We send a code to your address. With it you choose a new password.</p>
      <Form
        of={form}
        class="stack sheet"
        onSubmit={({ email }) =>
          attempt(async () => {
            await forgotPassword(email);
            remember(email);
            step(to('/reset-password'));
          })
        }
      >
        <MistakeMessage mistake={mistake.value} />
        <Field of={form} path={['email']}>
          {(field) => <EmailField field={field} />}
        </Field>
        <div class="row ends">
          <Button type="submit" kind="primary" busy={form.isSubmitting.value}>
            Send the code
          </Button>
          <Step page="/sign-in">Back to sign in</Step>
        </div>
      </Form>
    </Page>
  );
}
