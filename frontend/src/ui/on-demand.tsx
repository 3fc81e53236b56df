import type { ComponentType } from 'preact';
import { lazy } from 'preact-iso';
import { Failure } from './message';
import { Page } from './page';

/** A page whose code is loaded when it is first wanted. */
export function onDemand(load: () => Promise<{ default: ComponentType }>): ComponentType {
  return lazy(() =>
    load().catch((error: unknown) => {
      console.error(error);
      return { default: Unavailable };
    }),
  );
}

/** No connection, or a release that is gone: loading the whole page again helps with both. */
export function Unavailable() {
  return (
    <Page title="Not available" narrow>
      <Failure title="This page could not be loaded" retry={() => location.reload()}>
        There is no connection, or a newer version of the shop.
      </Failure>
    </Page>
  );
}
