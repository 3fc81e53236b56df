import { useEffect, useRef } from 'preact/hooks';
import type { Schema } from '../api/client';
import { Button } from '../ui/button';
import { categoryName, money } from '../ui/format';

type Book = Schema['Book'];

const parts: [name: string, show: (book: Book) => string][] = [
  ['Title', (book) => book.title],
  ['Author', (book) => book.author],
  ['Category', (book) => categoryName(book.category)],
  ['Price', (book) => money(book.price)],
  ['Description', (book) => book.description ?? 'None'],
];

interface ConflictProps {
  before: Book;
  theirs: Book;
  takeTheirs: () => void;
}

/** Somebody else has saved the book meanwhile: what they changed, and the choice between theirs and what is typed. */
export function Conflict({ before, theirs, takeTheirs }: ConflictProps) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => place.current?.focus(), []);
  return (
    <div class="message warn" role="alert" tabIndex={-1} ref={place}>
      <p class="message-title">Somebody else has changed this book meanwhile</p>
      <p>Nothing is saved yet, and what you typed is still below. They have changed:</p>
      <dl class="facts">
        {parts
          .filter(([, show]) => show(before) !== show(theirs))
          .map(([name, show]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{show(theirs)}</dd>
            </div>
          ))}
      </dl>
      <p>Put into your text what you want to keep of it and save again, or start from theirs.</p>
      <Button onClick={takeTheirs}>Discard mine and take theirs</Button>
    </div>
  );
}
