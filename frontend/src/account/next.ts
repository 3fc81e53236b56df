import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';

/** Where somebody was on the way to; `to` leads to another page of this errand without losing it. */
export function useNext() {
  const { query } = useLocation();
  // As it was when the page was shown: a page is still there while the one that it leads to is being loaded.
  const [next] = useState(() => inTheShop(query.next));
  return {
    next: next ?? '/',
    to: (page: string) => (next ? `${page}?next=${encodeURIComponent(next)}` : page),
  };
}

/** Only a page of this shop: an address from elsewhere could make a sign-in end on a page that imitates it. */
function inTheShop(address: string | undefined): string | undefined {
  if (!address || !URL.canParse(address, location.origin)) return;
  const { origin, pathname, search } = new URL(address, location.origin);
  return origin === location.origin ? pathname + search : undefined;
}
