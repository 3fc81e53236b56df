import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

export const shopName = 'Colophon';

/** For what had the focus and is gone: there is always a heading. */
export const focusHeading = () => document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true });

let followed = false;

/** Where one goes back to, the browser knows how far it was scrolled. */
let back = false;
addEventListener('popstate', () => {
  back = true;
});

/** A route was followed: the next heading takes the focus, so that a screen reader says where one is. */
export function arrived() {
  followed = true;
  // The router does so for a new entry of the history, and not for one that takes another's place.
  if (!back) scrollTo(0, 0);
  back = false;
  focusHeading();
}

interface PageProps {
  /** In the browser's title, and the heading where there is no other. */
  title: string;
  heading?: ComponentChildren;
  /** What belongs to the whole page, in the heading's row. */
  beside?: ComponentChildren;
  /** For text and forms: lines that are not too long. */
  narrow?: boolean;
  /** For a page with a layout of its own. */
  class?: string;
  children: ComponentChildren;
}

/** What each page has: a title and one first heading. */
export function Page({ title, heading, beside, narrow = false, class: own, children }: PageProps) {
  const h1 = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = title === shopName ? `${shopName}, an independent book shop` : `${title} – ${shopName}`;
  }, [title]);
  useEffect(() => {
    // Not at the first page: there the focus belongs to the document's beginning.
    if (followed) h1.current?.focus({ preventScroll: true });
  }, []);
  return (
    <div class={['page', narrow && 'narrow', own].filter(Boolean).join(' ')}>
      <div class="page-head">
        <h1 ref={h1} tabIndex={-1}>
          {heading ?? title}
        </h1>
        {beside}
      </div>
      {children}
    </div>
  );
}
