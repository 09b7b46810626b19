/**
 * The product's story, as two people live it in two browser windows: an accident, a sentence, a form that is corrected,
 * a sign-off, and a copy whose data is looked at from outside. The pictures of the README are taken on the way.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { Client } from 'pg';
import { openBrowser, phone, type WindowSize, type Windows } from '../../fixtures/browser-windows';
import { startLocalEnvironment, type LocalEnvironment } from '../../fixtures/local-environment';
import { repositoryDir } from '../../fixtures/supervisor/processes';

jest.setTimeout(240_000);

/** High enough to hold a whole thread, so that nothing of it is scrolled away in a picture. */
const pictureWindow: WindowSize = { width: 900, height: 1_500, sharpness: 2 };
const picturesAreWanted = process.env['UPDATE_SCREENSHOTS'] === '1';
const picturesDir = join(repositoryDir, 'docs', 'screenshots');

let environment: LocalEnvironment;
let windows: Windows;

beforeAll(async () => {
  environment = await startLocalEnvironment({ name: 'first-path' });
  windows = await openBrowser(`http://127.0.0.1:${environment.ports.teams}`);
});
afterAll(async () => {
  await windows?.close();
  await environment?.stop();
});

async function picture(name: string, what: Locator): Promise<void> {
  await what.waitFor();
  if (!picturesAreWanted) return;
  mkdirSync(picturesDir, { recursive: true });
  await what.page().mouse.move(0, 0);
  await what.screenshot({ path: join(picturesDir, `${name}.png`), animations: 'disabled' });
}

/** One question to one server, as somebody with a login asks it. */
async function ask<T>(server: string, sql: string, values: unknown[] = []): Promise<T> {
  const endpoint = (await environment.azure.endpoints())[server];
  if (!endpoint) throw new Error(`there is no server ${server}`);
  const { host, port, user, password } = endpoint;
  const client = new Client({
    host,
    port,
    user,
    password,
    database: 'shop',
    ssl: { rejectUnauthorized: false },
  });
  await client.connect();
  try {
    return (await client.query<{ answer: T }>(sql, values)).rows[0]?.answer as T;
  } finally {
    await client.end();
  }
}

const card = (page: Page, text: string | RegExp): Locator => page.locator('.card').filter({ hasText: text });

/** `2026-11-19 14:05:00` on the requester's wall clock. */
function onBerlinClock(moment: Date): string {
  const parts = new Intl.DateTimeFormat('sv-SE', {
    ...{ timeZone: 'Europe/Berlin', dateStyle: 'short', timeStyle: 'medium' },
  });
  return parts.format(moment);
}

async function sayInChannel(page: Page, text: string): Promise<void> {
  await page.getByRole('textbox', { name: 'New post in db-oncall' }).fill(text);
  await page.keyboard.press('Enter');
}

const isWithin = async (page: Page): Promise<boolean> =>
  (await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth')) <= 0;

test('from a sentence to rows: asked, corrected, signed off, restored, proven', async () => {
  // A whole minute, ten minutes back: long before the accident, and easy to read in the pictures.
  const asked = new Date(Math.floor((Date.now() - 600_000) / 60_000) * 60_000);
  const placedUntilThen = await ask<number>(
    'orders-pg',
    'select count(*)::int as answer from orders where placed_at <= $1',
    [asked],
  );
  const accident = await environment.azure.accident('orders-pg', 'shop', 'delete from orders');
  expect(accident.rows).toBeGreaterThanOrEqual(placedUntilThen);

  const oncall = await windows.open(environment.teams.page('oncall', 'db-oncall'), pictureWindow);
  await sayInChannel(
    oncall,
    '@Restore Desk restore orders-pg to 10 minutes ago as orders-pg-r1 because orders were deleted by a migration INC-4711',
  );
  const form = card(oncall, 'RESTORE REQUEST');
  await form.getByText('Understood: orders-pg').waitFor();
  expect(await form.getByRole('textbox', { name: 'New server' }).inputValue()).toBe('orders-pg-r1');
  const field = (name: string): Locator => form.getByRole('textbox', { name });
  await field('Reason').fill('orders were deleted by a migration');
  await field('Ticket').fill('INC-4711');
  await field('Ticket').blur();
  await picture('form', oncall.locator('section.thread').last());
  await field('Moment').fill(onBerlinClock(asked));
  await field('New server').fill('search-pg');
  await form.getByRole('button', { name: 'Request restore' }).click();
  await form.getByText('The name search-pg is taken.').waitFor();
  expect(await field('Reason').inputValue()).toBe('orders were deleted by a migration');
  expect(await field('Moment').inputValue()).toBe(onBerlinClock(asked));
  await field('New server').fill('orders-pg-r1');
  await form.getByRole('button', { name: 'Request restore' }).click();
  const receipt = card(oncall, 'R-1 · WAITING FOR APPROVAL');
  await receipt.getByRole('button', { name: 'Withdraw' }).waitFor();

  const onPhone = await windows.open(environment.teams.page('manager', 'db-approvals'), {
    ...phone,
    ...{ height: 1_200, sharpness: 2 },
  });
  await card(onPhone, 'R-1 · APPROVAL NEEDED').getByRole('button', { name: 'Approve' }).waitFor();
  expect(await isWithin(onPhone)).toBe(true);
  await picture('approval-phone', onPhone.locator('section.thread').last());

  const manager = await windows.open(environment.teams.page('manager', 'db-approvals'), pictureWindow);
  const approval = card(manager, 'R-1 · APPROVAL NEEDED');
  await approval.getByText('about').first().waitFor();
  await picture('approval', manager.locator('section.thread').last());
  await approval.getByRole('button', { name: 'What exactly will be sent' }).click();
  await approval.getByText('"createMode": "PointInTimeRestore"').waitFor();
  await approval.getByRole('textbox', { name: 'Comment' }).fill('checked with the shop team');
  await approval.getByRole('button', { name: 'Approve' }).click();
  await card(manager, 'R-1 · APPROVED').getByText('"checked with the shop team"').waitFor();

  const outcome = card(oncall, 'R-1 · PROVEN');
  await outcome.getByText('holds the data of').waitFor();
  const reached = (await environment.azure.endpoints())['orders-pg-r1'];
  await outcome.getByText(`psql "host=${reached?.host} port=${reached?.port} sslmode=require"`).waitFor();
  await card(oncall, 'R-1 · APPROVED').waitFor();
  await card(oncall, /proven · \d+ s/).waitFor();
  await picture('outcome', oncall.locator('section.thread').last());

  const inCopy = await ask<number>('orders-pg-r1', 'select count(*)::int as answer from orders');
  expect(inCopy).toBeGreaterThan(2_000);
  // An order that was being written as the minute ended may fall on either side of it.
  expect(Math.abs(inCopy - placedUntilThen)).toBeLessThanOrEqual(1);
  const lastSign = await ask<Date>('orders-pg-r1', 'select max(at) as answer from heartbeat');
  expect(lastSign.getTime()).toBeLessThanOrEqual(asked.getTime());
  expect(asked.getTime() - lastSign.getTime()).toBeLessThan(5_000);
  const leftInSource = await ask<number>(
    'orders-pg',
    'select count(*)::int as answer from orders where placed_at <= $1',
    [asked],
  );
  expect(leftInSource).toBe(0);
  expect(windows.complaints).toEqual([]);
});
