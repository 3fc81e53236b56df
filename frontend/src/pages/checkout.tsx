import { useMutation, useQueryClient } from '@tanstack/preact-query';
import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { Problem } from '../api/problem';
import { cart, takeFromCart } from '../cart';
import { useCheckedCart } from '../cart/books';
import { CartLines } from '../cart/lines';
import { CartSum } from '../cart/sum';
import { type Attempt, closeAttempt, justPlaced, openAttempt, send, startAttempt } from '../checkout/attempt';
import { Refused } from '../checkout/refused';
import { user } from '../session';
import { Button } from '../ui/button';
import { counted, money } from '../ui/format';
import { Empty, Failure, ProblemMessage } from '../ui/message';
import { useOnce } from '../ui/once';
import { Page } from '../ui/page';
import { SignedIn } from '../ui/signed-in';

export default function Checkout() {
  return <SignedIn>{user.value && <Order key={user.value.email} email={user.value.email} />}</SignedIn>;
}

function Order({ email }: { email: string }) {
  const { route } = useLocation();
  const queries = useQueryClient();
  const [open, setOpen] = useState(() => openAttempt(email));
  const checked = useCheckedCart(cart.value);
  const placing = useMutation({
    mutationFn: send,
    onSuccess: (order, attempt) => {
      takeFromCart(attempt.order.lines);
      queries.invalidateQueries({ queryKey: ['own', 'orders'] });
      // Unless the buyer has gone elsewhere meanwhile.
      if (location.pathname !== '/checkout') return;
      justPlaced.id = order.id;
      route(`/orders/${order.id}`, true);
    },
    onError: () => setOpen(openAttempt(email)),
    // Prices and stock are others now, or were others than we thought.
    onSettled: () => queries.invalidateQueries({ queryKey: ['book'] }),
  });

  const submit = useOnce((attempt: Attempt) => placing.mutateAsync(attempt).catch(() => undefined));

  function place() {
    if (!checked.total) return;
    const lines = cart.value.map(({ bookId, quantity }) => ({ bookId, quantity }));
    submit(openAttempt(email) ?? startAttempt(email, { lines, expectedTotal: checked.total }));
  }

  if (open) {
    return (
      <Page title="Check out" narrow>
        <Unanswered
          attempt={open}
          error={placing.error}
          busy={placing.isPending}
          again={() => submit(open)}
          forget={() => {
            closeAttempt();
            placing.reset();
            setOpen(undefined);
          }}
        />
      </Page>
    );
  }
  if (cart.value.length === 0 && !placing.isPending) {
    return (
      <Page title="Check out">
        <Empty title="There is nothing to order">
          <a href="/">See all books</a>
        </Empty>
      </Page>
    );
  }
  return (
    <Page title="Check out">
      <p>
        The order goes to <strong>{email}</strong>. There is no payment and no shipping in this shop.
      </p>
      {placing.error && <Refused error={placing.error} sent={placing.variables.order} checked={checked} />}
      {checked.error && (
        <ProblemMessage error={checked.error} title="Not every book could be loaded" retry={checked.refetch} />
      )}
      <CartLines lines={checked.lines} />
      <CartSum checked={checked}>
        <Button kind="primary" busy={placing.isPending} disabled={!checked.orderable} onClick={place}>
          {placing.isPending ? 'Placing the order…' : 'Place the order'}
        </Button>
      </CartSum>
    </Page>
  );
}

interface UnansweredProps {
  attempt: Attempt;
  error: unknown;
  busy: boolean;
  again: () => void;
  forget: () => void;
}

/** The order was sent, and nobody knows what became of it: only the same one may be sent. */
function Unanswered({ attempt, error, busy, again, forget }: UnansweredProps) {
  const copies = attempt.order.lines.reduce((sum, line) => sum + line.quantity, 0);
  return (
    <>
      <Failure title="Your order was sent, but no answer has come">
        {error ? Problem.from(error).message : 'The page was left before the answer.'}
      </Failure>
      <p>
        It may have been placed or not. Send it again to be sure: however often you do, it is one order of{' '}
        {counted(copies, 'copy', 'copies')} for {money(attempt.order.expectedTotal)}.
      </p>
      <div class="row">
        <Button kind="primary" busy={busy} onClick={again}>
          {busy ? 'Sending…' : 'Send the order again'}
        </Button>
        <a class="button" href="/orders">
          Look at your orders
        </a>
        <Button kind="quiet" busy={busy} onClick={forget}>
          Give it up and change the cart
        </Button>
      </div>
    </>
  );
}
