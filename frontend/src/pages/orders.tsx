import { useInfiniteQuery } from '@tanstack/preact-query';
import { api, body } from '../api/client';
import { pageOf } from '../api/pages';
import { counted, minute, money } from '../ui/format';
import { Empty, ProblemMessage } from '../ui/message';
import { More } from '../ui/more';
import { orderNumber } from '../ui/order-number';
import { OrderState } from '../ui/order-state';
import { Page } from '../ui/page';
import { SignedIn } from '../ui/signed-in';
import { SkeletonText } from '../ui/skeleton';

export default function OrdersPage() {
  return (
    <SignedIn>
      <Page title="Your orders" narrow>
        <Orders />
      </Page>
    </SignedIn>
  );
}

function Orders() {
  const list = useInfiniteQuery({
    queryKey: ['own', 'orders'],
    queryFn: ({ pageParam, signal }) =>
      pageOf((query) => body(api.GET('/orders', { params: { query }, signal })), pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next,
    // One comes here to see what has become of them.
    staleTime: 0,
  });
  if (!list.data) {
    if (list.error)
      return <ProblemMessage error={list.error} title="Your orders could not be loaded" retry={list.refetch} />;
    return <SkeletonText lines={6} />;
  }
  const orders = list.data.pages.flatMap((page) => page.items);
  if (orders.length === 0 && !list.hasNextPage) {
    return (
      <Empty title="You have not ordered anything yet">
        <a href="/">See all books</a>
      </Empty>
    );
  }
  return (
    <>
      <ul class="order-list">
        {orders.map((order) => (
          <li key={order.id}>
            <a href={`/orders/${order.id}`}>
              <time dateTime={order.createdAt}>{minute(order.createdAt)}</time>{' '}
              <small class="soft">Order {orderNumber(order.id)}</small>
            </a>
            <OrderState status={order.status} />
            <span class="soft">{counted(order.copies, 'copy', 'copies')}</span>
            <span class="number">{money(order.total)}</span>
          </li>
        ))}
      </ul>
      <More of="orders" list={list} />
    </>
  );
}
