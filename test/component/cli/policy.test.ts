/** The owner's commands about the policy: a real state database, and a real directory to ask. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { entraGroups, mainSubscriptionId, personas, productIdentity } from '../../../infra/local/identities';
import { policyCheck, policySchemaVerb } from '../../../services/cli/policy-check';
import { policyExplain } from '../../../services/cli/policy-explain';
import { policySimulate } from '../../../services/cli/policy-simulate';
import { aPlan, aRequest, aRule, aServer, asUser, aStage, divya, ines, martin, now } from '../../fakes/facts';
import { startDirectoryStage, type DirectoryStage } from '../../fixtures/directory-stage';
import { startTestStore, type TestStore } from '../../fakes/state-database';
import type { Party } from '../../../services/restore/party';
import type { RestoreRequest } from '../../../services/restore/request';
import type { Verb } from '../../../services/cli/verb';

jest.setTimeout(60_000);
const folder = mkdtempSync(join(tmpdir(), 'policy-cli-'));
let desk: TestStore;
let people: DirectoryStage;
beforeAll(async () => {
  [desk, people] = await Promise.all([startTestStore(), startDirectoryStage()]);
});
afterEach(() => people.clearFaults());
afterAll(async () => {
  await Promise.all([desk?.stop(), people?.end()]);
  rmSync(folder, { recursive: true, force: true });
});

const leads: Party = { kind: 'group', ...entraGroups.databaseLeads };
const seniors: Party = { kind: 'group', ...entraGroups.databaseSeniors };

const written = (name: string, text: string): string => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};

const martinAlone = `[{ id: ${martin.aadObjectId}, name: Martin Hale }]`;
const current = (): string =>
  written(
    'current.yaml',
    `version: '2'
rules:
  - { name: orders, match: { server: orders-* }, approvers: ${martinAlone} }
  - name: strict
    match: { server: orders-*, network: public }
    needed: 2
    approvers: [{ group: ${leads.id}, name: Database leads }]
  - { name: elsewhere, match: { server: orders-*, to: { resourceGroup: rg-dr } }, approvers: ${martinAlone} }
`,
  );

async function run(verb: Verb, ...words: string[]) {
  const lines: string[] = [];
  const problems: string[] = [];
  const environment = {
    RESTORE_DESK_MODE: 'local',
    DATABASE_URL: desk.ownerUrl,
    POLICY_FILE: current(),
    AZURE_SUBSCRIPTION_IDS: mainSubscriptionId,
    AZURE_CLIENT_ID: productIdentity.clientId,
    GRAPH_URL: people.url,
    // A setting of the product; these commands never open it.
    EVIDENCE_KEY_FILE: join(folder, 'no-key.pem'),
  };
  const terminal = {
    out: (line: string) => void lines.push(line),
    err: (line: string) => void problems.push(line),
  };
  const code = await verb.run(words, environment, terminal);
  return { code, lines, problems, text: lines.join('\n') };
}

const stored = (changes: Partial<RestoreRequest> = {}): Promise<RestoreRequest> =>
  desk.store.change((change) =>
    change.addRequest((id) => {
      // Two open requests for one target cannot be.
      const plan = changes.plan ?? aPlan();
      const target = { ...plan.target, name: `orders-pg-${id.toLowerCase()}` };
      return aRequest({ ...changes, plan: { ...plan, target } as typeof plan, id });
    }),
  );

const stateOf = async () => desk.ask('select id, version, body from restore_request order by id');

describe('policy check', () => {
  test('a good file is called good, without a name the one that the product reads', async () => {
    expect(await run(policyCheck)).toMatchObject({
      code: 0,
      lines: [expect.stringMatching(/current\.yaml is good: version 2\+[0-9a-f]{8}, 3 rules\.$/)],
    });
  });

  test('of a bad one everything is told, by line', async () => {
    const file = written(
      'bad.yaml',
      "version: '1'\nrules:\n  - name: a\n    match: {}\n  - name: a\n    match: { sever: b }\n",
    );
    const { code, problems } = await run(policyCheck, file);
    expect(code).toBe(1);
    expect(problems.map((line) => line.replace(`${file}:`, ''))).toEqual([
      '3:5 rules.0.approvers: must be given, or stages, and not both.',
      '5:5 rules.1.name: is the name of another rule already: a.',
      '5:5 rules.1.approvers: must be given, or stages, and not both.',
      '6:14 rules.1.match: does not know the key sever.',
      `4 problems in ${file}.`,
    ]);
  });

  test('the schema is JSON', async () => {
    const { text } = await run(policySchemaVerb);
    expect(JSON.parse(text)).toMatchObject({ type: 'object', required: ['version', 'rules'] });
  });
});

describe('policy explain', () => {
  const rule = aRule({
    stages: [
      { ...aStage([martin, divya], 1, 'lead'), parties: [leads, seniors, asUser(ines)] },
      aStage([martin], 1, 'manager'),
    ],
    breakGlass: {
      ...{ parties: [asUser(ines)], people: [ines] },
      ...{ atMost: { times: 1, hours: 24 }, reviewWithinMinutes: 60 },
    },
  });

  test('tells the rule and why, who could approve now, each once, and what is missing; and changes nothing', async () => {
    await desk.store.saveKnownServers(mainSubscriptionId, [aServer('orders-pg')], [], now);
    const { id } = await stored({ rule });
    const before = await stateOf();
    const { code, text } = await run(policyExplain, id.toLowerCase());
    expect(code).toBe(0);
    expect(text).toContain(
      `${id}: point-in-time of orders-pg to orders-pg-${id.toLowerCase()}, asked by Ines Okafor at 2026-11-19T13:10:00.000Z.`,
    );
    expect(text).toContain('It was planned under rule orders of policy test-1.');
    expect(text).toContain(
      'Missing: 1 in stage "lead", of the group Database leads, the group Database seniors, Ines Okafor.',
    );
    expect(text).toContain('Could approve now: Divya Rao, Martin Hale.');
    expect(text).toContain('May start it without approval: Ines Okafor, 1 in 24 h, looked at within 60 min.');
    expect(text.slice(text.indexOf('Under the policy')).split('\n').slice(1, 5)).toEqual([
      '  holds  strict, 2 approvals: approval 2 of the group Database leads',
      '  yes    orders, 1 approval: approval 1 of Martin Hale',
      '  no     elsewhere (to.resourceGroup)',
      expect.stringContaining('strict holds: of all that match it is the strictest'),
    ]);
    expect(await stateOf()).toEqual(before);
  });

  test('who has approved already is not asked twice, and an emptied group leaves nobody', async () => {
    const by = { by: martin, at: now, comment: '' };
    const waiting = { phase: 'awaiting-approval', expiresAt: '2026-11-19T14:10:00.000Z' } as const;
    const two = await stored({
      rule: aRule({ stages: [{ ...aStage([martin, divya], 2), parties: [leads] }] }),
      state: { ...waiting, approvals: [by] },
    });
    expect((await run(policyExplain, two.id)).text).toContain('Approved so far by Martin Hale.');
    expect((await run(policyExplain, two.id)).text).toContain('Could approve now: Divya Rao.');
    const dba = personas.find(({ persona }) => persona === 'dba')?.aadObjectId;
    await people.change({ group: seniors.id, member: dba, in: false });
    expect((await run(policyExplain, two.id)).text).toContain('Nobody could approve it now.');
    await people.change({ group: seniors.id, member: dba, in: true });
  });

  test('a request that is not there and a directory that is silent are said in a sentence', async () => {
    await expect(run(policyExplain, 'R-4711')).rejects.toMatchObject({
      problem: { code: 'REQUEST_UNKNOWN' },
    });
    const { id } = await stored({ rule });
    await people.fault({ path: '/groups/', times: 9, answer: { status: 500 } });
    await expect(run(policyExplain, id)).rejects.toMatchObject({
      problem: { code: 'DIRECTORY_UNREACHABLE' },
    });
    expect((await run(policyExplain)).code).toBe(2);
  });

  test('of one that is decided nobody is asked', async () => {
    const { id } = await stored({ state: { phase: 'withdrawn', endedAt: now } });
    expect((await run(policyExplain, id)).text).toContain('It is withdrawn; nobody is asked to approve it.');
  });
});

describe('policy simulate', () => {
  test('tells of every past request what would have become of it', async () => {
    await desk.ask('delete from restore_request');
    const plain = await stored();
    const billing = { ...aPlan().source, id: aServer('billing-pg').id, name: 'billing-pg' };
    const other = await stored({ plan: aPlan({ source: billing }) });
    const same = await stored({ rule: aRule({ stages: [{ ...aStage([divya], 2), parties: [leads] }] }) });
    const { code, lines } = await run(policySimulate, current());
    expect(code).toBe(0);
    expect(lines).toEqual([
      `${plain.id}  orders -> strict  more approvals: 2 instead of 1; may approve as well: Database leads; may approve no longer: Martin Hale, Divya Rao`,
      `${other.id}  orders -> no rule  refused: no rule matches`,
      `${same.id}  orders -> strict  as it was`,
      '2 of 3 requests would have gone otherwise.',
    ]);
  });

  test('freezes and missing tickets count, by the time of asking', async () => {
    const { id } = (await desk.ask<{ id: string }>('select id from restore_request order by id'))[0] ?? {
      id: '',
    };
    const file = written(
      'frozen.yaml',
      `version: '3'
rules: [{ name: orders, match: {}, approvers: ${martinAlone}, ticketPattern: 'INC-[0-9]+' }]
freezes: [{ name: November, from: 2026-11-01T00:00:00Z, to: 2026-12-01T00:00:00Z }]
`,
    );
    const { lines } = await run(policySimulate, file);
    expect(lines.find((line) => line.startsWith(`${id} `))).toBe(
      `${id}  orders -> orders  refused: frozen (November); may approve no longer: Divya Rao; refused: its ticket does not look as it has to`,
    );
  });

  test('a bad file is told as the check tells it', async () => {
    const { code, problems } = await run(policySimulate, written('none.yaml', 'version: 1'));
    expect(code).toBe(1);
    expect(problems.join('\n')).toMatch(/none\.yaml:1:1 version: /);
    expect((await run(policySimulate)).code).toBe(2);
  });
});
