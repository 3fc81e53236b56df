import { Form, focus, Field as Of, reset, setErrors, useForm } from '@formisch/preact';
import { useSignal } from '@preact/signals';
import { useQueryClient } from '@tanstack/preact-query';
import { api, body, type Schema } from '../api/client';
import { Problem } from '../api/problem';
import { tell } from '../ui/announce';
import { Button } from '../ui/button';
import { Field } from '../ui/field';
import { counted } from '../ui/format';
import { ProblemMessage } from '../ui/message';
import type { Edition } from './book';
import { StockChange } from './book-schema';
import { placeProblem } from './place-problem';
import { refreshCatalogue } from './refresh';
import { useKey } from './use-key';

/** Adds copies or takes some away. Customers buy meanwhile, so nobody can set what there is. */
export function Stock({ book: { id, stock } }: { book: Pick<Schema['Book'], 'id' | 'stock'> }) {
  const queries = useQueryClient();
  const form = useForm({ schema: StockChange, initialInput: { copies: '' } });
  const key = useKey();
  const problem = useSignal<unknown>(null);

  async function change(difference: number) {
    problem.value = null;
    try {
      const params = { path: { id }, header: { 'Idempotency-Key': key.of(difference) } };
      const now = await body(api.POST('/books/{id}/stock', { params, body: { change: difference } }));
      key.done();
      reset(form);
      tell(`There are ${counted(now.stock, 'copy', 'copies')} now.`);
      queries.setQueryData<Edition>(
        ['own', 'admin-book', id],
        (old) => old && { ...old, data: { ...old.data, ...now } },
      );
      refreshCatalogue(queries, id);
    } catch (error) {
      if (error instanceof Problem && error.status === 409) {
        const errors =
          difference < 0 ? 'There are not that many copies.' : 'There would be more than a million copies.';
        setErrors(form, { path: ['copies'], errors: [errors] });
        focus(form, { path: ['copies'] });
      } else if (!placeProblem(form, error, { '/change': ['copies'] })) {
        problem.value = error;
      }
    }
  }

  return (
    <section class="sheet stack" aria-labelledby="stock">
      <h2 id="stock">Stock</h2>
      <p>
        <strong>{counted(stock, 'copy', 'copies')}</strong>
      </p>
      <Form
        of={form}
        class="stack"
        onSubmit={({ copies }, event) => change(event.submitter?.getAttribute('value') === 'away' ? -copies : copies)}
      >
        {problem.value !== null && <ProblemMessage error={problem.value} title="The stock is not changed" />}
        <Of of={form} path={['copies']}>
          {(field) => <Field field={field} label="Copies" inputMode="numeric" autocomplete="off" />}
        </Of>
        <div class="row">
          <Button type="submit" busy={form.isSubmitting.value}>
            Add to the stock
          </Button>
          <Button type="submit" value="away" busy={form.isSubmitting.value}>
            Take away
          </Button>
        </div>
      </Form>
    </section>
  );
}
