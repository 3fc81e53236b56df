import * as v from 'valibot';
import { api, body, type Schema } from '../api/client';
import { newKey } from '../api/key';
import { Problem } from '../api/problem';
import { tab } from '../storage';

const storageKey = 'order-attempt';

/** The API remembers a key for a day. Later it could not tell a repetition from a second order. */
const lifetime = 23 * 60 * 60 * 1000;

const Attempt = v.object({
  key: v.string(),
  at: v.number(),
  /** Keys belong to a user: what one has sent, another one at this machine must not repeat. */
  email: v.string(),
  order: v.object({
    lines: v.array(v.object({ bookId: v.string(), quantity: v.number() })),
    expectedTotal: v.object({ amount: v.number(), currency: v.picklist(['EUR', 'GBP', 'USD']) }),
  }),
});

/**
 * An order that was sent and of which no answer is known yet. It is kept with its key, so that a second press, a retry
 * and a reload of the page all send the same order again, which the API places once.
 */
export type Attempt = v.InferOutput<typeof Attempt>;

/** The attempt whose outcome this tab does not know. */
export function openAttempt(email: string): Attempt | undefined {
  const kept = v.safeParse(Attempt, tab.get(storageKey));
  if (!kept.success || kept.output.email !== email || Date.now() - kept.output.at > lifetime) return undefined;
  return kept.output;
}

/** Kept before it is sent: what is pressed twice in a moment finds it here. */
export function startAttempt(email: string, order: Attempt['order']): Attempt {
  const attempt = { key: newKey(), at: Date.now(), email, order };
  tab.set(storageKey, attempt);
  return attempt;
}

/** Sends the order, for the first time or again. Whatever is no answer about the order leaves the attempt open. */
export async function send(attempt: Attempt): Promise<Schema['Order']> {
  try {
    const order = await body(
      api.POST('/orders', { params: { header: { 'Idempotency-Key': attempt.key } }, body: attempt.order }),
    );
    closeAttempt();
    return order;
  } catch (error) {
    if (error instanceof Problem && isRefusal(error)) closeAttempt();
    throw error;
  }
}

export function closeAttempt() {
  tab.remove(storageKey);
}

/** An answer about the order itself. That a token has expired, or the shop is busy, says nothing of an earlier try. */
export function isRefusal({ status }: Problem): boolean {
  return status === 400 || status === 409 || status === 413 || status === 415 || status === 422;
}

/** The order that its buyer is to be thanked for. In memory, as it is news once: not after a reload, or on the way back. */
export const justPlaced: { id?: string | undefined } = {};
