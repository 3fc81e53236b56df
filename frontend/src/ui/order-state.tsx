import type { Schema } from '../api/client';

const words: Record<Schema['OrderStatus'], string> = {
  placed: 'Placed',
  processed: 'Processed',
  cancelled: 'Cancelled',
};

export function OrderState({ status }: { status: Schema['OrderStatus'] }) {
  return <span class={`state ${status}`}>{words[status]}</span>;
}
