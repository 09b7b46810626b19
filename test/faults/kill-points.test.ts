/**
 * Kills the product with SIGKILL at every named fault point, on the way of one restore each, and lets it come back. However
 * it dies: the restore ends proven, Azure accepted exactly one order for it, and no card is left telling an old story.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agreed, brokenInvariants, staleCards } from '../fixtures/invariants';
import { restorePath, type RestorePath } from '../fixtures/restore-path';
import { startLocalEnvironment, type LocalEnvironment } from '../fixtures/local-environment';
import { cardText } from '../fixtures/local-teams-client';
import { until } from '../fixtures/supervisor/processes';
import type { FaultPointName } from '../../services/restore/ports';

jest.setTimeout(240_000);

const faultFile = join(tmpdir(), `restore-desk-faults-${process.pid}`);
let environment: LocalEnvironment;
let path: RestorePath;

beforeAll(async () => {
  writeFileSync(faultFile, '');
  environment = await startLocalEnvironment({
    name: 'kills',
    env: { DESK_FAULT_FILE: faultFile, LOCAL_TIME_SCALE: '240' },
  });
  path = restorePath(environment);
});

afterAll(async () => {
  await environment?.stop();
});

const isDisarmed = (): boolean => !existsSync(faultFile) || readFileSync(faultFile, 'utf8') === '';

/** Arms the point, walks the way, and makes sure that the point was really passed and the product really died. */
async function killedAt(point: FaultPointName, target: string, walk: () => Promise<void>): Promise<void> {
  const before = environment.productPid();
  writeFileSync(faultFile, point);
  await walk();
  await until(`${point} was passed`, async () => isDisarmed(), 30);
  await until(
    'another product is ready',
    async () => environment.productPid() !== before && (await environment.isReady()),
    30,
  );
  const ended = await path.ending(target, 60);
  expect(cardText(ended.card)).toContain('PROVEN');
  expect(await path.orders(target)).toBe(1);
}

const afterApproval: readonly FaultPointName[] = [
  'decision-stored',
  'checked-before-intent',
  'intent-stored',
  'order-sent',
  'operation-stored',
  'order-accepted-stored',
  'server-ready-stored',
  'proof-taken',
  'outcome-stored',
];

test.each(afterApproval)(
  'killed at %s after the approval, the restore ends proven with one order',
  async (point) => {
    const target = `kill-${point}`;
    await path.submit(await path.ask({ target }));
    const card = await path.approvalCard(target);
    await killedAt(point, target, () => path.approve(card));
  },
);

test('killed when the draft is stored, the form still comes', async () => {
  await killedAt('draft-stored', 'kill-draft', async () => {
    const form = await path.ask({ target: 'kill-draft' });
    await path.submit(form);
    await path.approve(await path.approvalCard('kill-draft'));
  });
});

test('killed when the request is stored, approvers are still asked', async () => {
  const form = await path.ask({ target: 'kill-request' });
  await killedAt('request-stored', 'kill-request', async () => {
    await path.submit(form);
    await path.approve(await path.approvalCard('kill-request'));
  });
});

test('killed when a message was sent but not written down, the request goes on', async () => {
  const form = await path.ask({ target: 'kill-message' });
  await killedAt('message-sent', 'kill-message', async () => {
    await path.submit(form);
    await path.approve(await path.approvalCard('kill-message'));
  });
});

test('killed when a form was posted but not written down, the one that was pressed tells how it went on', async () => {
  await killedAt('message-sent', 'kill-form', async () => {
    await path.submit(await path.ask({ target: 'kill-form' }));
    await path.approve(await path.approvalCard('kill-form'));
  });
});

test('after all of it the invariants hold and no card is stale', async () => {
  expect(await brokenInvariants(environment)).toEqual([]);
  let stale: string[] = [];
  await until(
    () => `no card is stale, but:\n${stale.join('\n---\n')}`,
    async () =>
      (stale = (await staleCards(environment)).map(({ id, card }) => `${id} ${cardText(card)}`)).length === 0,
    20,
  );
  await agreed(environment, true);
});
