import { useInfiniteQuery } from '@tanstack/preact-query';
import { useLocation } from 'preact-iso';
import { api, body, type Schema } from '../api/client';
import { counted, minute, money } from '../ui/format';
import { Empty, ProblemMessage } from '../ui/message';
import { More } from '../ui/more';
import { orderNumber } from '../ui/order-number';
import { OrderState } from '../ui/order-state';
import { SkeletonText } from '../ui/skeleton';
import { AdminPage } from './admin-page';
import { ordersKey } from './settle';
import { Settle } from './settle-order';

type Status = Schema['OrderStatus'];

const statuses: Record<Status, { name: string; none: string }> = {
  placed: { name: 'Waiting', none: 'All orders are processed' },
  processed: { name: 'Processed', none: 'No order is processed yet' },
  cancelled: { name: 'Cancelled', none: 'No order was cancelled' },
};

const isStatus = (text: string | undefined): text is Status => text !== undefined && Object.hasOwn(statuses, text);

export default function OrdersPage() {
  const { query } = useLocation();
  const status = isStatus(query.status) ? query.status : 'placed';
  return (
    <AdminPage title="Orders">
      <nav class="tabs" aria-label="Orders by status">
        {Object.entries(statuses).map(([each, { name }]) => (
          <a key={each} href={`/admin/orders?status=${each}`} aria-current={each === status ? 'page' : undefined}>
            {name}
          </a>
        ))}
      </nav>
      <Orders key={status} status={status} />
    </AdminPage>
  );
}

function Orders({ status }: { status: Status }) {
  const orders = useInfiniteQuery({
    queryKey: ordersKey(status),
    queryFn: ({ pageParam, signal }) =>
      body(
        api.GET('/admin/orders', {
          params: { query: { status, limit: 20, ...(pageParam && { cursor: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next,
  });
  const items = orders.data?.pages.flatMap((page) => page.items);

  if (!items) {
    if (orders.error) {
      return <ProblemMessage error={orders.error} title="The orders could not be loaded" retry={orders.refetch} />;
    }
    return <SkeletonText lines={6} />;
  }
  return (
    <>
      {orders.isRefetchError && !orders.isFetchNextPageError && (
        <ProblemMessage error={orders.error} title="These orders may be out of date" retry={orders.refetch} />
      )}
      {items.length === 0 && !orders.hasNextPage ? (
        <Empty title={statuses[status].none} />
      ) : (
        <ul class="records">
          {items.map((order) => (
            <OrderRow key={order.id} order={order} />
          ))}
        </ul>
      )}
      <More of="orders" list={orders} />
    </>
  );
}

function OrderRow({ order }: { order: Schema['OrderSummary'] }) {
  return (
    <li class="record">
      <div class="record-text">
        <a href={`/admin/orders/${order.id}`} class="record-title">
          <time dateTime={order.createdAt}>{minute(order.createdAt)}</time>{' '}
          <small class="soft">Order {orderNumber(order.id)}</small>
        </a>
        <span class="soft">{counted(order.copies, 'copy', 'copies')}</span>
      </div>
      <strong class="number">{money(order.total)}</strong>
      <OrderState status={order.status} />
      {order.status === 'placed' && <Settle id={order.id} />}
    </li>
  );
}
