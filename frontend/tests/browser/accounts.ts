/** What only an operator may do with accounts, by the AWS CLI: it knows the machine's credentials and where AWS is. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import type { Config } from '../../src/config';

export interface Account {
  email: string;
  password: string;
}

let made = 0;

/** Amazon's mailbox that takes everything: mail to an address that does not exist harms the account it is sent from. */
export const newAccount = (): Account => ({
  email: `success+${Date.now().toString(36)}-${process.pid}-${++made}@simulator.amazonses.com`,
  password: `${randomUUID()} is for one test`,
});

async function cognito({ region, userPoolId }: Config, operation: string, email: string, ...more: string[]) {
  const user = ['--user-pool-id', userPoolId, '--username', email];
  await promisify(execFile)('aws', ['cognito-idp', operation, '--region', region, ...user, ...more]);
}

/** An account whose address counts as confirmed, so that a forgotten password can be replaced. No mail is sent. */
export async function create(pool: Config, { email, password }: Account) {
  const attributes = [`Name=email,Value=${email}`, 'Name=email_verified,Value=true'];
  await cognito(pool, 'admin-create-user', email, '--message-action', 'SUPPRESS', '--user-attributes', ...attributes);
  await setPassword(pool, { email, password });
}

export const setPassword = (pool: Config, { email, password }: Account) =>
  cognito(pool, 'admin-set-user-password', email, '--password', password, '--permanent');

export const confirm = (pool: Config, { email }: Account) => cognito(pool, 'admin-confirm-sign-up', email);

export const makeAdministrator = (pool: Config, { email }: Account) =>
  cognito(pool, 'admin-add-user-to-group', email, '--group-name', 'admins');

export const remove = (pool: Config, { email }: Account) => cognito(pool, 'admin-delete-user', email);
