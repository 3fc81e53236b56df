import { useState } from 'preact/hooks';
import { signOut, user } from '../session';
import { Button } from '../ui/button';
import { Page } from '../ui/page';
import { SignedIn } from '../ui/signed-in';

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
        <ul class="stack">
          <li>
            <a href="/orders">Your orders</a>
          </li>
          {user.value?.isAdmin && (
            <li>
              <a href="/admin">The shop's administration</a>
            </li>
          )}
          <li>
            <a href="/forgotten-password">Choose a new password</a>
          </li>
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
