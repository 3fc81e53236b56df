import { useEffect } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { announce } from '../../ui/announce';
import { Select } from '../../ui/field';
import { categoryName, counted } from '../../ui/format';
import { Empty, ProblemMessage } from '../../ui/message';
import { More } from '../../ui/more';
import { Page, shopName } from '../../ui/page';
import { BookCard, BookCardSkeleton } from './book-card';
import { useBooks } from './books';
import { Categories } from './categories';
import { address, type Choice, choiceOf, type Sort, sorts } from './choice';

export default function Catalogue() {
  const { query, route } = useLocation();
  const choice = choiceOf(query);
  const books = useBooks(choice);
  return (
    <Page
      title={choice.q || choice.category ? headingOf(choice) : shopName}
      heading={headingOf(choice)}
      beside={
        choice.q ? (
          <Found books={books} />
        ) : (
          <Select
            label="Sort"
            value={choice.sort ?? 'newest'}
            onChange={(event) => route(address({ ...choice, sort: event.currentTarget.value as Sort }))}
          >
            {Object.entries(sorts).map(([sort, name]) => (
              <option key={sort} value={sort}>
                {name}
              </option>
            ))}
          </Select>
        )
      }
    >
      <Categories choice={choice} />
      <Books choice={choice} books={books} />
    </Page>
  );
}

/** The API counts nothing, and what it finds has no order to choose: so this is known at the end. */
function Found({ books }: Pick<BooksProps, 'books'>) {
  if (books.isPlaceholderData || !books.data || books.hasNextPage) return null;
  const count = books.data.pages.reduce((sum, page) => sum + page.items.length, 0);
  return count > 0 && <p class="soft">{counted(count, 'book')} found</p>;
}

function headingOf({ q, category }: Choice): string {
  const shelf = category && categoryName(category);
  if (q) return shelf ? `“${q}” in ${shelf}` : `“${q}”`;
  return shelf ?? 'Books worth staying up for';
}

/** A shelf is there as long as a book is on it. */
function nothing({ q, category }: Choice): string {
  if (q) return 'No book was found';
  return category ? 'There is no such shelf' : 'There are no books here yet';
}

interface BooksProps {
  choice: Choice;
  books: ReturnType<typeof useBooks>;
}

function Books({ choice, books }: BooksProps) {
  const items = books.data?.pages.flatMap((page) => page.items);
  const shown = books.isPlaceholderData ? undefined : items?.length;
  const more = books.hasNextPage;
  useEffect(() => {
    if (shown !== undefined) announce(`${counted(shown, 'book')} shown${more ? ', and there are more' : ''}`);
  }, [shown, more]);

  if (!items) {
    if (books.error)
      return <ProblemMessage error={books.error} title="The books could not be loaded" retry={books.refetch} />;
    return (
      <ul class="book-grid" aria-busy="true" aria-label="Loading books">
        {Array.from({ length: 12 }, (_, place) => (
          <BookCardSkeleton key={place} />
        ))}
      </ul>
    );
  }
  if (items.length === 0 && !books.isPlaceholderData && !more) {
    return (
      <Empty title={nothing(choice)}>
        {choice.q && <p>Words are found by their beginnings, in titles and authors’ names.</p>}
        {choice.q && choice.category && <a href={address({ q: choice.q })}>Search all books for “{choice.q}”</a>}
        <a href="/">See all books</a>
      </Empty>
    );
  }
  return (
    <>
      {books.isRefetchError && !books.isFetchNextPageError && (
        <ProblemMessage error={books.error} title="These books may be out of date" retry={books.refetch} />
      )}
      <ul class={books.isPlaceholderData ? 'book-grid passing' : 'book-grid'} aria-busy={books.isPlaceholderData}>
        {items.map((book, place) => (
          <BookCard key={book.id} book={book} first={place < 4} />
        ))}
      </ul>
      {!books.isPlaceholderData && <More of="books" list={books} />}
    </>
  );
}
