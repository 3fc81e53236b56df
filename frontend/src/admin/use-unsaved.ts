import type { ReadonlySignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

const question = 'Your changes are not saved. Leave the page without them?';

/** Whoever follows a link, closes the page or loads another one is asked first, while a form holds what is not saved. */
export function useUnsaved(dirty: ReadonlySignal<boolean>) {
  useEffect(() => {
    const leave = (event: BeforeUnloadEvent) => {
      if (dirty.peek()) event.preventDefault();
    };
    const follow = (event: MouseEvent) => {
      if (!dirty.peek() || event.ctrlKey || event.metaKey || event.shiftKey) return;
      const link = (event.target as Element).closest('a[href]');
      if (!link || link.getAttribute('href')?.startsWith('#') || confirm(question)) return;
      event.preventDefault();
      event.stopPropagation();
    };
    addEventListener('beforeunload', leave);
    // Before the router hears of it.
    addEventListener('click', follow, true);
    return () => {
      removeEventListener('beforeunload', leave);
      removeEventListener('click', follow, true);
    };
  }, [dirty]);
}
