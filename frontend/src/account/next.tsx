import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { user } from '../session';

/**
 * Where somebody was on the way to; `to` leads to another page of this errand without losing it. Each page of the errand
 * takes the place of the one before in the browser's history, so that the way back leads to no form that is spent.
 */
export function useNext() {
  const { query, route } = useLocation();
  // As it was when the page was shown: a page is still there while the one that it leads to is being loaded.
  const [next] = useState(() => inTheShop(query.next));
  return {
    next: next ?? '/',
    to: (page: string) => (next ? `${page}?next=${encodeURIComponent(next)}` : page),
    step: (address: string) => route(address, true),
  };
}

/** Leads whoever is signed in on, also when it was another tab that signed in. */
export function useSignedInGoesOn(unless = false) {
  const { next, step } = useNext();
  const goes = user.value !== null && !unless;
  useEffect(() => {
    if (goes) step(next);
  }, [goes]);
}

/** To another page of the errand. */
export function Step({ page, children }: { page: string; children: ComponentChildren }) {
  const { to, step } = useNext();
  return (
    <a
      href={to(page)}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
        event.preventDefault();
        // The router would make a new entry.
        event.stopPropagation();
        step(to(page));
      }}
    >
      {children}
    </a>
  );
}

/** Only a page of this shop: an address from elsewhere could make a sign-in end on a page that imitates it. */
function inTheShop(address: string | undefined): string | undefined {
  if (!address || !URL.canParse(address, location.origin)) return;
  const { origin, pathname, search } = new URL(address, location.origin);
  return origin === location.origin ? pathname + search : undefined;
}
