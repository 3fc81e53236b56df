import { signal } from '@preact/signals';

const said = signal('');

/** Says something to those who do not see it happen. */
export function announce(text: string) {
  // The same text again is news only after it was gone.
  said.value = '';
  setTimeout(() => {
    said.value = text;
  }, 50);
}

export function Announcer() {
  return (
    <div class="visually-hidden" role="status" aria-live="polite">
      {said.value}
    </div>
  );
}
