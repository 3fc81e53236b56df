import { Field, Form, focus, getInput, setErrors, useForm } from '@formisch/preact';
import { useSignal } from '@preact/signals';
import * as v from 'valibot';
import { signIn } from '../session';
import { confirm, resendCode } from '../session/account';
import { Button } from '../ui/button';
import { Notice } from '../ui/message';
import { Page } from '../ui/page';
import './account.css';
import { MistakeMessage, useAttempt } from './attempt';
import { CodeField, EmailField } from './fields';
import { useNext } from './next';
import { pending, remember } from './pending';
import { code, email } from './schema';

const Confirmation = v.object({ email, code });

export default function ConfirmPage() {
  const { next, to, step } = useNext();
  const form = useForm({ schema: Confirmation, initialInput: { email: pending.email, code: '' } });
  const { attempt, mistake } = useAttempt(form, ['email', 'code']);
  const news = useSignal(
    pending.email && `We have sent a code to ${pending.email}. It confirms that the address is yours.`,
  );
  const resending = useSignal(false);

  async function resend() {
    const address = v.safeParse(email, getInput(form, { path: ['email'] }));
    if (!address.success) {
      setErrors(form, { path: ['email'], errors: [address.issues[0].message] });
      focus(form, { path: ['email'] });
      return;
    }
    news.value = '';
    resending.value = true;
    await attempt(async () => {
      await resendCode(address.output);
      news.value = `A new code is on its way to ${address.output}. Earlier ones count no more.`;
    });
    resending.value = false;
  }

  return (
    <Page title="Confirm your address" narrow>
      {news.value && <Notice tone="good">{news}</Notice>}
      <Form
        of={form}
        class="stack sheet"
        onSubmit={({ email, code }) =>
          attempt(async () => {
            await confirm(email, code);
            // Whoever has just registered here need not type the password again.
            const password = pending.email === email ? pending.password : undefined;
            remember(email);
            if (!password) return step(to('/sign-in'));
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
        <div class="row ends">
          <Button type="submit" kind="primary" busy={form.isSubmitting.value}>
            Confirm
          </Button>
          <Button kind="quiet" busy={resending.value} onClick={resend}>
            Send a new code
          </Button>
        </div>
      </Form>
    </Page>
  );
}
