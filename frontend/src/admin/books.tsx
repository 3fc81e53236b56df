import { useEffect, useRef, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import type { Schema } from '../api/client';
import { useBooks } from '../pages/catalogue/books';
import { choiceOf } from '../pages/catalogue/choice';
import { announce } from '../ui/announce';
import { Cover } from '../ui/cover';
import { Field } from '../ui/field';
import { categoryName, counted, money } from '../ui/format';
import { Empty, ProblemMessage } from '../ui/message';
import { More } from '../ui/more';
import { SkeletonText } from '../ui/skeleton';
import { AdminPage } from './admin-page';

export default function BooksPage() {
  const { query } = useLocation();
  const { q } = choiceOf(query);
  return (
    <AdminPage title="Books">
      <div class="books-bar">
        <Search asked={q ?? ''} />
        <a href="/admin/books/new" class="button primary">
          Add a book
        </a>
      </div>
      <Books q={q} />
    </AdminPage>
  );
}

/** Finds as one types; the address keeps it, so that one comes back to the same list. */
function Search({ asked }: { asked: string }) {
  const { route } = useLocation();
  const [text, setText] = useState(asked);
  const timer = useRef<ReturnType<typeof setTimeout>>();
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <search>
      <Field
        label="Find a book"
        hint="By words of its title or author."
        type="search"
        autocomplete="off"
        maxLength={100}
        value={text}
        onInput={({ currentTarget: { value } }) => {
          setText(value);
          clearTimeout(timer.current);
          const query = value.trim() && `?q=${encodeURIComponent(value.trim())}`;
          timer.current = setTimeout(() => route(`/admin/books${query}`, true), 250);
        }}
      />
    </search>
  );
}

function Books({ q }: { q: string | undefined }) {
  const books = useBooks(q ? { q } : {});
  const items = books.data?.pages.flatMap((page) => page.items);
  const shown = books.isPlaceholderData ? undefined : items?.length;
  useEffect(() => {
    if (shown !== undefined) announce(`${counted(shown, 'book')} shown`);
  }, [shown]);

  if (!items) {
    if (books.error) {
      return <ProblemMessage error={books.error} title="The books could not be loaded" retry={books.refetch} />;
    }
    return <SkeletonText lines={8} />;
  }
  if (items.length === 0 && !books.hasNextPage) {
    return q ? (
      <Empty title="No book was found">
        <p>Words are found by their beginnings.</p>
      </Empty>
    ) : (
      <Empty title="There are no books yet">
        <p>Add the first.</p>
      </Empty>
    );
  }
  return (
    <>
      {books.isRefetchError && !books.isFetchNextPageError && (
        <ProblemMessage error={books.error} title="These books may be out of date" retry={books.refetch} />
      )}
      <ul class="records" aria-busy={books.isPlaceholderData}>
        {items.map((book) => (
          <BookRow key={book.id} book={book} />
        ))}
      </ul>
      {!books.isPlaceholderData && <More of="books" list={books} />}
    </>
  );
}

function BookRow({ book }: { book: Schema['BookSummary'] }) {
  return (
    <li class="record">
      <div class="record-cover">
        <Cover book={book} sizes="3rem" />
      </div>
      <div class="record-text">
        <a href={`/admin/books/${book.id}`} class="record-title">
          {book.title}
        </a>
        <span class="soft">
          {book.author}, {categoryName(book.category)}
        </span>
      </div>
      <span class="number">{money(book.price)}</span>
    </li>
  );
}
