/** A place that will be filled, as wide as its class says. */
export function Skeleton({ kind }: { kind: 'line' | 'short' | 'title' | 'cover' | 'block' }) {
  return <span class={`skeleton ${kind}`} aria-hidden="true" />;
}

export function SkeletonText({ lines }: { lines: number }) {
  return (
    <div class="stack" aria-busy="true">
      <span class="visually-hidden">Loading…</span>
      {Array.from({ length: lines }, (_, line) => (
        <Skeleton key={line} kind={line === lines - 1 ? 'short' : 'line'} />
      ))}
    </div>
  );
}
