import { type Mistake, Problem } from '../api/problem';
import type { CheckedCart } from '../cart/books';
import { money } from '../ui/format';
import { Failure } from '../ui/message';
import type { Attempt } from './attempt';

interface RefusedProps {
  error: unknown;
  /** What was sent: the API names its lines by their place there, and the cart changes meanwhile. */
  sent: Attempt['order'];
  checked: CheckedCart;
}

/** Why the shop does not take the order as it is. The lines below show what can be done about it. */
export function Refused({ error, sent, checked }: RefusedProps) {
  const problem = Problem.from(error);
  const mistakes = problem.mistakes.map((mistake) => mistakeOf(mistake, sent, checked) ?? problem.message);
  const left = new Set(mistakes.filter(Boolean));
  // All that was wrong is put right.
  if (mistakes.length > 0 && left.size === 0) return null;
  return (
    <Failure title="The order was not placed">
      {mistakes.length === 0 && problem.message}
      {[...left].map((mistake) => (
        <span class="mistake" key={mistake}>
          {mistake}
        </span>
      ))}
    </Failure>
  );
}

/**
 * What is wrong, in words, as long as it is: nothing where the line has gone or has another number of copies than was
 * refused. Undefined where it is about no line.
 */
function mistakeOf({ pointer, detail }: Mistake, sent: Attempt['order'], { lines, total }: CheckedCart) {
  if (pointer === '/expectedTotal') {
    return `Prices have changed.${total ? ` The total is ${money(total)} now.` : ''} Order again if that is all right.`;
  }
  const [, place, field] = pointer?.match(/^\/lines\/(\d+)\/(\w+)$/) ?? [];
  const refused = sent.lines[Number(place)];
  if (!refused) return undefined;
  const line = lines.find(({ line }) => line.bookId === refused.bookId)?.line;
  if (line?.quantity !== refused.quantity) return '';
  return field === 'bookId'
    ? `“${line.title}” is not in the catalogue any more. Please remove it.`
    : `Of “${line.title}” ${detail}.`;
}
