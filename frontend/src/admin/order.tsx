import { useQuery } from '@tanstack/preact-query';
import { useRoute } from 'preact-iso';
import { api, body, type Schema } from '../api/client';
import { minute } from '../ui/format';
import { ProblemMessage } from '../ui/message';
import { OrderLines } from '../ui/order-lines';
import { OrderState } from '../ui/order-state';
import { SkeletonText } from '../ui/skeleton';
import { AdminPage } from './admin-page';
import { orderNumber } from './order-number';
import { orderKey } from './settle';
import { Settle } from './settle-order';

export default function OrderPage() {
  const { id = '' } = useRoute().params;
  return (
    <AdminPage title={`Order ${orderNumber(id)}`}>
      <LoadedOrder id={id} />
    </AdminPage>
  );
}

function LoadedOrder({ id }: { id: string }) {
  const order = useQuery({
    queryKey: orderKey(id),
    queryFn: ({ signal }) => body(api.GET('/admin/orders/{id}', { params: { path: { id } }, signal })),
  });
  if (order.data) return <Order order={order.data} />;
  if (order.error) {
    return <ProblemMessage error={order.error} title="The order could not be loaded" retry={order.refetch} />;
  }
  return <SkeletonText lines={6} />;
}

function Order({ order }: { order: Schema['Order'] }) {
  return (
    <>
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
        <dt>Customer</dt>
        <dd class="id">{order.customer}</dd>
        <dt>Number</dt>
        <dd class="id">{order.id}</dd>
      </dl>
      <OrderLines order={order} />
      {order.status === 'placed' && <Settle id={order.id} prominent />}
    </>
  );
}
