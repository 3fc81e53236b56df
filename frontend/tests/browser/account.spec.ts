import type { Page } from '@playwright/test';
import * as accounts from './accounts';
import { fillSignIn, heading, signIn } from './pages';
import { expect, test } from './test';

/**
 * Codes come by mail, which a test cannot read. Where they are known beforehand, as in a local cloud, this names the one
 * that confirms an address and the one for a forgotten password; elsewhere an operator does what the code would.
 */
const [confirmation, forgotten] = process.env.CONFIRMATION_CODES?.split(' ') ?? [];

const accountLink = (page: Page) => page.getByRole('link', { name: /^success/ });

test(`a visitor registers, confirms ${confirmation ? 'by the code' : '(an operator does)'} and signs out`, async ({
  page,
  shop,
  account,
}) => {
  await page.goto('/checkout');
  await page.getByRole('link', { name: 'Create an account' }).click();
  await expect(heading(page, 'Create an account')).toBeVisible();
  await page.getByLabel('E-mail address').fill(account.email);
  await page.getByLabel('Password', { exact: true }).fill('too short');
  await page.getByRole('button', { name: 'Create the account' }).click();
  await expect(page.getByLabel('Password', { exact: true })).toBeFocused();
  await page.getByLabel('Password', { exact: true }).fill(account.password);
  await page.getByRole('button', { name: 'Create the account' }).click();

  await expect(heading(page, 'Confirm your address')).toBeVisible();
  await expect(page.getByText(`We have sent a code to ${account.email}`)).toBeVisible();
  if (confirmation) {
    await page.getByLabel('Code from the e-mail').fill(confirmation);
    await page.getByRole('button', { name: 'Confirm' }).click();
  } else {
    await accounts.confirm(shop.config, account);
    await page.getByRole('link', { name: 'Sign in' }).click();
    await fillSignIn(page, account);
  }

  await expect(accountLink(page)).toBeVisible();
  if (confirmation) await expect(page).toHaveURL('/checkout');
  await accountLink(page).click();
  await expect(page.getByText(`You are signed in as ${account.email}`)).toBeVisible();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(heading(page, 'You are signed out')).toBeVisible();
  await page.goto('/orders');
  await expect(heading(page, 'Sign in')).toBeVisible();
});

test('a wrong password is told at its field', async ({ page, shop }) => {
  await page.goto('/sign-in');
  await fillSignIn(page, { ...shop.administrator, password: 'not the password' });
  await expect(page.getByLabel('Password', { exact: true })).toBeFocused();
  await expect(page.getByLabel('Password', { exact: true })).toHaveAccessibleDescription(/Check both/);
});

test(`a forgotten password is replaced ${forgotten ? 'by the code' : '(an operator does)'}`, async ({
  page,
  shop,
  account,
}) => {
  await accounts.create(shop.config, account);
  const changed = { ...account, password: `${account.password}, another one` };
  await page.goto('/sign-in?next=%2Forders');
  await page.getByRole('link', { name: 'Forgotten your password?' }).click();
  await expect(heading(page, 'Forgotten password')).toBeVisible();
  await page.getByLabel('E-mail address').fill(account.email);
  await page.getByRole('button', { name: 'Send the code' }).click();
  await expect(heading(page, 'Choose a new password')).toBeVisible();
  if (forgotten) {
    await page.getByLabel('Code from the e-mail').fill('000000');
    await page.getByLabel('New password', { exact: true }).fill(changed.password);
    await page.getByRole('button', { name: 'Set it and sign in' }).click();
    await expect(page.getByLabel('Code from the e-mail')).toHaveAccessibleDescription(/not the code/);
    await page.getByLabel('Code from the e-mail').fill(forgotten);
    await page.getByRole('button', { name: 'Set it and sign in' }).click();
  } else {
    await accounts.setPassword(shop.config, changed);
    await page.goto('/sign-in?next=%2Forders');
    await signIn(page, changed);
  }
  await expect(heading(page, 'Your orders')).toBeVisible();
  await accountLink(page).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('link', { name: 'sign in again' }).click();
  await signIn(page, changed);
});

test.describe('a session', () => {
  test.use({ who: 'customer' });

  const change = (page: Page, change: object) =>
    page.evaluate((change) => {
      const key = Object.keys(localStorage).find((name) => name.startsWith('session:')) ?? '';
      localStorage.setItem(key, JSON.stringify({ ...JSON.parse(localStorage.getItem(key) ?? ''), ...change }));
    }, change);

  test('is renewed when its token is about to expire', async ({ page, shop }) => {
    await page.goto('/');
    await expect(accountLink(page)).toBeVisible();
    await change(page, { expires: Date.now() + 1000 });
    const renewal = page.waitForRequest(
      (request) =>
        request.url().startsWith(shop.config.cognitoUrl) && /REFRESH_TOKEN_AUTH/.test(request.postData() ?? ''),
    );
    await page.goto('/orders');
    await renewal;
    await expect(
      page.getByText('You have not ordered anything yet').or(page.getByRole('listitem')).first(),
    ).toBeVisible();
    await expect(accountLink(page)).toBeVisible();
  });

  test('that cannot be renewed ends with a word about it', async ({ page }) => {
    await page.goto('/');
    await expect(accountLink(page)).toBeVisible();
    await change(page, { expires: Date.now() + 1000, refreshToken: 'revoked' });
    await page.goto('/orders');
    await expect(heading(page, 'Sign in')).toBeVisible();
    await expect(page.getByText('Your session has ended.')).toBeVisible();
  });
});
