import type { ComponentChildren } from 'preact';
import { money } from '../ui/format';
import { Notice } from '../ui/message';
import type { CheckedCart } from './books';

export function CartSum({ checked, children }: { checked: CheckedCart; children: ComponentChildren }) {
  return (
    <div class="cart-sum">
      {checked.currencies.length > 1 && (
        <Notice tone="warn">
          Books in {checked.currencies.join(' and ')} cannot be in one order. Please order those of one currency first.
        </Notice>
      )}
      <p class="total">
        <span>Total</span> <strong>{checked.total ? money(checked.total) : '–'}</strong>
      </p>
      {children}
    </div>
  );
}
