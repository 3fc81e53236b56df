import type { FieldStore } from '@formisch/preact';
import type { ComponentChildren, InputHTMLAttributes, SelectHTMLAttributes, TextareaHTMLAttributes } from 'preact';
import { useId } from 'preact/hooks';

interface Labelled {
  label: string;
  hint?: ComponentChildren;
  error?: string | null | undefined;
}

/** A field of a form, whichever form it is of. */
export type FormField = Pick<FieldStore, 'props' | 'errors'> & { input: { readonly value: unknown } };

interface FrameProps extends Labelled {
  children: (props: { id: string; 'aria-describedby'?: string; 'aria-invalid'?: true }) => ComponentChildren;
}

/** A control with its label, its hint and what is wrong with it, joined for screen readers. */
export function Frame({ label, hint, error, children }: FrameProps) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ');
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {children({
        id,
        ...(described && { 'aria-describedby': described }),
        ...(error && { 'aria-invalid': true as const }),
      })}
      {error && (
        <p class="field-error" id={`${id}-error`}>
          {error}
        </p>
      )}
    </div>
  );
}

/** Events, reference and value for the control itself: a `ref` does not pass through a component. */
export function control(field: FormField | undefined) {
  return field && { ...field.props, value: String(field.input.value ?? '') };
}

const errorOf = (field: FormField | undefined) => field?.errors.value?.[0];

interface OfForm {
  /** Of which field of a form this is the control; it brings value and error. */
  field?: FormField;
}

export function Field({
  label,
  hint,
  field,
  error = errorOf(field),
  ...rest
}: Labelled & OfForm & InputHTMLAttributes) {
  return (
    <Frame label={label} hint={hint} error={error}>
      {(joined) => <input type="text" {...rest} {...control(field)} {...joined} />}
    </Frame>
  );
}

export function TextArea({
  label,
  hint,
  field,
  error = errorOf(field),
  ...rest
}: Labelled & OfForm & TextareaHTMLAttributes) {
  return (
    <Frame label={label} hint={hint} error={error}>
      {(joined) => <textarea rows={6} {...rest} {...control(field)} {...joined} />}
    </Frame>
  );
}

export function Select({
  label,
  hint,
  field,
  error = errorOf(field),
  children,
  ...rest
}: Labelled & OfForm & SelectHTMLAttributes) {
  return (
    <Frame label={label} hint={hint} error={error}>
      {(joined) => (
        <select {...rest} {...control(field)} {...joined}>
          {children}
        </select>
      )}
    </Frame>
  );
}
