import { useQuery } from '@tanstack/preact-query';
import { useRoute } from 'preact-iso';
import { api, body, type Schema } from '../api/client';
import { minute, money } from '../ui/format';
import { ProblemMessage } from '../ui/message';
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

const told: Record<Schema['OrderStatus'], string> = {
  placed: 'Placed, to be processed',
  processed: 'Processed',
  cancelled: 'Cancelled',
};

function Order({ order }: { order: Schema['Order'] }) {
  return (
    <>
      <dl class="facts">
        <dt>Status</dt>
        <dd>
          <span class={`status ${order.status}`}>{told[order.status]}</span>
        </dd>
        <dt>Placed</dt>
        <dd>
          <time dateTime={order.createdAt}>{minute(order.createdAt)}</time>
        </dd>
        {order.status !== 'placed' && (
          <>
            <dt>{told[order.status]}</dt>
            <dd>
              <time dateTime={order.updatedAt}>{minute(order.updatedAt)}</time>
            </dd>
          </>
        )}
        <dt>Customer</dt>
        <dd class="id">{order.customer}</dd>
        <dt>Full number</dt>
        <dd class="id">{order.id}</dd>
      </dl>
      <table>
        <thead>
          <tr>
            <th scope="col">Book</th>
            <th scope="col" class="number">
              Copies
            </th>
            <th scope="col" class="number">
              Price
            </th>
          </tr>
        </thead>
        <tbody>
          {order.lines.map((line) => (
            <tr key={line.bookId}>
              <td>
                <a href={`/admin/books/${line.bookId}`}>{line.title}</a>
              </td>
              <td class="number">{line.quantity}</td>
              <td class="number">{money(line.price)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row" colSpan={2}>
              Total
            </th>
            <td class="number">
              <strong>{money(order.total)}</strong>
            </td>
          </tr>
        </tfoot>
      </table>
      {order.status === 'placed' && <Settle id={order.id} />}
    </>
  );
}
