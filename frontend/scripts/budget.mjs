// What a first visit to the catalogue loads, in bytes as gzip sends them. Fails when it is more than we allow ourselves.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const budgets = { js: 45 * 1024, css: 12 * 1024 };

const manifest = JSON.parse(readFileSync('dist/.vite/manifest.json', 'utf8'));
const size = (file) => gzipSync(readFileSync(`dist/${file}`), { level: 6 }).length;
const sum = (files) => [...files].reduce((total, file) => total + size(file), 0);

function load(key, files) {
  const chunk = manifest[key];
  if (!chunk) throw new Error(`The build has no ${key}`);
  if (files.has(chunk.file)) return files;
  files.add(chunk.file);
  for (const imported of chunk.imports ?? []) load(imported, files);
  return files;
}

const scripts = load('index.html', new Set());
// All sheets, not those of the first page alone: nothing of them is worth a second request.
const sheets = new Set(Object.values(manifest).flatMap((chunk) => chunk.css ?? []));
const used = { js: sum(scripts), css: sum(sheets) };

for (const [kind, budget] of Object.entries(budgets)) {
  console.log(`${kind}: ${used[kind]} of ${budget} bytes (gzip)`);
  if (used[kind] > budget) process.exitCode = 1;
}
