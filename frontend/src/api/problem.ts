import * as v from 'valibot';

const Body = v.object({
  detail: v.string(),
  requestId: v.optional(v.string()),
  errors: v.optional(
    v.array(v.object({ detail: v.string(), pointer: v.optional(v.string()), parameter: v.optional(v.string()) })),
    [],
  ),
});

export interface Mistake {
  detail: string;
  pointer?: string | undefined;
  parameter?: string | undefined;
}

/** What a person reads where the answer has no words for people: from the gateway, or none at all. */
const words: Record<number, string> = {
  0: 'The shop did not answer. Your connection may be interrupted.',
  401: 'You are not signed in any more. Please sign in again.',
  403: 'Only administrators may do this.',
  404: 'There is nothing at this address.',
  413: 'This is too large.',
  429: 'The shop is very busy. Please try again in a moment.',
  503: 'The shop is busy. Please try again in a moment.',
};

/** Everything that can go wrong with a request; `status` is 0 when no answer came. */
export class Problem extends Error {
  override name = 'Problem';
  readonly status: number;
  readonly mistakes: readonly Mistake[];
  readonly requestId: string | undefined;

  constructor(status: number, detail?: string, mistakes: readonly Mistake[] = [], requestId?: string) {
    super(detail ?? words[status] ?? 'Something went wrong in the shop. Please try again.');
    this.status = status;
    this.mistakes = mistakes;
    this.requestId = requestId;
  }

  /** The same request may succeed later. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }

  /** The request may have been carried out all the same. */
  get unknown(): boolean {
    return this.status === 0 || this.status >= 500;
  }

  /** What is wrong with the field at a JSON Pointer. */
  at(pointer: string): string | undefined {
    return this.mistakes.find((mistake) => mistake.pointer === pointer)?.detail;
  }

  static async of(response: Response): Promise<Problem> {
    const { status } = response;
    const kind = response.headers.get('content-type') ?? '';
    if (!kind.startsWith('application/problem+json')) return new Problem(status);
    const body = v.safeParse(Body, await response.json().catch(() => undefined));
    if (!body.success) return new Problem(status);
    // The words of a 500 are for those who read logs.
    const detail = status >= 500 ? undefined : body.output.detail;
    return new Problem(status, detail, body.output.errors, body.output.requestId);
  }

  /** Whatever was thrown. A fault of our own code is no problem of the network: it stays what it is. */
  static from(error: unknown): Problem {
    return error instanceof Problem ? error : new Problem(-1, 'This page has a fault. Please load it again.');
  }
}
