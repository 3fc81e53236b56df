import * as v from 'valibot';

/** What the deployment knows and the build does not: one build serves every environment. */
const Config = v.object({
  apiUrl: v.pipe(v.string(), v.nonEmpty()),
  region: v.pipe(v.string(), v.nonEmpty()),
  userPoolId: v.pipe(v.string(), v.nonEmpty()),
  userPoolClientId: v.pipe(v.string(), v.nonEmpty()),
  cognitoUrl: v.pipe(v.string(), v.url()),
});

export type Config = v.InferOutput<typeof Config>;

/** The server says of this file that caches must ask before they answer, so a plain fetch is never out of date. */
export async function loadConfig(): Promise<Config> {
  const response = await fetch('/config.json');
  if (!response.ok) throw new Error(`config.json: ${response.status}`);
  return v.parse(Config, await response.json());
}
