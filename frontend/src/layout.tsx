import { signal } from '@preact/signals';
import type { AnchorHTMLAttributes, ComponentChildren } from 'preact';
import { useLocation } from 'preact-iso';
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

/** A link of the header, which shows where one is. */
function Place({ href, children, ...rest }: AnchorHTMLAttributes<HTMLAnchorElement> & { href: string }) {
  const { path } = useLocation();
  const current = path === href ? 'page' : path.startsWith(`${href}/`) ? 'true' : undefined;
  return (
    <a {...rest} href={href} aria-current={current}>
      {children}
    </a>
  );
}

function AccountLink() {
  const person = user.value;
  if (!person) return <Place href="/sign-in">Sign in</Place>;
  return (
    <>
      {person.isAdmin && (
        <Place href="/admin" aria-label="Administration">
          <span>
            Admin<span class="if-wide">istration</span>
          </span>
        </Place>
      )}
      <Place href="/orders">Orders</Place>
      <Place href="/account" class="account-link" title={`Account of ${person.email}`}>
        <span>{person.email.split('@')[0]}</span>
      </Place>
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
            <Place href="/cart" aria-label={`Cart, ${counted(copies.value, 'book')}`}>
              Cart {copies.value > 0 && <span class="badge">{copies}</span>}
            </Place>
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
