import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { Button } from '../ui/button';
import { ProblemMessage } from '../ui/message';

interface ConfirmDialogProps {
  title: string;
  /** What follows from it. */
  children: ComponentChildren;
  /** What the buttons do: answers like yes and no need the question to be understood. */
  confirm: string;
  keep: string;
  busy: boolean;
  error: unknown;
  onConfirm: () => void;
  onClose: () => void;
}

/** Asks before what cannot be undone. The browser's own dialog keeps the focus inside, and gives it back. */
export function ConfirmDialog({ title, children, confirm, keep, busy, error, onConfirm, onClose }: ConfirmDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => dialog.current?.showModal(), []);

  return (
    <dialog ref={dialog} class="sheet" aria-labelledby={id} onClose={onClose}>
      <div class="stack">
        <h2 id={id}>{title}</h2>
        <p>{children}</p>
        {error !== null && <ProblemMessage error={error} />}
        <div class="row">
          {/* The harmless one is first, so it has the focus. */}
          <Button onClick={() => dialog.current?.close()}>{keep}</Button>
          <Button kind="danger" busy={busy} onClick={onConfirm}>
            {confirm}
          </Button>
        </div>
      </div>
    </dialog>
  );
}
