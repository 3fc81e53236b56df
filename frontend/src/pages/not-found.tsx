import type { ComponentChildren } from 'preact';
import { Page } from '../ui/page';

interface NotFoundProps {
  /** What it is that is not there. */
  children?: ComponentChildren;
  back?: ComponentChildren;
}

export function NotFound({
  children = 'There is no page at this address. It may have moved.',
  back = <a href="/">See all books</a>,
}: NotFoundProps) {
  return (
    <Page title="Not found" narrow>
      <p>{children}</p>
      <p>{back}</p>
    </Page>
  );
}
