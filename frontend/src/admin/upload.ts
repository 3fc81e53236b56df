/** The way of a cover: the API permits it, the file goes straight to S3, and a function makes two pictures of it. */
import { api, body, type Schema } from '../api/client';
import { Problem } from '../api/problem';
import { clock } from './pause';

/** As the API says; whoever chooses a file should hear of it before a long upload. */
export const types = ['image/jpeg', 'image/png', 'image/webp'] as const;
const most = 10 * 1024 * 1024;

type ImageType = (typeof types)[number];

const isImageType = (type: string): type is ImageType => (types as readonly string[]).includes(type);

export function whatIsWrong(file: File): string | undefined {
  if (!isImageType(file.type)) return 'This is no JPEG, PNG or WebP picture.';
  if (file.size === 0) return 'This file is empty.';
  if (file.size > most) return `This file has ${sizeOf(file)}; a cover may have 10 MB at most.`;
}

export function sizeOf(file: File): string {
  const kilobytes = Math.ceil(file.size / 1024);
  return kilobytes < 1024 ? `${kilobytes} kB` : `${(kilobytes / 1024).toFixed(1)} MB`;
}

/** What a cover's upload comes to that is no failure of a request: its words are for people. */
export class UnusableCover extends Error {}

interface Progress {
  signal: AbortSignal;
  /** How much of the file is sent, from 0 to 1. */
  sent: (part: number) => void;
  /** All is sent, and the pictures are being made. */
  arrived: () => void;
}

export async function uploadCover(bookId: string, file: File, { signal, sent, arrived }: Progress): Promise<void> {
  if (!isImageType(file.type)) throw new UnusableCover(whatIsWrong(file));
  const permitted = await body(
    api.POST('/books/{id}/cover-uploads', {
      params: { path: { id: bookId } },
      body: { contentType: file.type, size: file.size },
      signal,
    }),
  );
  await send(permitted.upload, file, signal, sent);
  arrived();
  const end = await settled(bookId, permitted.id, signal);
  if (end.status === 'failed') throw new UnusableCover(end.reason ?? 'The file cannot become a cover.');
}

/** `fetch` does not tell how far an upload has come. */
function send(
  { method, url, headers }: Schema['PermittedCoverUpload']['upload'],
  file: File,
  signal: AbortSignal,
  sent: (part: number) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = () => {
      request.abort();
      reject(signal.reason);
    };
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => sent(event.total > 0 ? event.loaded / event.total : 0);
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve();
      // 403 is what S3 says when the permission has expired, or the file has changed since it was chosen.
      else if (request.status === 403) reject(new UnusableCover('The upload was refused. Choose the file again.'));
      else reject(new Problem(request.status));
    };
    request.onerror = () => reject(new Problem(0));
    request.onloadend = () => signal.removeEventListener('abort', abort);
    signal.addEventListener('abort', abort);
    request.send(file);
  });
}

/** Seconds between questions: most pictures are made within two, a large one and a cold start may take twenty. */
const pauses = [0.5, 0.5, 1, 1, 1, 2, 2, 2, 3, 3, 5, 5, 10, 10, 15];

async function settled(bookId: string, uploadId: string, signal: AbortSignal): Promise<Schema['CoverUpload']> {
  const params = { path: { id: bookId, uploadId } };
  for (const seconds of pauses) {
    await clock.pause(seconds * 1000, signal);
    const upload = await body(api.GET('/books/{id}/cover-uploads/{uploadId}', { params, signal }));
    if (upload.status !== 'waiting') return upload;
  }
  throw new UnusableCover('The pictures take longer than usual. Load the page again in a minute to see them.');
}
