/** The browser's storage of JSON values. Where it is switched off or full, they live as long as the page. */
function keeper(storage: () => Storage) {
  const memory = new Map<string, string>();
  return {
    get(key: string): unknown {
      try {
        return JSON.parse(memory.get(key) ?? storage().getItem(key) ?? 'null');
      } catch {
        return null;
      }
    },
    set(key: string, value: unknown) {
      const text = JSON.stringify(value);
      try {
        storage().setItem(key, text);
        memory.delete(key);
      } catch {
        memory.set(key, text);
      }
    },
    remove(key: string) {
      memory.delete(key);
      try {
        storage().removeItem(key);
      } catch {
        // Then it never held the value.
      }
    },
  };
}

/** For all tabs, and for the next visit. */
export const local = keeper(() => localStorage);

/** For this tab, through reloads. */
export const tab = keeper(() => sessionStorage);
