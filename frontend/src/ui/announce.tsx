import { signal } from '@preact/signals';
import { useLocation } from 'preact-iso';

/** What is said, and the page that it is about: on another one it is no news. */
const said = signal({ text: '', page: '' });
const shown = signal({ text: '', page: '' });

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
    if (shown.value === news) shown.value = { text: '', page: '' };
  }, lasting);
}

function say(place: typeof said, text: string) {
  // What was said earlier and is still on its way belongs to its own page.
  const news = { text, page: location.pathname };
  // The same text again is news only after it was gone.
  place.value = { text: '', page: '' };
  setTimeout(() => {
    place.value = news;
  }, 50);
  return news;
}

/** Both places are always there: screen readers watch what changes in a place that they know. */
export function Announcer() {
  // With each page it looks again whether what was said is of this one.
  useLocation();
  const here = ({ text, page }: typeof said.value) => (page === location.pathname ? text : '');
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
