import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { user } from '../session';
import { Failure } from './message';

/** Shows its content to those who are signed in, and leads the others to the sign-in and back. */
export function SignedIn({ admin = false, children }: { admin?: boolean; children: ComponentChildren }) {
  const { url, route } = useLocation();
  // Where it stood when it was shown: it is still there while the page that it leads to is being loaded.
  const [here] = useState(url);
  const person = user.value;
  useEffect(() => {
    if (!person) route(`/sign-in?next=${encodeURIComponent(here)}`, true);
  }, [person, here, route]);
  if (!person) return null;
  if (admin && !person.isAdmin) return <Failure title="Only for those who run the shop" />;
  return <>{children}</>;
}
