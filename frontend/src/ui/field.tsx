import type { ComponentChildren, InputHTMLAttributes, SelectHTMLAttributes, TextareaHTMLAttributes } from 'preact';
import { useId } from 'preact/hooks';

interface Labelled {
  label: string;
  hint?: ComponentChildren;
  error?: string | null | undefined;
}

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

/** `{...field.props}` of a form fits here: name, events, ref. */
export function Field({ label, hint, error, ...rest }: Labelled & InputHTMLAttributes) {
  return (
    <Frame label={label} hint={hint} error={error}>
      {(joined) => <input type="text" {...rest} {...joined} />}
    </Frame>
  );
}

export function TextArea({ label, hint, error, ...rest }: Labelled & TextareaHTMLAttributes) {
  return (
    <Frame label={label} hint={hint} error={error}>
      {(joined) => <textarea rows={6} {...rest} {...joined} />}
    </Frame>
  );
}

export function Select({ label, hint, error, children, ...rest }: Labelled & SelectHTMLAttributes) {
  return (
    <Frame label={label} hint={hint} error={error}>
      {(joined) => (
        <select {...rest} {...joined}>
          {children}
        </select>
      )}
    </Frame>
  );
}
