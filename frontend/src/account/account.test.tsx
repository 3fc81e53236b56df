import { cleanup, render, screen, waitFor } from '@testing-library/preact';
import userEvent from '@testing-library/user-event';
import { LocationProvider, Route, Router } from 'preact-iso';
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { signOut, startSession, user } from '../session';
import { FakeCognito, offline, POOL, refusal, tokens } from '../session/fake-cognito';
import { remember } from './pending';
import { accountRoutes } from './routes';

const EMAIL = 'ada@example.org';
const PASSWORD = 'a long sentence';

let cognito: FakeCognito;
const person = userEvent.setup();

beforeAll(() => startSession(POOL));
beforeEach(async () => {
  cognito = new FakeCognito();
  await signOut();
  cognito.asked = [];
  remember('');
});

/** The pages of the account, and a page for everything else that shows where one has come to. */
async function open(address: string) {
  history.replaceState(null, '', address);
  render(
    <LocationProvider>
      <Router>
        {accountRoutes.map(({ path, component }) => (
          <Route key={path} path={path} component={component} />
        ))}
        <Route default component={() => <h1>{location.pathname}</h1>} />
      </Router>
    </LocationProvider>,
  );
  await screen.findByRole('heading', { level: 1 });
}

const heading = (name: string) => screen.findByRole('heading', { level: 1, name });
const field = (label: string | RegExp) => screen.getByLabelText(label, { selector: 'input' });
const press = (name: string) => person.click(screen.getByRole('button', { name }));
const operations = () => cognito.asked.map(({ operation }) => operation);

describe('a new customer', () => {
  test('registers, confirms the address and is signed in where the way began', async () => {
    await open('/register?next=%2Fcheckout');
    await person.type(field('E-mail address'), ` ${EMAIL} `);
    await person.type(field('Password'), PASSWORD);
    await press('Create the account');

    await heading('Confirm your address');
    expect(screen.getByRole('status').textContent).toContain(EMAIL);
    expect(field('E-mail address')).toHaveProperty('value', EMAIL);
    cognito.answers = [() => Response.json({}), tokens('first')];
    await person.type(field('Code from the e-mail'), '123 456');
    await press('Confirm');

    await heading('/checkout');
    expect(user.value).not.toBeNull();
    expect(operations()).toEqual(['SignUp', 'ConfirmSignUp', 'InitiateAuth']);
    expect(cognito.asked[0]?.body).toMatchObject({ Username: EMAIL, Password: PASSWORD });
    expect(cognito.asked[1]?.body).toMatchObject({ Username: EMAIL, ConfirmationCode: '123456' });
  });

  test('who confirms later signs in afterwards', async () => {
    await open('/confirm?next=%2Fcheckout');
    await person.type(field('E-mail address'), EMAIL);
    await person.type(field('Code from the e-mail'), '123456');
    await press('Confirm');
    await heading('Sign in');
    expect(location.search).toBe('?next=%2Fcheckout');
    expect(field('E-mail address')).toHaveProperty('value', EMAIL);
  });

  test('gets a new code', async () => {
    await open('/confirm');
    await press('Send a new code');
    expect(screen.getByText('Enter your e-mail address.')).toBeTruthy();
    await person.type(field('E-mail address'), EMAIL);
    await press('Send a new code');
    await screen.findByText(/A new code is on its way to ada@example.org/);
    expect(operations()).toEqual(['ResendConfirmationCode']);
  });

  test('reads nothing of the old code any more once there is a new one', async () => {
    await open('/confirm');
    await person.type(field('E-mail address'), EMAIL);
    await person.type(field('Code from the e-mail'), '111111');
    cognito.answers = [refusal('CodeMismatchException', 'Invalid verification code provided, please try again.')];
    await press('Confirm');
    await waitFor(() => expect(field('Code from the e-mail').getAttribute('aria-invalid')).toBe('true'));
    await press('Send a new code');
    await screen.findByText(/A new code is on its way/);
    expect(field('Code from the e-mail').getAttribute('aria-invalid')).not.toBe('true');
  });

  test('hears of a password that is too short before anything is sent', async () => {
    await open('/register');
    await person.type(field('E-mail address'), EMAIL);
    await person.type(field('Password'), 'short');
    await press('Create the account');
    await waitFor(() => expect(field('Password').getAttribute('aria-invalid')).toBe('true'));
    expect(document.activeElement).toBe(field('Password'));
    expect(cognito.asked).toEqual([]);
  });

  test.each([
    ['UsernameExistsException', 'An account with the given email already exists.', 'E-mail address', /is an account/],
    ['InvalidPasswordException', 'Password did not conform with policy', 'Password', /At least 10 characters/],
    ['InvalidParameterException', 'Username should be an email.', 'E-mail address', /is not an e-mail address/],
  ])('hears of %s at its field, which has the focus', async (type, message, label, words) => {
    await open('/register');
    await person.type(field('E-mail address'), EMAIL);
    await person.type(field('Password'), PASSWORD);
    cognito.answers = [refusal(type, message)];
    await press('Create the account');
    await waitFor(() => expect(field(label).getAttribute('aria-invalid')).toBe('true'));
    expect(described(field(label))).toMatch(words);
    expect(document.activeElement).toBe(field(label));
  });
});

