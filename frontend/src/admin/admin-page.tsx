import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useLocation } from 'preact-iso';
import { token, tokenInsteadOf, user } from '../session';
import { Button } from '../ui/button';
import { Page } from '../ui/page';
import { SignedIn } from '../ui/signed-in';
import './admin.css';

interface AdminPageProps {
  title: string;
  heading?: ComponentChildren;
  children: ComponentChildren;
}

/** A page of the administration, for those who may see it. The API asks again: this only spares others a wrong turn. */
export function AdminPage({ title, heading, children }: AdminPageProps) {
  return (
    <SignedIn>
      {user.value?.isAdmin ? (
        <>
          <Sections />
          <Page title={title} heading={heading}>
            {children}
          </Page>
        </>
      ) : (
        <NoAdministrator />
      )}
    </SignedIn>
  );
}

const sections = [
  { page: '/admin/orders', name: 'Orders' },
  { page: '/admin/books', name: 'Books' },
];

function Sections() {
  const { path } = useLocation();
  return (
    <nav class="tabs sections" aria-label="Administration">
      {sections.map(({ page, name }) => {
        const here = path.startsWith(page) || (path === '/admin' && page === '/admin/orders');
        return (
          <a key={page} href={page} aria-current={here ? (path === page ? 'page' : 'true') : undefined}>
            {name}
          </a>
        );
      })}
    </nav>
  );
}

function NoAdministrator() {
  const busy = useSignal(false);

  /** The group is part of the token; a new token has it. */
  async function lookAgain() {
    busy.value = true;
    try {
      await tokenInsteadOf((await token()) ?? '');
    } finally {
      busy.value = false;
    }
  }

  return (
    <Page title="For administrators" narrow>
      <p>
        Books and orders are looked after here by those who run the shop. You are signed in as{' '}
        <strong>{user.value?.email}</strong>, who is not one of them.
      </p>
      <p>Whoever runs the shop can make you one. If somebody has just done so, look again.</p>
      <div class="row">
        <Button busy={busy.value} onClick={lookAgain}>
          Look again
        </Button>
        <a href="/">To the books</a>
      </div>
    </Page>
  );
}
