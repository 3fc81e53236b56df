import { useState } from 'preact/hooks';
import { signOut, user } from '../session';
import { Button } from '../ui/button';
import { Page } from '../ui/page';
import { SignedIn } from '../ui/signed-in';
import './account.css';

export default function AccountPage() {
  const [left, leave] = useState(false);

  if (left) {
    return (
      <Page title="You are signed out" narrow key="left">
        <p>Until next time.</p>
        <p>
          <a href="/">To the books</a> or <a href="/sign-in">sign in again</a>
        </p>
      </Page>
    );
  }

  return (
    <SignedIn>
      <Page title="Your account" narrow>
        <p>
          You are signed in as <strong>{user.value?.email}</strong>
          {user.value?.isAdmin && ', who runs the shop'}.
        </p>
        <ul class="choices">
          <Choice href="/orders" name="Your orders">
            What you have ordered, and what has become of it
          </Choice>
          {user.value?.isAdmin && (
            <Choice href="/admin" name="The shop’s administration">
              Orders that wait, and the catalogue
            </Choice>
          )}
          <Choice href="/forgotten-password?next=%2Faccount" name="Choose a new password">
            By a code that comes by e-mail
          </Choice>
        </ul>
        <div>
          <Button
            onClick={() => {
              leave(true);
              return signOut();
            }}
          >
            Sign out
          </Button>
        </div>
      </Page>
    </SignedIn>
  );
}

function Choice({ href, name, children }: { href: string; name: string; children: string }) {
  return (
    <li>
      <a href={href}>{name}</a>
      <p class="soft">{children}</p>
    </li>
  );
}
