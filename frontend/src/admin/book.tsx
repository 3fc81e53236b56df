import { useQuery } from '@tanstack/preact-query';
import { useRoute } from 'preact-iso';
import { api, type Schema, tagged } from '../api/client';
import { Problem } from '../api/problem';
import { Empty, ProblemMessage } from '../ui/message';
import { SkeletonText } from '../ui/skeleton';
import { AdminPage } from './admin-page';
import { CoverEditor } from './cover';
import { DeleteBook } from './delete-book';
import { EditBook } from './edit-book';
import { Stock } from './stock';

/** A book and the ETag that an edit of it needs. */
export interface Edition {
  data: Schema['Book'];
  etag: string;
}

export const readEdition = (id: string, signal?: AbortSignal): Promise<Edition> =>
  tagged(api.GET('/books/{id}', { params: { path: { id } }, ...(signal && { signal }) }));

export default function BookPage() {
  const { id = '' } = useRoute().params;
  const book = useQuery({
    queryKey: ['own', 'admin-book', id],
    queryFn: ({ signal }) => readEdition(id, signal),
  });
  return (
    <AdminPage title={book.data?.data.title ?? 'Book'}>
      {book.data ? (
        <>
          <p>
            <a href={`/books/${id}`}>See it in the shop</a>
          </p>
          <div class="editor" key={id}>
            <EditBook edition={book.data} />
            <div class="stack">
              <CoverEditor book={book.data.data} />
              <Stock book={book.data.data} />
              <DeleteBook book={book.data.data} />
            </div>
          </div>
        </>
      ) : (
        <NoBook error={book.error} retry={book.refetch} />
      )}
    </AdminPage>
  );
}

function NoBook({ error, retry }: { error: unknown; retry: () => void }) {
  if (!error) return <SkeletonText lines={8} />;
  if (error instanceof Problem && error.status === 404) {
    return (
      <Empty title="This book is not in the catalogue">
        <p>It may have been deleted. Orders keep its title and price.</p>
        <a href="/admin/books">All books</a>
      </Empty>
    );
  }
  return <ProblemMessage error={error} title="The book could not be loaded" retry={retry} />;
}
