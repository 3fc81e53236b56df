import type { paths } from '../../api/schema';

type Query = NonNullable<paths['/books']['get']['parameters']['query']>;
export type Sort = NonNullable<Query['sort']>;

export const sorts: Record<Sort, string> = {
  newest: 'Newest first',
  title: 'By title',
  price: 'Price, lowest first',
  'price-desc': 'Price, highest first',
};

/** What of the catalogue is shown. It is in the address, so that it can be kept, sent and gone back to. */
export interface Choice {
  q?: string | undefined;
  category?: string | undefined;
  sort?: Sort | undefined;
}

/** The address `query` as a choice that the API takes: found books have no order to choose. */
export function choiceOf(query: Record<string, string>): Choice {
  const q = query.q?.trim().slice(0, 100).split(/\s+/).slice(0, 5).join(' ');
  const category = query.category || undefined;
  if (q) return { q, category };
  const sort = query.sort && query.sort in sorts ? (query.sort as Sort) : undefined;
  return { category, sort };
}

export function address(choice: Choice): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(choice)) if (value) query.set(name, value);
  const text = query.toString();
  return text ? `/?${text}` : '/';
}
