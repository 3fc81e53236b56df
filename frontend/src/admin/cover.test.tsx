import { fireEvent, screen, waitFor } from '@testing-library/preact';
import { http as anywhere, HttpResponse } from 'msw';
import { beforeEach, expect, test, vi } from 'vitest';
import { http, server } from '../../tests/server';
import { book } from '../../tests/shop';
import type { Schema } from '../api/client';
import { clock } from './pause';
import { described, open, person, press } from './testing';

const UPLOAD = '0193564f-7c11-7a3b-8d2e-5f6071829300';
const kept = { 'cache-control': 'no-store' } as const;
const picture = new File([new Uint8Array(2048)], 'cover.png', { type: 'image/png' });
const permitted: Schema['PermittedCoverUpload'] = {
  id: UPLOAD,
  status: 'waiting',
  upload: {
    method: 'PUT',
    url: 'https://uploads.test/covers/it?signature=s',
    headers: { 'content-type': 'image/png', 'x-amz-tagging': 'kind=cover' },
    expiresAt: '2026-11-25T09:45:00Z',
  },
};

let current: Schema['BookWithReviews'];
let log: string[];
/** What becomes of the upload, one answer after the other; the last one stays. */
let states: Schema['CoverUpload'][];

beforeEach(() => {
  // Between two questions no time passes.
  vi.spyOn(clock, 'pause').mockResolvedValue();
  current = book(1);
  log = [];
  states = [{ id: UPLOAD, status: 'done' }];
  server.use(
    http.get('/categories', ({ response }) =>
      response(200).json({ items: [] }, { headers: { 'cache-control': 'public, max-age=30', etag: '"c"' } }),
    ),
    http.get('/books/{id}', ({ response }) =>
      response(200).json(current, { headers: { 'cache-control': 'no-cache', etag: '"1-0"' } }),
    ),
    http.post('/books/{id}/cover-uploads', async ({ request, response }) => {
      log.push(`permit ${JSON.stringify(await request.json())}`);
      return response(201).json(permitted, { headers: { ...kept, location: '/' } });
    }),
    anywhere.put('https://uploads.test/covers/it', async ({ request }) => {
      const { byteLength } = await request.arrayBuffer();
      log.push(`put ${request.headers.get('content-type')} ${request.headers.get('x-amz-tagging')} ${byteLength}`);
      // The signature is all that it takes; a token is nothing for S3.
      expect(request.headers.get('authorization')).toBeNull();
      return new HttpResponse(null, { status: 200 });
    }),
    http.get('/books/{id}/cover-uploads/{uploadId}', ({ params, response }) => {
      const state = states.length > 1 ? states.shift() : states[0];
      log.push(`ask ${params.uploadId === UPLOAD} ${state?.status}`);
      if (state?.status === 'done') current.cover = { small: 'https://covers.test/s', large: 'https://covers.test/l' };
      return response(200).json(state as Schema['CoverUpload'], { headers: kept });
    }),
  );
});

const said = (place: HTMLElement) => place.textContent;
const input = () => screen.findByLabelText<HTMLInputElement>(/icture/, { selector: 'input' });

async function choose(file: File) {
  open(`/admin/books/${current.id}`);
  // Not by the filter of `accept`: a person can choose any file all the same.
  await person.upload(await input(), file);
}

test('a cover is previewed, sent as permitted, and shown when its pictures are made', async () => {
  states = [{ id: UPLOAD, status: 'waiting' }, ...states];
  await choose(picture);
  expect(screen.getByAltText<HTMLImageElement>('Preview of the new cover').src).toMatch(/^blob:/);
  expect(log).toEqual([]);

  await press('Upload (2 kB)');
  await waitFor(() => expect(document.querySelector('img[srcset*="covers.test"]')).not.toBeNull());
  expect(log).toEqual([
    'permit {"contentType":"image/png","size":2048}',
    'put image/png kind=cover 2048',
    'ask true waiting',
    'ask true done',
  ]);
  await screen.findByText('The book has its new cover.');
  expect(screen.queryByAltText('Preview of the new cover')).toBeNull();
  expect(screen.queryByRole('progressbar')).toBeNull();
});

