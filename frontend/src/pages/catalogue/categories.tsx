import { useQuery } from '@tanstack/preact-query';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { categoriesQuery } from '../../api/books';
import { categoryName } from '../../ui/format';
import { address, type Choice } from './choice';

/** The shelves. Without them the shop still serves, so their failure is not worth a message. */
export function Categories({ choice }: { choice: Choice }) {
  const { data } = useQuery(categoriesQuery);
  const list = useRef<HTMLUListElement>(null);
  // The chosen one comes into view within the strip; `scrollIntoView` could move the page, too.
  useLayoutEffect(() => {
    const strip = list.current;
    const link = strip?.querySelector<HTMLElement>('[aria-current]');
    if (!strip || !link) return;
    strip.scrollLeft = link.offsetLeft - (strip.clientWidth - link.offsetWidth) / 2;
    strip.scrollTop = link.offsetTop - (strip.clientHeight - link.offsetHeight) / 2;
  }, [data, choice.category]);
  const link = (category: string | undefined, name: string) => (
    <li key={name}>
      <a href={address({ ...choice, category })} aria-current={choice.category === category ? 'true' : undefined}>
        {name}
      </a>
    </li>
  );
  return (
    <nav class="shelves" aria-label="Categories">
      <ul class="shelf-list" ref={list}>
        {link(undefined, 'All books')}
        {data?.map(({ name }) => link(name, categoryName(name)))}
      </ul>
    </nav>
  );
}
