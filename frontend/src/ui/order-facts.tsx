import type { ComponentChildren } from 'preact';
import type { Schema } from '../api/client';
import { minute } from './format';
import { orderNumber } from './order-number';
import { OrderState } from './order-state';

/** What there is to know of an order beside its lines, for its buyer and for those who run the shop. */
export function OrderFacts({ order, children }: { order: Schema['Order']; children?: ComponentChildren }) {
  return (
    <dl class="facts">
      <dt>State</dt>
      <dd>
        <OrderState status={order.status} />
      </dd>
      <dt>Placed</dt>
      <dd>
        <time dateTime={order.createdAt}>{minute(order.createdAt)}</time>
      </dd>
      {order.status !== 'placed' && (
        <>
          <dt>Settled</dt>
          <dd>
            <time dateTime={order.updatedAt}>{minute(order.updatedAt)}</time>
          </dd>
        </>
      )}
      <dt>Number</dt>
      <dd>
        {orderNumber(order.id)} <small class="id">{order.id}</small>
      </dd>
      {children}
    </dl>
  );
}
