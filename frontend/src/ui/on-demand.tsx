import type { ComponentType } from 'preact';
import { useLayoutEffect } from 'preact/hooks';
import { lazy } from 'preact-iso';
import { Failure } from './message';
import { Page } from './page';

/** A page whose code is loaded when it is first wanted. */
export function onDemand(load: () => Promise<{ default: ComponentType }>): ComponentType {
  /** Whether to ask again as soon as there is a connection: there was none, or one comes back to the page. */
  let again = false;

  /** What came instead. A browser need not ask again for a module that did not come; with the whole page it does. */
  function Missing() {
    useLayoutEffect(() => {
      if (again && navigator.onLine) location.reload();
      again = true;
    }, []);
    return <Unavailable />;
  }

  return lazy(() =>
    load().catch((error: unknown) => {
      console.error(error);
      again = !navigator.onLine;
      return { default: Missing };
    }),
  );
}

const reload = () => location.reload();

/** No connection, or a release that is gone: loading the whole page again helps with both. */
export function Unavailable() {
  useLayoutEffect(() => {
    addEventListener('online', reload);
    return () => removeEventListener('online', reload);
  }, []);
  return (
    <Page title="Not available" narrow>
      <Failure title="This page could not be loaded" retry={reload}>
        There is no connection, or a newer version of the shop.
      </Failure>
    </Page>
  );
}