describe('signing in', () => {
  async function signIn(answer: () => Response) {
    await person.type(field('E-mail address'), EMAIL);
    await person.type(field('Password'), PASSWORD);
    cognito.answers = [answer];
    await press('Sign in');
  }

  test('leads back', async () => {
    await open('/sign-in?next=%2Forders%3Fpage%3D2');
    await signIn(tokens('first'));
    await heading('/orders');
    expect(location.search).toBe('?page=2');
  });

  test.each(['https://elsewhere.test/shop', '//elsewhere.test', '/\\elsewhere.test', 'javascript:alert(1)', 'http://'])(
    'does not lead to %s',
    async (next) => {
      await open(`/sign-in?next=${encodeURIComponent(next)}`);
      await signIn(tokens('first'));
      await heading('/');
      expect(location.origin).toBe('https://shop.test');
    },
  );

  test('with a wrong password says what to do', async () => {
    await open('/sign-in');
    await signIn(refusal('NotAuthorizedException', 'Incorrect username or password.'));
    await waitFor(() => expect(document.activeElement).toBe(field('Password')));
    expect(described(field('Password'))).toMatch(/Check both, or choose a new password/);
    // What was typed is still there, and the complaint is gone once it is changed.
    expect(field('E-mail address')).toHaveProperty('value', EMAIL);
    await person.type(field('Password'), '!');
    await waitFor(() => expect(field('Password').getAttribute('aria-invalid')).toBeNull());
  });

  test('before confirming leads to the code, and from there in', async () => {
    await open('/sign-in?next=%2Forders');
    await signIn(refusal('UserNotConfirmedException'));
    await heading('Confirm your address');
    cognito.answers = [() => Response.json({}), tokens('first')];
    await person.type(field('Code from the e-mail'), '123456');
    await press('Confirm');
    await heading('/orders');
  });

  test.each([
    ['too many wrong passwords', refusal('NotAuthorizedException', 'Password attempts exceeded'), /too many wrong/],
    ['too many requests', refusal('TooManyRequestsException'), /Try again in a minute/],
    ['no connection', offline, /does not answer/],
    ['a failure without a name', refusal('AliasOfSomethingNewException'), /AliasOfSomethingNew/],
  ])('tells of %s above the form', async (_, answer, words) => {
    await open('/sign-in');
    await signIn(answer);
    expect((await screen.findByRole('alert')).textContent).toMatch(words);
  });

  test('shows the password on request', async () => {
    await open('/sign-in');
    expect(field('Password')).toHaveProperty('type', 'password');
    await press('Show the password');
    expect(field('Password')).toHaveProperty('type', 'text');
    await press('Hide the password');
    expect(field('Password')).toHaveProperty('type', 'password');
  });
});

test('a forgotten password is replaced by a code, and the way back leads to no form of it', async () => {
  const entries = vi.spyOn(history, 'pushState');
  await open('/sign-in');
  await person.click(screen.getByRole('link', { name: 'Forgotten your password?' }));
  await heading('Forgotten password');
  await person.type(field('E-mail address'), EMAIL);
  await press('Send the code');
  await heading('Choose a new password');

  cognito.answers = [refusal('CodeMismatchException'), () => Response.json({}), tokens('first')];
  await person.type(field('Code from the e-mail'), '111111');
  await person.type(field('New password'), PASSWORD);
  await press('Set it and sign in');
  await waitFor(() => expect(document.activeElement).toBe(field('Code from the e-mail')));
  await person.clear(field('Code from the e-mail'));
  await person.type(field('Code from the e-mail'), '654321');
  await press('Set it and sign in');

  await heading('/');
  expect(user.value).not.toBeNull();
  expect(entries).not.toHaveBeenCalled();
  expect(cognito.asked[2]?.body).toMatchObject({ Username: EMAIL, ConfirmationCode: '654321', Password: PASSWORD });
});

test('the account says who is signed in, and signs out', async () => {
  cognito.answers = [tokens('first')];
  await open('/sign-in?next=%2Faccount');
  await person.type(field('E-mail address'), EMAIL);
  await person.type(field('Password'), PASSWORD);
  await press('Sign in');
  await heading('Your account');
  expect(screen.getByText('ada.lovelace@exämple.org')).toBeTruthy();
  await press('Sign out');
  await heading('You are signed out');
  expect(user.value).toBeNull();
  expect(location.pathname).toBe('/account');
});

test.each(['/sign-in', '/register', '/forgotten-password', '/reset-password'])(
  'whoever is signed in is led on from %s',
  async (page) => {
    user.value = { sub: 'ada', email: EMAIL, isAdmin: false };
    await open(`${page}?next=%2Fcheckout`);
    await heading('/checkout');
  },
);

test('another password is chosen from the account', async () => {
  user.value = { sub: 'ada', email: EMAIL, isAdmin: false };
  await open('/account');
  await person.click(screen.getByRole('link', { name: 'Choose a new password' }));
  await heading('Forgotten password');
  expect(field('E-mail address')).toHaveProperty('value', EMAIL);
});

test('a reload keeps the address, and no password', async () => {
  await open('/register');
  await person.type(field('E-mail address'), EMAIL);
  await person.type(field('Password'), PASSWORD);
  await press('Create the account');
  await heading('Confirm your address');
  cleanup();
  vi.resetModules();
  const again = await import('./pending');
  expect(again.pending.email).toBe(EMAIL);
  expect(again.pending.password).toBeUndefined();
  expect(sessionStorage).toHaveLength(1);
});

test('the account leads whoever is not signed in to the sign-in, and back', async () => {
  await open('/account');
  await heading('Sign in');
  expect(location.search).toBe('?next=%2Faccount');
});

test('password managers find their fields', async () => {
  await open('/reset-password');
  const purposes = [...document.querySelectorAll('input')].map((input) => input.autocomplete);
  expect(purposes).toEqual(['username', 'one-time-code', 'new-password']);
});

function described(control: HTMLElement): string {
  const ids = control.getAttribute('aria-describedby')?.split(' ') ?? [];
  return ids.map((id) => document.getElementById(id)?.textContent).join(' ');
}
