import { HttpResponse, http } from 'msw';
import { expect, test } from 'vitest';
import { server } from '../tests/server';
import { loadConfig } from './config';

const config = {
  apiUrl: '/api',
  region: 'eu-central-1',
  userPoolId: 'eu-central-1_abc',
  userPoolClientId: 'client',
  cognitoUrl: 'https://cognito-idp.eu-central-1.amazonaws.com',
};

const answers = (response: () => Response) => server.use(http.get('https://shop.test/config.json', response));

test('the settings are those of the deployment, with an API at another origin or at this one', async () => {
  answers(() => HttpResponse.json({ ...config, later: 'unknown to this build' }));
  expect(await loadConfig()).toEqual(config);
});

test('settings that lack something are none', async () => {
  const { userPoolClientId: _, ...less } = config;
  answers(() => HttpResponse.json(less));
  await expect(loadConfig()).rejects.toThrow('userPoolClientId');
});

test('a deployment without settings is an error, and so is a page in their place', async () => {
  answers(() => new HttpResponse(null, { status: 404 }));
  await expect(loadConfig()).rejects.toThrow('404');
  answers(() => HttpResponse.html('<!doctype html>'));
  await expect(loadConfig()).rejects.toThrow();
});
