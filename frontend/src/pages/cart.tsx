import { cart } from '../cart';
import { useCheckedCart } from '../cart/books';
import { CartLines } from '../cart/lines';
import { CartSum } from '../cart/sum';
import { Empty, ProblemMessage } from '../ui/message';
import { Page } from '../ui/page';

export default function CartPage() {
  const checked = useCheckedCart(cart.value);
  if (cart.value.length === 0) {
    return (
      <Page title="Your cart">
        <Empty title="There is nothing in your cart">
          <a href="/">See all books</a>
        </Empty>
      </Page>
    );
  }
  return (
    <Page title="Your cart">
      {checked.error && (
        <ProblemMessage error={checked.error} title="Not every book could be loaded" retry={checked.refetch} />
      )}
      <CartLines lines={checked.lines} />
      <CartSum checked={checked}>
        {checked.orderable ? (
          <a class="button primary" href="/checkout">
            Check out
          </a>
        ) : (
          !checked.pending && !checked.error && <p class="soft">Something above needs your attention first.</p>
        )}
      </CartSum>
    </Page>
  );
}
