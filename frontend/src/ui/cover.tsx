import { useState } from 'preact/hooks';
import type { Schema } from '../api/client';

interface CoverProps {
  book: Pick<Schema['BookSummary'], 'title' | 'author' | 'category' | 'cover'>;
  /** The widths that it has on the page, as in an image's `sizes`. */
  sizes: string;
  /** Near the top of the page: loaded at once. */
  first?: boolean;
  /** Alone on its page, it says what it is; beside the book's title it would say that twice. */
  named?: boolean;
}

/** A book's cover in a box of fixed shape; the title on a plain binding where there is none, or none that loads. */
export function Cover({ book, sizes, first = false, named = false }: CoverProps) {
  const [broken, setBroken] = useState<string>();
  const { cover } = book;
  if (!cover || broken === cover.small) {
    return (
      <div class={`cover binding binding-${tint(book.category)}`} aria-hidden="true">
        <span class="binding-title">{book.title}</span>
        <span class="binding-author">{book.author}</span>
      </div>
    );
  }
  return (
    <div class="cover">
      <img
        src={cover.small}
        srcset={`${cover.small} 240w, ${cover.large} 640w`}
        sizes={sizes}
        alt={named ? `Cover of ${book.title}` : ''}
        width={240}
        height={360}
        loading={first ? 'eager' : 'lazy'}
        fetchpriority={first ? 'high' : 'auto'}
        decoding="async"
        onError={() => setBroken(cover.small)}
      />
    </div>
  );
}

/** Books of one shelf are bound in one cloth. */
function tint(category: string): number {
  let sum = 0;
  for (const letter of category) sum += letter.charCodeAt(0);
  return sum % 5;
}
