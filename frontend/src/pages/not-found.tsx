import { Page } from '../ui/page';

export function NotFound() {
  return (
    <Page title="Not found" narrow>
      <p>There is no page at this address. It may have moved, or the book is no longer sold.</p>
      <p>
        <a href="/">See all books</a>
      </p>
    </Page>
  );
}
