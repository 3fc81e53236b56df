import { Form, reset, useForm } from '@formisch/preact';
import { useSignal } from '@preact/signals';
import { useQueryClient } from '@tanstack/preact-query';
import { api, type Schema, tagged } from '../api/client';
import { Problem } from '../api/problem';
import { tell } from '../ui/announce';
import { Button } from '../ui/button';
import { ProblemMessage } from '../ui/message';
import { type Edition, readEdition } from './book';
import { BookFields, places } from './book-fields';
import { BookText, inputOf } from './book-schema';
import { Conflict } from './conflict';
import { placeProblem } from './place-problem';
import { refreshCatalogue } from './refresh';
import { useUnsaved } from './use-unsaved';

const textOf = (book: Schema['Book']) => JSON.stringify(inputOf(book));

/** Changes what editors write of a book. It starts from one edition, and notices when there is a newer one. */
export function EditBook({ edition }: { edition: Edition }) {
  const { id } = edition.data;
  const queries = useQueryClient();
  const form = useForm({ schema: BookText, initialInput: inputOf(edition.data) });
  // What was edited, which the page's own copy of the book may be ahead of.
  const base = useSignal(edition);
  const theirs = useSignal<Edition | null>(null);
  const problem = useSignal<unknown>(null);
  useUnsaved(form.isDirty);

  async function save(text: Schema['BookText'], etag: string): Promise<void> {
    problem.value = null;
    try {
      const params = { path: { id }, header: { 'If-Match': etag } };
      start(await tagged(api.PUT('/books/{id}', { params, body: text })));
      tell('The changes are saved.');
      refreshCatalogue(queries, id);
    } catch (error) {
      if (error instanceof Problem && error.status === 412) return outdated(text);
      if (!placeProblem(form, error, places)) problem.value = error;
    }
  }

  async function outdated(text: Schema['BookText']): Promise<void> {
    try {
      const now = await readEdition(id);
      // A new cover makes a new edition, too; it is in nobody's way here.
      if (textOf(now.data) === textOf(base.value.data)) {
        base.value = now;
        return save(text, now.etag);
      }
      theirs.value = now;
    } catch (error) {
      problem.value = error;
    }
  }

  function start(from: Edition) {
    base.value = from;
    theirs.value = null;
    reset(form, { initialInput: inputOf(from.data) });
  }

  return (
    <Form
      of={form}
      class="stack"
      onSubmit={(text) => {
        // Whoever saves while the conflict is shown has seen theirs, and means to replace it.
        const seen = theirs.value ?? base.value;
        theirs.value = null;
        return save(text, seen.etag);
      }}
    >
      {problem.value !== null && <ProblemMessage error={problem.value} title="The changes are not saved" />}
      {theirs.value && (
        <Conflict
          before={base.value.data}
          theirs={theirs.value.data}
          takeTheirs={() => theirs.value && start(theirs.value)}
        />
      )}
      <BookFields form={form} />
      <div class="row">
        <Button type="submit" kind="primary" busy={form.isSubmitting.value}>
          {theirs.value ? 'Save mine instead' : 'Save the changes'}
        </Button>
      </div>
    </Form>
  );
}
