import { Select } from './field';

interface QuantityProps {
  label: string;
  value: number;
  max: number;
  onChange: (quantity: number) => void;
}

/** How many copies. A list, so that no number can be typed that there is not. */
export function Quantity({ label, value, max, onChange }: QuantityProps) {
  return (
    <div class="quantity">
      <Select label={label} value={value} onChange={(event) => onChange(Number(event.currentTarget.value))}>
        {Array.from({ length: Math.max(max, value) }, (_, place) => (
          <option key={place} value={place + 1}>
            {place + 1}
          </option>
        ))}
      </Select>
    </div>
  );
}
