import { useLayoutEffect, useRef } from 'preact/hooks';
import { Button } from './button';
import { ProblemMessage } from './message';

interface MoreProps {
  /** What there is more of. */
  of: string;
  list: {
    hasNextPage: boolean;
    isFetchingNextPage: boolean;
    isFetchNextPageError: boolean;
    error: unknown;
    fetchNextPage: () => unknown;
  };
}

/** Leads to the next page of a list, which it stands below. The first that comes has the focus: the button may go. */
export function More({ of, list }: MoreProps) {
  const place = useRef<HTMLDivElement>(null);
  const asked = useRef<{ items: HTMLCollection; before: number }>();
  useLayoutEffect(() => {
    if (!asked.current) return;
    const { items, before } = asked.current;
    if (items.length === before && list.hasNextPage) return;
    asked.current = undefined;
    const first = items[before] ?? items[before - 1];
    const target = first?.querySelector('a') ?? (first as HTMLElement | undefined);
    if (target === first && target) target.tabIndex = -1;
    target?.focus({ preventScroll: true });
  });

  function fetchNextPage() {
    const items = place.current?.previousElementSibling?.children;
    if (items) asked.current = { items, before: items.length };
    list.fetchNextPage();
  }

  if (!list.hasNextPage && !list.isFetchNextPageError) return null;
  return (
    <div class="more" ref={place}>
      {list.isFetchNextPageError ? (
        <ProblemMessage error={list.error} title="No more could be loaded" retry={fetchNextPage} />
      ) : (
        <Button busy={list.isFetchingNextPage} onClick={fetchNextPage}>
          {list.isFetchingNextPage ? 'Loading…' : `Show more ${of}`}
        </Button>
      )}
    </div>
  );
}
