import { type FormStore, focus, setErrors } from '@formisch/preact';
import { useSignal } from '@preact/signals';
import { type Field, type Mistake, mistakeOf } from '../session/mistakes';
import { Failure } from '../ui/message';
import { Step } from './next';

/** Tries something with an account. What Cognito refuses goes to its field, which takes the focus, or is told above. */
export function useAttempt(form: unknown, fields: readonly Field[]) {
  const mistake = useSignal<Mistake | null>(null);

  function tell(field: Field, errors: [string] | null) {
    setErrors(form as FormStore, { path: [field], errors } as never);
  }

  async function attempt(work: () => Promise<void>) {
    mistake.value = null;
    for (const field of fields) tell(field, null);
    try {
      await work();
    } catch (error) {
      const { field, ...found } = mistakeOf(error);
      if (!field || !fields.includes(field)) {
        mistake.value = found;
        return;
      }
      tell(field, [found.message]);
      focus(form as FormStore, { path: [field] } as never);
    }
  }

  return { attempt, mistake };
}

export function MistakeMessage({ mistake }: { mistake: Mistake | null }) {
  if (!mistake) return null;
  const { message, remedy } = mistake;
  return <Failure title={message}>{remedy && <Step page={remedy.page}>{remedy.label}</Step>}</Failure>;
}
