import { type FormStore, focus, setErrors } from '@formisch/preact';
import { Problem } from '../api/problem';

/**
 * Shows what the API found wrong at the fields that it is about, by their JSON Pointers. False when some of it is about
 * none of `places`, and has to be told elsewhere.
 */
export function placeProblem(form: unknown, error: unknown, places: Record<string, readonly string[]>): boolean {
  if (!(error instanceof Problem) || error.mistakes.length === 0) return false;
  let first = true;
  let all = true;
  for (const { pointer = '', detail } of error.mistakes) {
    const path = places[pointer];
    if (!path) {
      all = false;
      continue;
    }
    // Formisch types a path by its form; here it is any form that has these places.
    setErrors(form as FormStore, { path, errors: [sentence(detail)] } as never);
    if (first) focus(form as FormStore, { path } as never);
    first = false;
  }
  return all;
}

const sentence = (detail: string) => `${detail.charAt(0).toUpperCase()}${detail.slice(1)}.`.replace('..', '.');
