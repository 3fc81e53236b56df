import { useMutation, useQuery, useQueryClient } from '@tanstack/preact-query';
import { useState } from 'preact/hooks';
import { useRoute } from 'preact-iso';
import { api, body, type Schema } from '../api/client';
import { Problem } from '../api/problem';
import { justPlaced } from '../checkout/attempt';
import { tell } from '../ui/announce';
import { Confirm } from '../ui/confirm';
import { Notice, ProblemMessage } from '../ui/message';
import { useOnce } from '../ui/once';
import { OrderFacts } from '../ui/order-facts';
import { OrderLines } from '../ui/order-lines';
import { focusHeading, Page } from '../ui/page';
import { SignedIn } from '../ui/signed-in';
import { SkeletonText } from '../ui/skeleton';
import { NotFound } from './not-found';

export default function OrderPage() {
  const id = useRoute().params.id ?? '';
  return (
    <SignedIn>
      <OwnOrder key={id} id={id} />
    </SignedIn>
  );
}

const keyOf = (id: string) => ['own', 'order', id];

function OwnOrder({ id }: { id: string }) {
  const [placed] = useState(() => {
    const now = justPlaced.id === id;
    justPlaced.id = undefined;
    return now;
  });
  const { data, error, refetch } = useQuery({
    queryKey: keyOf(id),
    queryFn: ({ signal }) => body(api.GET('/orders/{id}', { params: { path: { id } }, signal })),
    staleTime: 0,
  });
  if (error instanceof Problem && error.status === 404) {
    return (
      <NotFound back={<a href="/orders">Your orders</a>}>There is no such order, or it is somebody else’s.</NotFound>
    );
  }
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
      // The button that had the focus goes.
      focusHeading();
      tell('The order is cancelled.');
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['own'] }),
  });
  const cancel = useOnce(() => cancelling.mutateAsync().catch(() => undefined));
  return (
    <>
      {placed && order.status === 'placed' && (
        <Notice tone="good">We have it, and will process it soon. You find it under Orders at any time.</Notice>
      )}
      <OrderFacts order={order} />
      <OrderLines order={order} />
      {cancelling.error && <ProblemMessage error={cancelling.error} title="The order was not cancelled" />}
      {order.status === 'placed' && (
        <Confirm
          label="Cancel the order"
          question="Cancel this order? The copies go back to the shelf."
          yes="Yes, cancel it"
          busy={cancelling.isPending}
          onConfirm={cancel}
        />
      )}
      <p>
        <a href="/orders">All your orders</a>
      </p>
    </>
  );
}