test('while it is under way a progress bar says how far it is, and it can be stopped', async () => {
  let arrived = () => {};
  server.use(
    anywhere.put('https://uploads.test/covers/it', async () => {
      arrived();
      return new Promise<never>(() => undefined);
    }),
  );
  const underway = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  await choose(picture);
  await press(/^Upload/);
  await underway;
  expect(screen.getByRole('progressbar', { name: 'Uploading…' })).toBeTruthy();
  expect(await input()).toHaveProperty('disabled', true);
  await press('Stop');
  await waitFor(() => expect(screen.queryByRole('progressbar')).toBeNull());
  // The file is still chosen, to try again.
  expect(screen.getByRole('button', { name: /^Upload/ })).toBeTruthy();
  expect(screen.queryByRole('alert')).toBeNull();
});

test('a file that cannot become a cover is told with the reason, and the present cover is there again', async () => {
  current.cover = { small: 'https://covers.test/old', large: 'https://covers.test/old' };
  states = [{ id: UPLOAD, status: 'failed', reason: 'The file is no PNG image.' }];
  await choose(picture);
  await press(/^Upload/);
  await waitFor(async () => expect(described(await input())).toContain('The file is no PNG image.'));
  await waitFor(() => expect(screen.getAllByRole('status').map(said)).toContain('The file is no PNG image.'));
  expect(screen.getByAltText<HTMLImageElement>('Cover of Book 1').src).toBe('https://covers.test/old');
  expect(screen.queryByRole('button', { name: /^Upload/ })).toBeNull();
  await waitFor(async () => expect(document.activeElement).toBe(await input()));
});

test('a file that is a picture by its name only is refused before anything is sent', async () => {
  await choose(picture);
  fireEvent.error(screen.getByAltText('Preview of the new cover'));
  await waitFor(async () => expect(described(await input())).toMatch(/no picture/));
  expect(screen.queryByAltText('Preview of the new cover')).toBeNull();
  expect(screen.queryByRole('button', { name: /^Upload/ })).toBeNull();
  expect(log).toEqual([]);
});

test('after a refusal of S3 the file is chosen again', async () => {
  server.use(anywhere.put('https://uploads.test/covers/it', () => new HttpResponse(null, { status: 403 })));
  await choose(picture);
  await press(/^Upload/);
  await screen.findAllByText('The upload was refused. Choose the file again.');
  expect(screen.queryByRole('button', { name: /^Upload/ })).toBeNull();
});

test.each([
  ['of another kind', new File(['GIF89a'], 'cover.gif', { type: 'image/gif' }), /no JPEG, PNG or WebP/],
  ['that is empty', new File([], 'cover.png', { type: 'image/png' }), /is empty/],
  [
    'that is too large',
    new File([new Uint8Array(10 * 1024 * 1024 + 1)], 'cover.png', { type: 'image/png' }),
    /has 10.0 MB; a cover may have 10 MB/,
  ],
])('a file %s is refused before anything is sent', async (_, file, words) => {
  open(`/admin/books/${current.id}`);
  const chosen = await input();
  Object.defineProperty(chosen, 'files', { value: [file] });
  chosen.dispatchEvent(new Event('change', { bubbles: true }));
  await waitFor(() => expect(described(chosen)).toMatch(words));
  expect(screen.queryByRole('button', { name: /^Upload/ })).toBeNull();
  expect(log).toEqual([]);
});

test.each([
  ['S3 is not to be reached', () => HttpResponse.error(), 'The cover is not uploaded'],
  ['S3 fails', () => new HttpResponse(null, { status: 503 }), 'The cover is not uploaded'],
])('when %s it says so, and the file stays chosen', async (_, answer, words) => {
  server.use(anywhere.put('https://uploads.test/covers/it', answer));
  await choose(picture);
  await press(/^Upload/);
  await screen.findAllByText(words);
  expect(screen.getByRole('button', { name: /^Upload/ })).toBeTruthy();
});

test('pictures that take very long are waited for only so long', async () => {
  states = [{ id: UPLOAD, status: 'waiting' }];
  await choose(picture);
  await press(/^Upload/);
  await screen.findAllByText(/take longer than usual/);
});
