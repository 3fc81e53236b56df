import type { Schema } from '../api/client';
import { money } from './format';

/** What was ordered, with the prices of that time. */
export function OrderLines({ order }: { order: Schema['Order'] }) {
  return (
    <table class="order-lines">
      <thead>
        <tr>
          <th scope="col">Book</th>
          <th scope="col" class="number">
            Copies
          </th>
          <th scope="col" class="number">
            Total
          </th>
        </tr>
      </thead>
      <tbody>
        {order.lines.map((line) => (
          <tr key={line.bookId}>
            <td>
              <a href={`/books/${line.bookId}`}>{line.title}</a>
            </td>
            <td class="number">{line.quantity}</td>
            <td class="number">{money({ ...line.price, amount: line.price.amount * line.quantity })}</td>
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
  );
}
