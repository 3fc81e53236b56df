import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { useLocation } from 'preact-iso';

/** What is said, and the page that it is about: on another one it is no news. */
interface News {
  text: string;
  page: string;
}

const silence = (): News => ({ text: '', page: '' });
const said = signal(silence());
const shown = signal(silence());

/** Long enough to be read by those who look elsewhere first. */
const lasting = 10_000;

/** Says something to those who do not see it happen. */
export function announce(text: string) {
  say(said, text);
}

/** Says to everybody that something is done, where the page itself does not show it. After a `route`, on the new page. */
export function tell(text: string) {
  const news = say(shown, text);
  setTimeout(() => {
    if (shown.value === news) shown.value = silence();
  }, lasting);
}

function say(place: typeof said, text: string): News {
  const news = { text, page: location.pathname };
  // The same text again is news only after it was gone.
  const before = silence();
  place.value = before;
  setTimeout(() => {
    if (place.value === before) place.value = news;
  }, 50);
  return news;
}

/** Both places are always there: screen readers watch what changes in a place that they know. */
export function Announcer() {
  // With each page it looks again whether what was said is of this one.
  useLocation();
  useEffect(
    () => () => {
      said.value = silence();
      shown.value = silence();
    },
    [],
  );
  const here = ({ text, page }: News) => (page === location.pathname ? text : '');
  const news = here(shown.value);
  return (
    <>
      <div class="visually-hidden" role="status">
        {here(said.value)}
      </div>
      <div class="news" role="status">
        {news && <p>{news}</p>}
      </div>
    </>
  );
}
