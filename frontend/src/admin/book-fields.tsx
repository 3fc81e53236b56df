import { type FormStore, Field as Of } from '@formisch/preact';
import { useQuery } from '@tanstack/preact-query';
import { useId } from 'preact/hooks';
import { categoriesQuery } from '../api/books';
import { Field, Select, TextArea } from '../ui/field';
import { categoryName } from '../ui/format';
import { type BookText, currencies } from './book-schema';

/** The fields that a new book and one that is changed have in common, by the API's pointers. */
export const places = {
  '/title': ['title'],
  '/author': ['author'],
  '/category': ['category'],
  '/price': ['price', 'amount'],
  '/price/amount': ['price', 'amount'],
  '/price/currency': ['price', 'currency'],
  '/description': ['description'],
  '/stock': ['stock'],
} as const;

export function BookFields({ form }: { form: FormStore<typeof BookText> }) {
  const list = useId();
  // Suggestions only: without them, a category is typed.
  const categories = useQuery(categoriesQuery);
  return (
    <>
      <Of of={form} path={['title']}>
        {(field) => <Field field={field} label="Title" />}
      </Of>
      <Of of={form} path={['author']}>
        {(field) => <Field field={field} label="Author" />}
      </Of>
      <Of of={form} path={['category']}>
        {(field) => (
          <Field field={field} label="Category" hint="One of the shop’s, or the name of a new one." list={list} />
        )}
      </Of>
      <datalist id={list}>
        {categories.data?.map(({ name }) => (
          <option key={name} value={categoryName(name)} />
        ))}
      </datalist>
      <div class="price">
        <Of of={form} path={['price', 'amount']}>
          {(field) => <Field field={field} label="Price" inputMode="decimal" autocomplete="off" />}
        </Of>
        <Of of={form} path={['price', 'currency']}>
          {(field) => (
            <Select field={field} label="Currency">
              {currencies.map((currency) => (
                <option key={currency}>{currency}</option>
              ))}
            </Select>
          )}
        </Of>
      </div>
      <Of of={form} path={['description']}>
        {(field) => <TextArea field={field} label="Description (optional)" rows={8} />}
      </Of>
    </>
  );
}
