import { useRef } from 'preact/hooks';

/** Work that is not begun again while it is under way. A second press may come before the button looks busy. */
export function useOnce<Given extends unknown[]>(work: (...given: Given) => Promise<unknown>) {
  const underWay = useRef(false);
  return async (...given: Given) => {
    if (underWay.current) return;
    underWay.current = true;
    try {
      await work(...given);
    } finally {
      underWay.current = false;
    }
  };
}
