/** A new Idempotency-Key. Not `randomUUID`: browsers have that under HTTPS only, and a static website on S3 has none. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
