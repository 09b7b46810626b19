import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFaultPoints } from '../../../services/fault-points';
import { loadPolicy, parsePolicy } from '../../../services/policy-file';
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
  ['YAML that breaks off', 'version: "1', /policy: .*line 1/s],
  ['a key that stands twice', 'version: "1"\nversion: "2"\nrules: []', /policy: .*unique/s],
  ['nothing', '', /policy \(top\)/],
  ['a tag that would make an object', 'version: !!js/function "x"\nrules: []', /policy/],
])('%s is refused with a sentence', (_what, text, sentence) => {
  expect(() => parsePolicy(text)).toThrow(sentence);
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
