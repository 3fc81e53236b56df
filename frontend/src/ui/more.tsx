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

/** Leads to the next page of a list, below what is already there. */
export function More({ of, list }: MoreProps) {
  if (list.isFetchNextPageError) {
    return <ProblemMessage error={list.error} title="No more could be loaded" retry={() => list.fetchNextPage()} />;
  }
  if (!list.hasNextPage) return null;
  return (
    <div class="more">
      <Button busy={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>
        {list.isFetchingNextPage ? 'Loading…' : `Show more ${of}`}
      </Button>
    </div>
  );
}
