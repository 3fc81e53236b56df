/** What administrators write of a book, as a form holds it and as the API takes it. */
import * as v from 'valibot';
import type { Schema } from '../api/client';
import { categoryName } from '../ui/format';

export const currencies = ['EUR', 'GBP', 'USD'] as const;

/** The contract counts code points. */
const text = (missing: string, most: number) =>
  v.pipe(
    v.string(),
    v.trim(),
    v.nonEmpty(missing),
    v.check((value) => [...value].length <= most, `At most ${most.toLocaleString('en-GB')} characters.`),
  );

/** `Science fiction` becomes `science-fiction`, which is how the catalogue calls its shelves. */
export function categoryOf(name: string): string {
  const plain = name.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  return plain.replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '');
}

const amount = v.pipe(
  v.string(),
  v.trim(),
  v.nonEmpty('Enter a price.'),
  v.regex(/^\d{1,5}([.,]\d{1,2})?$/, 'Enter a price like 12.50.'),
  // Not by arithmetic with fractions: 19.99 * 100 is not 1999.
  v.transform((typed) => {
    const [whole = '', hundredths = ''] = typed.split(/[.,]/);
    return Number(whole + hundredths.padEnd(2, '0'));
  }),
  v.maxValue(1_000_000, 'At most 10,000.00.'),
);

export const BookText = v.object({
  title: text('Enter the title.', 200),
  author: text('Enter the author.', 200),
  category: v.pipe(
    v.string(),
    v.transform(categoryOf),
    v.nonEmpty('Enter a category, like science fiction.'),
    v.maxLength(40, 'At most 40 characters.'),
  ),
  price: v.object({ amount, currency: v.picklist(currencies) }),
  description: v.pipe(
    v.string(),
    v.trim(),
    v.check((value) => [...value].length <= 4000, 'At most 4,000 characters.'),
    v.transform((value) => value || null),
  ),
});

const copies = (least: number, most: number) => {
  const message = `Enter a whole number from ${least} to ${most.toLocaleString('en-GB')}.`;
  return v.pipe(
    v.string(),
    v.trim(),
    v.regex(/^\d{1,7}$/, message),
    v.transform(Number),
    v.minValue(least, message),
    v.maxValue(most, message),
  );
};

export const NewBook = v.object({ ...BookText.entries, stock: copies(0, 1_000_000) });
export const StockChange = v.object({ copies: copies(1, 10_000) });

export type BookInput = v.InferInput<typeof BookText>;

export const emptyBook: v.InferInput<typeof NewBook> = {
  title: '',
  author: '',
  category: '',
  price: { amount: '', currency: 'EUR' },
  description: '',
  stock: '1',
};

/** A book of the catalogue as the form shows it. */
export function inputOf(book: Schema['Book']): BookInput {
  const { title, author, category, price, description = '' } = book;
  return {
    title,
    author,
    category: categoryName(category),
    price: { ...price, amount: (price.amount / 100).toFixed(2) },
    description,
  };
}
