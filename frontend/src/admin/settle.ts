import { useMutation, useQueryClient } from '@tanstack/preact-query';
import { api, body, type Schema } from '../api/client';
import { tell } from '../ui/announce';
import { orderNumber } from '../ui/order-number';

export type Settlement = 'process' | 'cancel';

/** Processes or cancels an order. Both may be sent again: what is settled already stays so. */
export function useSettle(id: string) {
  const queries = useQueryClient();
  const params = { path: { id } };
  return useMutation({
    mutationFn: (settlement: Settlement) =>
      body(
        settlement === 'process'
          ? api.POST('/admin/orders/{id}/process', { params })
          : api.POST('/admin/orders/{id}/cancel', { params }),
      ),
    onSuccess: (order) => {
      queries.setQueryData(orderKey(id), order);
      tell(`Order ${orderNumber(id)} is ${order.status}.`);
    },
    // Where somebody else was first, the order goes from the list, and what says why goes with it.
    onError: (error) => tell(error.message),
    // Also after a refusal: then the list is out of date.
    onSettled: () => {
      queries.invalidateQueries({ queryKey: ['own', 'admin-orders'] });
    },
  });
}

export const ordersKey = (status: Schema['OrderStatus']) => ['own', 'admin-orders', 'list', status];
export const orderKey = (id: string) => ['own', 'admin-orders', 'one', id];
