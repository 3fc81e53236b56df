import { useState } from 'preact/hooks';
import { Button } from '../ui/button';
import { control, Field, type FormField, Frame } from '../ui/field';

export function EmailField({ field }: { field: FormField }) {
  return (
    <Field
      field={field}
      label="E-mail address"
      type="email"
      autocomplete="username"
      autocapitalize="none"
      spellcheck={false}
    />
  );
}

export function CodeField({ field }: { field: FormField }) {
  return (
    <Field
      field={field}
      class="code"
      label="Code from the e-mail"
      hint="Six digits. It may take a minute; look among the spam, too."
      autocomplete="one-time-code"
      inputMode="numeric"
    />
  );
}

interface PasswordFieldProps {
  field: FormField;
  label: string;
  hint?: string;
  autocomplete: 'current-password' | 'new-password';
}

export function PasswordField({ field, label, hint, autocomplete }: PasswordFieldProps) {
  const [shown, show] = useState(false);
  return (
    <Frame label={label} hint={hint} error={field.errors.value?.[0]}>
      {(joined) => (
        <div class="password">
          <input
            {...control(field)}
            {...joined}
            type={shown ? 'text' : 'password'}
            autocomplete={autocomplete}
            autocapitalize="none"
            spellcheck={false}
          />
          <Button aria-label={`${shown ? 'Hide' : 'Show'} the ${label.toLowerCase()}`} onClick={() => show(!shown)}>
            {shown ? 'Hide' : 'Show'}
          </Button>
        </div>
      )}
    </Frame>
  );
}
