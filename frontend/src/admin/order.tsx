import { useQuery } from '@tanstack/preact-query';
import { useRoute } from 'preact-iso';
import { api, body, type Schema } from '../api/client';
import { Problem } from '../api/problem';
import { Empty, ProblemMessage } from '../ui/message';
import { OrderFacts } from '../ui/order-facts';
import { OrderLines } from '../ui/order-lines';
import { orderNumber } from '../ui/order-number';
import { SkeletonText } from '../ui/skeleton';
import { AdminPage } from './admin-page';
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
  if (order.error instanceof Problem && order.error.status === 404) {
    return (
      <Empty title="There is no such order">
        <a href="/admin/orders">All orders</a>
      </Empty>
    );
  }
  if (order.error) {
    return <ProblemMessage error={order.error} title="The order could not be loaded" retry={order.refetch} />;
  }
  return <SkeletonText lines={6} />;
}

function Order({ order }: { order: Schema['Order'] }) {
  const { customer } = order;
  return (
    <>
      <OrderFacts order={order}>
        {customer && (
          <>
            <dt>Customer</dt>
            <dd>
              {orderNumber(customer)} <small class="id">{customer}</small>
              <p class="hint">The id in the user pool: an order does not hold its customer’s address.</p>
            </dd>
          </>
        )}
      </OrderFacts>
      <OrderLines order={order} />
      {order.status === 'placed' && <Settle id={order.id} prominent />}
    </>
  );
}
