import { useMutation, useQueryClient } from '@tanstack/preact-query';
import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { api, type Schema } from '../api/client';
import { tell } from '../ui/announce';
import { Button } from '../ui/button';
import { useOnce } from '../ui/once';
import { ConfirmDialog } from './confirm-dialog';
import { refreshCatalogue } from './refresh';

export function DeleteBook({ book }: { book: Schema['Book'] }) {
  const [asked, ask] = useState(false);
  const { route } = useLocation();
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () => api.DELETE('/books/{id}', { params: { path: { id: book.id } } }),
    onSuccess: () => {
      route('/admin/books', true);
      tell(`“${book.title}” is deleted.`);
      queries.removeQueries({ queryKey: ['book', book.id] });
      refreshCatalogue(queries);
    },
  });
  const confirm = useOnce(() => remove.mutateAsync().catch(() => undefined));

  return (
    <section class="sheet stack" aria-labelledby="delete">
      <h2 id="delete">Delete</h2>
      <p>Takes the book out of the catalogue for good.</p>
      <div>
        <Button kind="danger" onClick={() => ask(true)}>
          Delete the book
        </Button>
      </div>
      {asked && (
        <ConfirmDialog
          title={`Delete “${book.title}”?`}
          confirm="Delete it"
          keep="Keep it"
          busy={remove.isPending}
          error={remove.error}
          onConfirm={confirm}
          onClose={() => {
            ask(false);
            remove.reset();
          }}
        >
          Its cover and its reviews go with it. Orders keep its title and price. This cannot be undone.
        </ConfirmDialog>
      )}
    </section>
  );
}
