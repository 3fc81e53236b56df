import { Page } from '../../ui/page';

export default function Soon() {
  return <Page title="Soon">…</Page>;
}
