import { Field, Form, useForm } from '@formisch/preact';
import { useEffect } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import * as v from 'valibot';
import { sessionEnded, signIn, user } from '../session';
import { CognitoError } from '../session/cognito';
import { Button } from '../ui/button';
import { Notice } from '../ui/message';
import { Page } from '../ui/page';
import './account.css';
import { MistakeMessage, useAttempt } from './attempt';
import { EmailField, PasswordField } from './fields';
import { useNext } from './next';
import { pending, remember } from './pending';
import { email, password } from './schema';

const SignIn = v.object({ email, password });

export default function SignInPage() {
  const { route } = useLocation();
  const { next, to } = useNext();
  const form = useForm({ schema: SignIn, initialInput: { email: pending.email, password: '' } });
  const { attempt, mistake } = useAttempt(form, ['email', 'password']);
  const person = user.value;

  // Also when another tab has signed in.
  useEffect(() => {
    if (person) route(next, true);
  }, [person, next, route]);

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
              route(to('/confirm'));
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
          <a href={to('/forgotten-password')}>Forgotten your password?</a>
        </div>
      </Form>
      <p>
        New here? <a href={to('/register')}>Create an account</a>
      </p>
    </Page>
  );
}
