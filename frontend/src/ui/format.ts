import type { Schema } from '../api/client';

const formats = new Map<string, Intl.NumberFormat>();

/** An amount in hundredths, as people write it. */
export function money({ amount, currency }: Schema['Total']): string {
  let format = formats.get(currency);
  if (!format) {
    format = new Intl.NumberFormat('en-GB', { style: 'currency', currency });
    formats.set(currency, format);
  }
  return format.format(amount / 100);
}

const days = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long' });
const minutes = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

export const day = (time: string) => days.format(new Date(time));
export const minute = (time: string) => minutes.format(new Date(time));

/** `science-fiction` as `Science fiction`. */
export function categoryName(category: string): string {
  const words = category.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export const counted = (count: number, one: string, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;
