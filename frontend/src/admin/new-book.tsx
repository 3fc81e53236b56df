import { Form, type FormStore, Field as Of, useForm } from '@formisch/preact';
import { useSignal } from '@preact/signals';
import { useQueryClient } from '@tanstack/preact-query';
import { useLocation } from 'preact-iso';
import { api, body } from '../api/client';
import { tell } from '../ui/announce';
import { Button } from '../ui/button';
import { Field } from '../ui/field';
import { ProblemMessage } from '../ui/message';
import { AdminPage } from './admin-page';
import { BookFields, places } from './book-fields';
import { type BookText, emptyBook, NewBook } from './book-schema';
import { placeProblem } from './place-problem';
import { refreshCatalogue } from './refresh';
import { useKey } from './use-key';
import { useUnsaved } from './use-unsaved';

export default function NewBookPage() {
  return (
    <AdminPage title="Add a book">
      <NewBookForm />
    </AdminPage>
  );
}

function NewBookForm() {
  const { route } = useLocation();
  const queries = useQueryClient();
  const form = useForm({ schema: NewBook, initialInput: emptyBook });
  const problem = useSignal<unknown>(null);
  const key = useKey();
  useUnsaved(form.isDirty);

  return (
    <Form
      of={form}
      class="stack narrow-form"
      onSubmit={async (book) => {
        problem.value = null;
        try {
          const header = { 'Idempotency-Key': key.of(book) };
          const { id } = await body(api.POST('/books', { params: { header }, body: book }));
          refreshCatalogue(queries);
          // In place of the form, which is spent.
          route(`/admin/books/${id}`, true);
          tell('The book is in the catalogue. Add a cover now, if you have one.');
        } catch (error) {
          if (!placeProblem(form, error, places)) problem.value = error;
        }
      }}
    >
      {problem.value !== null && <ProblemMessage error={problem.value} title="The book is not added" />}
      {/* It has these fields and one more, which the types of the form's methods do not let pass. */}
      <BookFields form={form as unknown as FormStore<typeof BookText>} />
      <Of of={form} path={['stock']}>
        {(field) => <Field field={field} label="Copies in stock" inputMode="numeric" autocomplete="off" />}
      </Of>
      <p class="soft">A cover follows in the next step.</p>
      <div class="row">
        <Button type="submit" kind="primary" busy={form.isSubmitting.value}>
          Add the book
        </Button>
        <a href="/admin/books">Back to the books</a>
      </div>
    </Form>
  );
}
