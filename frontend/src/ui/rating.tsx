import { useId } from 'preact/hooks';
import type { Schema } from '../api/client';
import { counted } from './format';

const path = 'm12 2.6 2.9 6.1 6.6.9-4.8 4.6 1.2 6.6L12 17.6l-5.9 3.2 1.2-6.6L2.5 9.6l6.6-.9z';

function Star({ fill }: { fill: 'full' | 'half' | 'none' }) {
  return (
    <svg class={`star ${fill}`} viewBox="0 0 24 24" aria-hidden="true">
      <path d={path} class="star-back" />
      {fill !== 'none' && <path d={path} class="star-front" />}
    </svg>
  );
}

/** Stars for the eye and words for the ear. */
export function Stars({ value }: { value: number }) {
  const halves = Math.round(value * 2);
  return (
    <span class="stars" role="img" aria-label={`${Number(value.toFixed(1))} of 5 stars`}>
      {[1, 2, 3, 4, 5].map((star) => (
        <Star key={star} fill={halves >= 2 * star ? 'full' : halves === 2 * star - 1 ? 'half' : 'none'} />
      ))}
    </span>
  );
}

export function Rating({ rating }: { rating: Schema['BookRating'] }) {
  if (rating.average === undefined) return <span class="soft">No reviews yet</span>;
  return (
    <span class="rating">
      <Stars value={rating.average} />
      <span>
        {rating.average.toFixed(1)} <span class="soft">({counted(rating.count, 'review')})</span>
      </span>
    </span>
  );
}

interface RatingInputProps {
  /** Gets the first choice, for a form to lead there. */
  first: (element: HTMLInputElement | null) => void;
  value: number | undefined;
  error?: string | undefined;
  onChange: (value: number) => void;
}

/** Radio buttons that look like stars: arrows change them, as everywhere. */
export function RatingInput({ first, value, error, onChange }: RatingInputProps) {
  const id = useId();
  return (
    <fieldset class="field rating-input" aria-describedby={error && `${id}-error`}>
      <legend>Your rating</legend>
      <div class="rating-choices">
        {[1, 2, 3, 4, 5].map((star) => (
          <label key={star}>
            <input
              type="radio"
              class="visually-hidden"
              ref={star === 1 ? first : null}
              name={id}
              value={star}
              checked={value === star}
              onChange={() => onChange(star)}
            />
            <span class="visually-hidden">{counted(star, 'star')}</span>
            <Star fill={value !== undefined && star <= value ? 'full' : 'none'} />
          </label>
        ))}
      </div>
      {error && (
        <p class="field-error" id={`${id}-error`}>
          {error}
        </p>
      )}
    </fieldset>
  );
}
