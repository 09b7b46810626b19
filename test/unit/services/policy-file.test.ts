import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFaultPoints } from '../../../services/fault-points';
import { checkPolicyText, loadPolicy, parsePolicy } from '../../../services/policy-file';
import { writeFileSync, readFileSync } from 'node:fs';

const local = join(__dirname, '../../../infra/local/policy.yaml');

test('every byte of the policy counts for its version, also one that changes no rule', async () => {
  const text = await readFile(local, 'utf8');
  const { version } = parsePolicy(text);
  expect(version).toMatch(/^local-1\+[0-9a-f]{8}$/);
  expect(parsePolicy(text).version).toBe(version);
  expect(parsePolicy(`${text}# a comment\n`).version).not.toBe(version);
});

test.each([
  ['YAML that breaks off', 'version: "1', /policy:1:\d+ Missing closing/],
  ['a key that stands twice', 'version: "1"\nversion: "2"\nrules: []', /policy:2:1 .*unique/],
  ['nothing', '', /policy:1:1 \(top\)/],
  ['a tag that would make an object', 'version: !!js/function "x"\nrules: []', /policy/],
])('%s is refused with a sentence', (_what, text, sentence) => {
  expect(() => parsePolicy(text)).toThrow(sentence);
});

const manyMistakes = `version: '1'
rules:
  - name: orders
    match: { server: orders-pg, environment: prod, hours: { zone: Europe/Berln, from: '08:00', to: '18:00' } }
    approvers:
      - { id: martin@shop, name: Martin }
    needed: 0
    ticketPattern: '('
  - name: orders
    match:
      sever: billing-pg
      dataClass: personal
    remindAfterMinutes: 90
    approvers: [{ group: 66666666-0000-4000-8000-000000000001, name: Leads, who: owners }]
  - name: nobody
    match: { to: { network: open } }
    approvers: []
  - name: neither
    match: {}
freezes:
  - { name: Year end, from: 2026-12-20T00:00:00Z, to: 2026-12-19T00:00:00Z, match: { environment: prod } }
  - { name: No zone, from: 2026-12-20T00:00:00, to: tomorrow }
`;

test('everything that is wrong is told at once, each with its line and column and its path', () => {
  const read = checkPolicyText(manyMistakes, 'policy.yaml');
  expect(read.kind === 'wrong' && read.problems).toEqual([
    'policy.yaml:4:33 rules.0.match.environment: prod is not described under environments.',
    'policy.yaml:4:61 rules.0.match.hours.zone: must be a time zone such as Europe/Berlin.',
    'policy.yaml:6:11 rules.0.approvers.0.id: must be an Entra object id.',
    expect.stringMatching(/^policy\.yaml:7:5 rules\.0\.needed: /),
    'policy.yaml:8:5 rules.0.ticketPattern: must be a regular expression.',
    'policy.yaml:9:5 rules.1.name: is the name of another rule already: orders.',
    'policy.yaml:11:7 rules.1.match: does not know the key sever.',
    'policy.yaml:12:7 rules.1.match.dataClass: personal is not described under dataClasses.',
    'policy.yaml:13:5 rules.1.remindAfterMinutes: must be less than the 60 minutes after which it expires.',
    expect.stringMatching(/^policy\.yaml:14:\d+ rules\.1\.approvers\.0: who belongs to a team/),
    expect.stringMatching(/^policy\.yaml:16:20 rules\.2\.match\.to\.network: /),
    'policy.yaml:17:5 rules.2.approvers: must name at least one approver.',
    expect.stringMatching(/^policy\.yaml:18:5 rules\.3\.approvers: must be given, or stages, and not both/),
    'policy.yaml:21:51 freezes.0.to: must be after from.',
    'policy.yaml:21:86 freezes.0.match.environment: prod is not described under environments.',
    expect.stringMatching(/^policy\.yaml:22:22 freezes\.1\.from: must be a time with its offset/),
    expect.stringMatching(/^policy\.yaml:22:49 freezes\.1\.to: must be a time with its offset/),
  ]);
});

test('what an alias stands for is shown where the alias stands', () => {
  const text = `version: '1'
rules:
  - { name: a, match: {}, approvers: &leads [{ id: nobody, name: N }] }
  - { name: b, match: {}, approvers: *leads }
`;
  const read = checkPolicyText(text, 'p');
  expect(read.kind === 'wrong' && read.problems).toEqual([
    expect.stringMatching(/^p:3:\d+ rules\.0\.approvers\.0\.id/),
    expect.stringMatching(/^p:4:27 rules\.1\.approvers\.0\.id/),
  ]);
});

test('an alias bomb does not blow up', () => {
  const bomb = [
    'a: &a [x,x,x,x,x,x,x,x,x]',
    ...'bcdefgh'
      .split('')
      .map((key, index) => `${key}: &${key} [${Array(9).fill(`*${'abcdefg'[index]}`).join()}]`),
  ].join('\n');
  expect(() => parsePolicy(bomb)).toThrow();
});

test('a file that is not there is named', async () => {
  await expect(loadPolicy('/no/such/policy.yaml')).rejects.toThrow('/no/such/policy.yaml cannot be read');
});

describe('fault points', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fault-points-'));
  const file = join(folder, 'armed');
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('without a file, or with a file that is not there, nothing ever dies', () => {
    const die = jest.fn();
    createFaultPoints(undefined, die)('order-sent');
    createFaultPoints(file, die)('order-sent');
    expect(die).not.toHaveBeenCalled();
  });

  test('an armed point disarms itself before it kills, and leaves the others armed', () => {
    writeFileSync(file, 'order-sent\nproof-taken\n');
    const left: string[] = [];
    const faultPoint = createFaultPoints(file, () => left.push(readFileSync(file, 'utf8')));
    faultPoint('intent-stored');
    faultPoint('order-sent');
    faultPoint('order-sent');
    expect(left).toEqual(['proof-taken']);
  });
});
