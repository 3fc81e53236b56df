import { useState } from 'preact/hooks';
import { Button } from '../ui/button';
import { ProblemMessage } from '../ui/message';
import { useOnce } from '../ui/once';
import { orderNumber } from '../ui/order-number';
import { focusHeading } from '../ui/page';
import { ConfirmDialog } from './confirm-dialog';
import { type Settlement, useSettle } from './settle';

/** The two ways in which an order that was placed can end. */
export function Settle({ id, prominent = false }: { id: string; prominent?: boolean }) {
  const [asked, ask] = useState(false);
  const settle = useSettle(id);
  const under = (way: Settlement) => settle.isPending && settle.variables === way;
  const close = () => {
    ask(false);
    settle.reset();
  };

  const carryOut = useOnce((way: Settlement) =>
    settle.mutateAsync(way).then(
      () => {
        ask(false);
        // The button that had the focus goes, in a list with its row. While the dialog is open, nothing else can have it.
        setTimeout(focusHeading);
      },
      () => undefined,
    ),
  );

  return (
    <div class="record-actions">
      {settle.error && !asked && <ProblemMessage error={settle.error} />}
      <div class="row">
        <Button
          kind={prominent ? 'primary' : 'plain'}
          busy={under('process')}
          aria-label={`Mark as processed: order ${orderNumber(id)}`}
          onClick={() => carryOut('process')}
        >
          Mark as processed
        </Button>
        <Button
          kind={prominent ? 'danger' : 'quiet'}
          aria-label={`Cancel the order ${orderNumber(id)}`}
          onClick={() => ask(true)}
        >
          {prominent ? 'Cancel the order' : 'Cancel'}
        </Button>
      </div>
      {asked && (
        <ConfirmDialog
          title={`Cancel order ${orderNumber(id)}?`}
          confirm="Cancel the order"
          keep="Keep it"
          busy={under('cancel')}
          error={settle.error}
          onConfirm={() => carryOut('cancel')}
          onClose={close}
        >
          Its copies return to the stock. A cancelled order cannot be taken up again.
        </ConfirmDialog>
      )}
    </div>
  );
}
