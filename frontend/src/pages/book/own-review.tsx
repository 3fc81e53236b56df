import { Field as Control, Form, useForm } from '@formisch/preact';
import { useMutation, useQuery, useQueryClient } from '@tanstack/preact-query';
import { useEffect, useRef, useState } from 'preact/hooks';
import * as v from 'valibot';
import { api, body, type Schema } from '../../api/client';
import { Problem } from '../../api/problem';
import { user } from '../../session';
import { tell } from '../../ui/announce';
import { Button } from '../../ui/button';
import { Confirm } from '../../ui/confirm';
import { Field, TextArea } from '../../ui/field';
import { ProblemMessage } from '../../ui/message';
import { useOnce } from '../../ui/once';
import { RatingInput } from '../../ui/rating';
import { SkeletonText } from '../../ui/skeleton';

const text = (what: string, most: number) =>
  v.pipe(
    v.string(what),
    v.trim(),
    v.nonEmpty(what),
    // The contract counts code points.
    v.check((value) => [...value].length <= most, `At most ${most} characters, please.`),
  );

const ReviewText = v.object({
  rating: v.pipe(v.number('Please choose from one to five stars.'), v.minValue(1), v.maxValue(5)),
  name: text('Please choose a name for your review.', 50),
  text: text('Please write what you think of the book.', 2000),
});

async function ownReview(id: string, signal: AbortSignal): Promise<Schema['Review'] | null> {
  try {
    return await body(api.GET('/books/{id}/review', { params: { path: { id } }, signal }));
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return null;
    throw error;
  }
}

export function OwnReview({ bookId }: { bookId: string }) {
  const queryKey = ['own', 'review', bookId];
  const signedIn = user.value !== null;
  const [open, setOpen] = useState(false);
  const own = useQuery({ queryKey, queryFn: ({ signal }) => ownReview(bookId, signal), enabled: signedIn });

  function close() {
    // The button that had the focus goes with the form.
    document.getElementById('reviews')?.focus();
    setOpen(false);
  }

  if (!signedIn) {
    return (
      <p>
        <a href={`/sign-in?next=${encodeURIComponent(`/books/${bookId}`)}`}>Sign in to write a review</a>
      </p>
    );
  }
  if (!open) {
    return (
      <div class="row">
        <Button onClick={() => setOpen(true)}>{own.data ? 'Change your review' : 'Write a review'}</Button>
      </div>
    );
  }
  if (own.isPending) return <SkeletonText lines={4} />;
  if (own.data === undefined) return <ProblemMessage error={own.error} retry={own.refetch} />;
  return <ReviewForm key={own.data?.updatedAt} bookId={bookId} review={own.data} close={close} />;
}

interface ReviewFormProps {
  bookId: string;
  review: Schema['Review'] | null;
  close: () => void;
}

function ReviewForm({ bookId, review, close }: ReviewFormProps) {
  const params = { path: { id: bookId } };
  const heading = useRef<HTMLHeadingElement>(null);
  // The button that opened this had the focus, and is gone.
  useEffect(() => heading.current?.focus(), []);
  const queries = useQueryClient();
  const form = useForm({
    schema: ReviewText,
    initialInput: { rating: review?.rating, name: review?.name ?? '', text: review?.text ?? '' },
  });
  // Puts and deletes may be repeated as they are, so a failure needs no more than another press.
  const change = useMutation({
    mutationFn: (written: Schema['ReviewText'] | null) =>
      written
        ? body(api.PUT('/books/{id}/review', { params, body: written }))
        : api.DELETE('/books/{id}/review', { params }).then(() => null),
    onSuccess: async (kept) => {
      queries.setQueryData(['own', 'review', bookId], kept);
      tell(kept ? 'Your review is published.' : 'Your review is withdrawn.');
      close();
      await queries.invalidateQueries({ queryKey: ['book', bookId] });
    },
  });
  const save = useOnce((written: Schema['ReviewText'] | null) => change.mutateAsync(written).catch(() => undefined));
  const wrong = (field: string) => (change.error instanceof Problem ? change.error.at(`/${field}`) : undefined);

  return (
    <Form of={form} class="stack sheet" onSubmit={save}>
      <h3 ref={heading} tabIndex={-1}>
        {review ? 'Change your review' : 'Write a review'}
      </h3>
      <Control of={form} path={['rating']}>
        {(field) => (
          <RatingInput
            first={field.props.ref}
            value={field.input.value}
            error={field.errors.value?.[0] ?? wrong('rating')}
            onChange={field.onInput}
          />
        )}
      </Control>
      <Control of={form} path={['name']}>
        {(field) => (
          <Field
            field={field}
            label="Name"
            hint="Shown with your review. It need not be your real one."
            autocomplete="nickname"
            error={field.errors.value?.[0] ?? wrong('name')}
          />
        )}
      </Control>
      <Control of={form} path={['text']}>
        {(field) => <TextArea field={field} label="Review" error={field.errors.value?.[0] ?? wrong('text')} />}
      </Control>
      {change.error && <ProblemMessage error={change.error} title="Your review was not saved" />}
      <div class="row">
        <Button type="submit" kind="primary" busy={change.isPending}>
          {review ? 'Save the review' : 'Publish the review'}
        </Button>
        <Button kind="quiet" onClick={close}>
          Never mind
        </Button>
      </div>
      {review && (
        <Confirm
          label="Withdraw the review"
          question="Withdraw your review? It will be gone with its stars."
          yes="Yes, withdraw it"
          busy={change.isPending}
          onConfirm={() => save(null)}
        />
      )}
    </Form>
  );
}
