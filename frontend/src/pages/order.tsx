import { useMutation, useQuery, useQueryClient } from '@tanstack/preact-query';
import { useLocation, useRoute } from 'preact-iso';
import { api, body, type Schema } from '../api/client';
import { Problem } from '../api/problem';
import { announce } from '../ui/announce';
import { Confirm } from '../ui/confirm';
import { minute } from '../ui/format';
import { Notice, ProblemMessage } from '../ui/message';
import { OrderLines } from '../ui/order-lines';
import { OrderState } from '../ui/order-state';
import { Page } from '../ui/page';
import { SignedIn } from '../ui/signed-in';
import { SkeletonText } from '../ui/skeleton';
import { NotFound } from './not-found';

export default function OrderPage() {
  return (
    <SignedIn>
      <OwnOrder id={useRoute().params.id ?? ''} />
    </SignedIn>
  );
}

const keyOf = (id: string) => ['own', 'order', id];

function OwnOrder({ id }: { id: string }) {
  const placed = useLocation().query.placed === 'yes';
  const { data, error, refetch } = useQuery({
    queryKey: keyOf(id),
    queryFn: ({ signal }) => body(api.GET('/orders/{id}', { params: { path: { id } }, signal })),
    staleTime: 0,
  });
  if (error instanceof Problem && error.status === 404) return <NotFound />;
  return (
    <Page title={placed && data?.status !== 'cancelled' ? 'Thank you for your order' : 'Your order'} narrow>
      {data ? (
        <Details order={data} placed={placed} />
      ) : error ? (
        <ProblemMessage error={error} title="The order could not be loaded" retry={refetch} />
      ) : (
        <SkeletonText lines={6} />
      )}
    </Page>
  );
}

function Details({ order, placed }: { order: Schema['Order']; placed: boolean }) {
  const queries = useQueryClient();
  const cancelling = useMutation({
    mutationFn: () => body(api.POST('/orders/{id}/cancel', { params: { path: { id: order.id } } })),
    onSuccess: (cancelled) => {
      queries.setQueryData(keyOf(order.id), cancelled);
      announce('The order is cancelled');
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['own'] }),
  });
  return (
    <>
      {placed && order.status === 'placed' && (
        <Notice tone="good">We have it, and will process it soon. You find it under Orders at any time.</Notice>
      )}
      <dl class="facts">
        <dt>State</dt>
        <dd>
          <OrderState status={order.status} />
        </dd>
        <dt>Placed</dt>
        <dd>{minute(order.createdAt)}</dd>
        <dt>Number</dt>
        <dd class="id">{order.id}</dd>
      </dl>
      <OrderLines order={order} />
      {cancelling.error && <ProblemMessage error={cancelling.error} title="The order was not cancelled" />}
      {order.status === 'placed' && (
        <Confirm
          label="Cancel the order"
          question="The copies go back to the shelf."
          yes="Yes, cancel it"
          busy={cancelling.isPending}
          onConfirm={() => cancelling.mutate()}
        />
      )}
      <p>
        <a href="/orders">All your orders</a>
      </p>
    </>
  );
}
