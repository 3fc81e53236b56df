import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { copies } from './cart/index';
import { SearchBox } from './search-box';
import { user } from './session';
import { Announcer } from './ui/announce';
import { counted } from './ui/format';
import { shopName } from './ui/page';

/** The next page's code is on its way; the present page stays as long. */
export const loading = signal(false);

const online = signal(navigator.onLine);
addEventListener('online', () => {
  online.value = true;
});
addEventListener('offline', () => {
  online.value = false;
});

function AccountLink() {
  const person = user.value;
  if (!person) return <a href="/sign-in">Sign in</a>;
  return (
    <>
      {person.isAdmin && <a href="/admin">Administration</a>}
      <a href="/orders">Orders</a>
      <a href="/account" class="account-link" title={`Account of ${person.email}`}>
        <span>{person.email.split('@')[0]}</span>
      </a>
    </>
  );
}

export function Layout({ children }: { children: ComponentChildren }) {
  return (
    <>
      <a class="skip-link" href="#main">
        Skip to the content
      </a>
      <header class="site-header">
        <div class="wrap bar">
          <a class="shop-name" href="/">
            {shopName}
          </a>
          <SearchBox />
          <nav class="site-nav" aria-label="Shop">
            <AccountLink />
            <a href="/cart" class="cart-link" aria-label={`Cart, ${counted(copies.value, 'book')}`}>
              Cart <span class="badge">{copies}</span>
            </a>
          </nav>
        </div>
      </header>
      {loading.value && <div class="loading" />}
      {!online.value && (
        <p class="offline" role="status">
          You are offline. What you see may be out of date; it comes back with your connection.
        </p>
      )}
      <main id="main" class="wrap" tabIndex={-1}>
        {children}
      </main>
      <footer class="site-footer">
        <div class="wrap">
          <p>{shopName}, an independent book shop. Nothing here is really sold.</p>
        </div>
      </footer>
      <Announcer />
    </>
  );
}
