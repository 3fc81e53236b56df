import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Button } from './button';

interface ConfirmProps {
  /** The button that is there at first. */
  label: string;
  question: ComponentChildren;
  yes: string;
  no?: string;
  busy: boolean;
  onConfirm: () => void;
}

/** A step that cannot be taken back asks once more, in its own place. */
export function Confirm({ label, question, yes, no = 'No, keep it', busy, onConfirm }: ConfirmProps) {
  const [asked, setAsked] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  const shown = useRef(false);
  useLayoutEffect(() => {
    // The button that had the focus is gone.
    if (shown.current) place.current?.querySelector('button')?.focus();
    shown.current = true;
  }, [asked]);
  return (
    <div class="row" ref={place}>
      {asked ? (
        <>
          <p>{question}</p>
          <Button onClick={() => setAsked(false)}>{no}</Button>
          <Button
            kind="danger"
            busy={busy}
            onClick={() => {
              setAsked(false);
              onConfirm();
            }}
          >
            {yes}
          </Button>
        </>
      ) : (
        <Button kind="danger" busy={busy} onClick={() => setAsked(true)}>
          {label}
        </Button>
      )}
    </div>
  );
}
