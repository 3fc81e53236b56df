import { useRef } from 'preact/hooks';
import { newKey } from '../api/key';

/**
 * Idempotency keys: a request that is sent again, as its answer did not arrive, has the key of the first time, and is
 * not carried out twice. Another request has another key, and so has the same one once it has succeeded.
 */
export function useKey() {
  const last = useRef<{ request: string; key: string }>();
  return {
    of(request: unknown): string {
      const text = JSON.stringify(request);
      if (last.current?.request !== text) last.current = { request: text, key: newKey() };
      return last.current.key;
    },
    done() {
      last.current = undefined;
    },
  };
}
