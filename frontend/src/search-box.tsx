import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { address } from './pages/catalogue/choice';

/** Long enough that one who types asks once a word, short enough that it feels at once. */
const pause = 250;

/** Searches as one types in the catalogue, and leads there from any other page by Enter. */
export function SearchBox() {
  const { path, query, route } = useLocation();
  const here = path === '/';
  const asked = here ? (query.q ?? '') : '';
  const [text, setText] = useState(asked);
  const [seen, setSeen] = useState(asked);
  const timer = useRef<ReturnType<typeof setTimeout>>();
  const id = useId();

  // Back, or a link, has changed what is searched for. What was typed since is newer than our own change.
  if (asked !== seen) {
    setSeen(asked);
    if (asked !== text.trim()) setText(asked);
  }
  useEffect(() => () => clearTimeout(timer.current), [path]);

  function search(q: string) {
    clearTimeout(timer.current);
    if (here) {
      // One entry of the history for one search, however many letters it took.
      if (q !== asked) route(address({ q, category: query.category }), asked !== '');
    } else if (q) {
      route(address({ q }));
    }
  }

  return (
    <search class="search-box">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          search(text.trim());
        }}
      >
        <label for={id} class="visually-hidden">
          Search books
        </label>
        <input
          id={id}
          type="search"
          placeholder="Search by title or author"
          autocomplete="off"
          maxLength={100}
          value={text}
          onInput={(event) => {
            const typed = event.currentTarget.value;
            setText(typed);
            clearTimeout(timer.current);
            if (here) timer.current = setTimeout(() => search(typed.trim()), pause);
          }}
        />
      </form>
    </search>
  );
}
