import { useQuery } from '@tanstack/preact-query';
import { categoriesQuery } from '../../api/books';
import { categoryName } from '../../ui/format';
import { address, type Choice } from './choice';

/** The shelves. Without them the shop still serves, so their failure is not worth a message. */
export function Categories({ choice }: { choice: Choice }) {
  const { data } = useQuery(categoriesQuery);
  const link = (category: string | undefined, name: string) => (
    <li key={name}>
      <a href={address({ ...choice, category })} aria-current={choice.category === category ? 'true' : undefined}>
        {name}
      </a>
    </li>
  );
  return (
    <nav class="shelves" aria-label="Categories">
      <ul class="shelf-list">
        {link(undefined, 'All books')}
        {data?.map(({ name }) => link(name, categoryName(name)))}
      </ul>
    </nav>
  );
}
