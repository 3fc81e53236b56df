import type { ComponentChildren } from 'preact';
import { Problem } from '../api/problem';
import { Button } from './button';

interface FailureProps {
  title: string;
  retry?: (() => void) | undefined;
  children?: ComponentChildren;
}

export function Failure({ title, retry, children }: FailureProps) {
  return (
    <div class="message failure" role="alert">
      <p class="message-title">{title}</p>
      {children && <p>{children}</p>}
      {retry && <Button onClick={retry}>Try again</Button>}
    </div>
  );
}

interface ProblemMessageProps {
  error: unknown;
  title?: string;
  retry?: () => void;
}

/** What went wrong, in words, with what belongs to no field of a form. */
export function ProblemMessage({ error, title = 'That did not work', retry }: ProblemMessageProps) {
  const problem = Problem.from(error);
  return (
    <Failure title={title} retry={problem.passing ? retry : undefined}>
      {problem.message}
      {problem.requestId && <small class="request-id">Request {problem.requestId}</small>}
    </Failure>
  );
}

export function Notice({ tone = 'info', children }: { tone?: 'info' | 'good' | 'warn'; children: ComponentChildren }) {
  return (
    <div class={`message ${tone}`} role="status">
      {children}
    </div>
  );
}

/** A place where nothing is yet, and what to do about it. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="message-title">{title}</p>
      {children}
    </div>
  );
}
