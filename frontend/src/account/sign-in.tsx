import { Field, Form, useForm } from '@formisch/preact';
import * as v from 'valibot';
import { sessionEnded, signIn } from '../session';
import { CognitoError } from '../session/cognito';
import { Button } from '../ui/button';
import { Notice } from '../ui/message';
import { Page } from '../ui/page';
import './account.css';
import { MistakeMessage, useAttempt } from './attempt';
import { EmailField, PasswordField } from './fields';
import { Step, useNext, useSignedInGoesOn } from './next';
import { pending, remember } from './pending';
import { email, password } from './schema';

const SignIn = v.object({ email, password });

export default function SignInPage() {
  const { to, step } = useNext();
  const form = useForm({ schema: SignIn, initialInput: { email: pending.email, password: '' } });
  const { attempt, mistake } = useAttempt(form, ['email', 'password']);
  useSignedInGoesOn();

  return (
    <Page title="Sign in" narrow>
      {sessionEnded.value && <Notice>Your session has ended. Please sign in again to go on.</Notice>}
      <Form
        of={form}
        class="stack sheet"
        onSubmit={({ email, password }) =>
          attempt(async () => {
            // For the page that helps when this fails.
            remember(email);
            try {
              await signIn(email, password);
            } catch (error) {
              if (!(error instanceof CognitoError && error.type === 'UserNotConfirmedException')) throw error;
              remember(email, password);
              step(to('/confirm'));
            }
          })
        }
      >
        <MistakeMessage mistake={mistake.value} />
        <Field of={form} path={['email']}>
          {(field) => <EmailField field={field} />}
        </Field>
        <Field of={form} path={['password']}>
          {(field) => <PasswordField field={field} label="Password" autocomplete="current-password" />}
        </Field>
        <div class="row ends">
          <Button type="submit" kind="primary" busy={form.isSubmitting.value}>
            Sign in
          </Button>
          <Step page="/forgotten-password">Forgotten your password?</Step>
        </div>
      </Form>
      <p>
        New here? <Step page="/register">Create an account</Step>
      </p>
    </Page>
  );
}
