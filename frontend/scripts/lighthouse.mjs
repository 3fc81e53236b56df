// Lighthouse's four categories for the catalogue and a book of a deployed site, as on a phone. Fails below the least.
// Lighthouse is no dependency: it weighs as much as all that the tests and the build need together.
import { execFile, execFileSync } from 'node:child_process';
import { parseArgs, promisify } from 'node:util';
import { chromium } from '@playwright/test';

const version = '12.8.2'; // the last for Node 20
const categories = ['performance', 'accessibility', 'best-practices', 'seo'];

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { least: { type: 'string', default: '98' }, desktop: { type: 'boolean', default: false } },
});
const [site] = positionals;
if (!site) {
  console.error('Which site? npm run lighthouse -- URL [--desktop] [--least 98]');
  process.exit(2);
}

const onPath = 'command -v chromium || command -v google-chrome || true';
const browser =
  process.env.CHROMIUM || execFileSync('sh', ['-c', onPath], { encoding: 'utf8' }).trim() || chromium.executablePath();
const sandbox = process.getuid() === 0 ? ['--no-sandbox'] : []; // which refuses root

/** The address of the first book; asked from the page, as only browsers know where names below `localhost` are. */
async function firstBook() {
  const opened = await chromium.launch({ executablePath: browser, args: sandbox });
  try {
    const page = await opened.newPage();
    await page.goto(site);
    return await page
      .locator('.book-card a')
      .first()
      .evaluate((link) => link.href);
  } finally {
    await opened.close();
  }
}

async function scores(address) {
  const flags = [
    `--chrome-flags=${['--headless=new', ...sandbox].join(' ')}`,
    ...(values.desktop ? ['--preset=desktop'] : []),
  ];
  const command = ['--yes', `lighthouse@${version}`, address, '--quiet', '--output=json', ...flags];
  const only = `--only-categories=${categories}`;
  const { stdout } = await promisify(execFile)('npx', [...command, only], {
    env: { ...process.env, CHROME_PATH: browser },
    maxBuffer: 64 * 1024 * 1024,
  });
  const report = JSON.parse(stdout);
  if (report.runtimeError) throw new Error(`${address}: ${report.runtimeError.message}`);
  return report;
}

for (const address of [site, await firstBook()]) {
  const { categories: found, audits } = await scores(address);
  console.log(address);
  for (const id of categories) {
    const score = Math.round(found[id].score * 100);
    console.log(`  ${String(score).padStart(3)}  ${found[id].title}`);
    if (score >= Number(values.least)) continue;
    process.exitCode = 1;
    for (const { id: audit, weight } of found[id].auditRefs) {
      const { score: part, title, displayValue = '' } = audits[audit];
      if (weight > 0 && part !== null && part < 1) console.log(`       ${title} ${displayValue}`);
    }
  }
}
