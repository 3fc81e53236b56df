import { useSignal } from '@preact/signals';
import { useQueryClient } from '@tanstack/preact-query';
import { useEffect, useId, useRef } from 'preact/hooks';
import type { Schema } from '../api/client';
import { announce, tell } from '../ui/announce';
import { Button } from '../ui/button';
import { Cover } from '../ui/cover';
import { Frame } from '../ui/field';
import { ProblemMessage } from '../ui/message';
import { refreshCatalogue } from './refresh';
import { sizeOf, types, UnusableCover, uploadCover, whatIsWrong } from './upload';

type Step = { at: 'choosing'; wrong?: string; problem?: unknown } | { at: 'sending'; part: number } | { at: 'making' };

/** The book's cover, and another in its place. */
export function CoverEditor({ book }: { book: Schema['Book'] }) {
  const queries = useQueryClient();
  const step = useSignal<Step>({ at: 'choosing' });
  const chosen = useSignal<{ file: File; preview: string } | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const upload = useRef<AbortController>();

  /** The file is of no use: the book's present cover is shown again, and another file can be chosen. */
  function refuse(wrong: string) {
    forget();
    step.value = { at: 'choosing', wrong };
    // The focus stays where it is, so nothing else would say it.
    announce(wrong);
  }

  function forget() {
    choose(undefined);
    if (input.current) input.current.value = '';
    focusField();
  }

  /** The button that had the focus goes, and until then the field takes none. */
  function focusField() {
    setTimeout(() => input.current?.focus());
  }

  function choose(file: File | undefined) {
    if (chosen.value) URL.revokeObjectURL(chosen.value.preview);
    chosen.value = file ? { file, preview: URL.createObjectURL(file) } : null;
    step.value = { at: 'choosing' };
  }

  useEffect(
    () => () => {
      upload.current?.abort();
      if (chosen.value) URL.revokeObjectURL(chosen.value.preview);
    },
    [chosen],
  );

  async function start({ file }: { file: File }) {
    const controller = new AbortController();
    upload.current = controller;
    step.value = { at: 'sending', part: 0 };
    try {
      await uploadCover(book.id, file, {
        signal: controller.signal,
        sent: (part) => {
          step.value = { at: 'sending', part };
        },
        arrived: () => {
          step.value = { at: 'making' };
        },
      });
      forget();
      tell('The book has its new cover.');
      refreshCatalogue(queries, book.id);
    } catch (error) {
      if (controller.signal.aborted) {
        step.value = { at: 'choosing' };
        focusField();
      } else if (error instanceof UnusableCover) refuse(error.message);
      else step.value = { at: 'choosing', problem: error };
    }
  }

  const now = step.value;
  const busy = now.at !== 'choosing';

  return (
    <section class="sheet stack" aria-labelledby="cover">
      <h2 id="cover">Cover</h2>
      <div class="cover-preview">
        {chosen.value ? (
          <div class="cover">
            <img
              src={chosen.value.preview}
              alt="Preview of the new cover"
              width={240}
              height={360}
              onError={() => refuse('This file is no picture, whatever its name says.')}
            />
          </div>
        ) : (
          <Cover book={book} sizes="10rem" first named />
        )}
      </div>
      <Frame
        label={book.cover ? 'Another picture' : 'Picture'}
        hint="JPEG, PNG or WebP, at most 10 MB."
        error={now.at === 'choosing' ? now.wrong : undefined}
      >
        {(joined) => (
          <input
            {...joined}
            ref={input}
            type="file"
            accept={types.join(',')}
            disabled={busy}
            onChange={({ currentTarget: { files } }) => {
              const file = files?.[0];
              const wrong = file && whatIsWrong(file);
              if (wrong) refuse(wrong);
              else choose(file);
            }}
          />
        )}
      </Frame>
      {now.at === 'choosing' && now.problem !== undefined && (
        <ProblemMessage error={now.problem} title="The cover is not uploaded" />
      )}
      {busy && <UploadProgress step={now} />}
      {chosen.value && (
        <div class="row">
          <Button kind="primary" busy={busy} onClick={() => chosen.value && start(chosen.value)}>
            Upload ({sizeOf(chosen.value.file)})
          </Button>
          {now.at === 'sending' && <Button onClick={() => upload.current?.abort()}>Stop</Button>}
        </div>
      )}
    </section>
  );
}

function UploadProgress({ step }: { step: Step }) {
  const id = useId();
  const percent = step.at === 'sending' ? Math.round(step.part * 100) : undefined;
  return (
    <div class="stack">
      <p id={id} role="status">
        {percent === undefined ? 'The pictures are being made…' : 'Uploading…'}
      </p>
      {/* Without a value it says that it does not know how long. */}
      <progress aria-labelledby={id} max={100} {...(percent !== undefined && { value: percent })} />
    </div>
  );
}
