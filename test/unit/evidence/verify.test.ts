/** An exported file against everything that somebody could do to it. */
import { chained, fileOf, story, told } from '../../fakes/evidence-chain';
import { evidenceCrypto, signerOf } from '../../../services/evidence/keys';
import type { JournalEntry } from '../../../services/restore/ports';
import { martin } from '../../fakes/facts';
import { newPem, testSigner } from '../../fakes/evidence-key';
import {
  isEntry,
  renderEvidence,
  type EvidenceParts,
  type Link,
} from '../../../services/restore/evidence-file';
import { headOf, type ChainedEntry } from '../../../services/restore/evidence-entry';
import { verifyEvidence, type Kept } from '../../../services/restore/evidence-verify';

const { digest } = evidenceCrypto;
const verify = (text: string | Uint8Array, kept: Kept = { publicKeys: [] }) =>
  verifyEvidence(typeof text === 'string' ? Buffer.from(text) : text, kept, evidenceCrypto);
const wrong = (text: string, kept?: Kept): string[] =>
  verify(text, kept).problems.map(({ place, what }) => `${place}: ${what}`);

const chain = chained(story());
const { parts, text } = fileOf(chain);
const pinned: Kept = { publicKeys: [testSigner.publicKey] };
/** The file that somebody would write who knows how it is made. */
const forged = (changes: Partial<EvidenceParts>): string =>
  renderEvidence({ ...parts, ...changes }, digest).text;
const anchorOf = (entry: ChainedEntry | undefined, writtenAt: string): string =>
  JSON.stringify({ ...(entry && headOf(entry)), writtenAt });

test('an untouched file is in order, and says what it cannot tell', () => {
  expect(wrong(text)).toEqual([]);
  expect(verify(text).unchecked).toEqual([
    expect.stringContaining('Whose keys'),
    expect.stringContaining('no anchors'),
  ]);
  expect(parts.chain).toHaveLength(9);
  expect(parts.chain.filter(isEntry).map(({ seq }) => seq)).toEqual([2, 4, 5, 6, 8, 9]);
  expect(text).not.toContain('"other"');
});

test('with the key and with anchors from elsewhere nothing is left open', () => {
  const anchors = [
    anchorOf(chain[4], '2026-11-19T13:05:00.000Z'),
    anchorOf(chain[9], '2026-11-19T13:10:00.000Z'),
  ];
  const found = verify(text, { ...pinned, anchors: anchors.join('\n') });
  expect(found).toMatchObject({ problems: [], unchecked: [] });
});

/** Of each byte the number of its line. */
const lineOf = text
  .split('\n')
  .flatMap((line, index) => Array<number>(Buffer.byteLength(line) + 1).fill(index));

/** The entry that a line of the file holds, as a place names it. */
const entryIn = (line: number): string | undefined => {
  const link = parts.chain[line - 5];
  return link && `entry ${link.seq}`;
};

test('a flipped bit is found wherever it is, and the entry that it is in is named', () => {
  const bytes = Buffer.from(text);
  expect(text.split('\n')[5]).toContain('"requested"');
  const unfound: number[] = [];
  const misplaced: string[] = [];
  for (let offset = 0; offset < bytes.length; offset += 5) {
    const flipped = Buffer.from(bytes);
    flipped[offset] = (flipped[offset] ?? 0) ^ (1 << (offset % 8));
    const { problems } = verify(flipped);
    if (problems.length === 0) unfound.push(offset);
    const line = lineOf[offset] ?? 0;
    const places = problems.map(({ place }) => place).join('; ');
    // An entry whose number was hit goes by the number that it says.
    const says = /"seq":(\d+)(?:,"signature":"[^"]*")?\},?$/.exec(flipped.toString().split('\n')[line] ?? '');
    const names = [
      entryIn(line) ?? '',
      `entry ${says?.[1] ?? ''}`,
      `line ${line + 1}`,
      `place ${line - 4} of the chain`,
    ];
    if (entryIn(line) !== undefined && !names.some((name) => name !== 'entry ' && places.includes(name)))
      misplaced.push(`${offset} in ${entryIn(line)}: ${places}`);
  }
  expect(unfound).toEqual([]);
  expect(misplaced).toEqual([]);
});

test.each([
  ['a byte more', `${text} `],
  ['a byte less', text.slice(0, -1)],
  ['nothing', ''],
  ['something else', '{}'],
  ['a mark at the beginning', `\uFEFF${text}`],
  ['spaces', text.replace('"chain":[', '"chain": [')],
  ['a key twice', text.replace('"actor":', '"actor":"x","actor":')],
])('%s is found', (_what, changed) => {
  expect(wrong(changed)).not.toEqual([]);
});

const without = (seq: number): Link[] => parts.chain.filter((link) => link.seq !== seq);
const swapped = (): Link[] => {
  const [first, second, third, ...rest] = parts.chain;
  return first && second && third ? [first, third, second, ...rest] : [];
};
const changed = (seq: number, change: (entry: ChainedEntry) => ChainedEntry): Link[] =>
  parts.chain.map((link) => (isEntry(link) && link.seq === seq ? change(link) : link));

test.each([
  ['an entry that was taken out', without(5), /entry 6: it follows entry 4/],
  ['a stranger that was taken out', without(7), /entry 8: it follows entry 6/],
  ['two that were swapped', swapped(), /entry 4: it follows entry 2/],
  [
    'another comment',
    changed(4, (entry) => ({ ...entry, body: { ...entry.body, comment: 'never' } })),
    /entry 4: its hash is not that of what it says/,
  ],
  [
    'another person',
    changed(4, (entry) => ({ ...entry, actor: { ...martin, aadObjectId: 'somebody' } })),
    /entry 4: its hash/,
  ],
  [
    'an entry that pretends to be from before there were signatures',
    changed(5, ({ seq, at, requestId, kind, actor, body, prevHash, hash, own }) => ({
      ...{ seq, at, requestId, kind, actor, body, prevHash, hash, own, format: 1 },
    })),
    /entry 5: it is unsigned and follows a signed one/,
  ],
  [
    'an entry that is hidden as one of somebody else',
    parts.chain.map((link): Link =>
      link.seq === 9 && isEntry(link)
        ? {
            format: 2,
            ...{ seq: 9, at: link.at, requestId: 'R-1', keyId: testSigner.keyId },
            content: '0'.repeat(64),
            hash: link.hash,
          }
        : link,
    ),
    /entry 9: an entry of R-1 is hidden/,
  ],
])('%s is found and named', (_what, links, says) => {
  expect(wrong(forged({ chain: links })).join('\n')).toMatch(says);
});

test('a chain that somebody without the key has hashed anew has no signatures', () => {
  const other = signerOf(newPem(), 'the test');
  const tampered = story().map((entry, index) =>
    index === 3 ? { ...entry, body: { ...entry.body, comment: 'no' } } : entry,
  );
  const resigned = chained(tampered, { ...other, keyId: testSigner.keyId });
  expect(wrong(fileOf(resigned).text).join('\n')).toMatch(/entry 2: its signature is not of this key/);
});

test('a chain signed anew with another key is found with the pinned key, or with an anchor', () => {
  const other = signerOf(newPem('p256'), 'the test');
  const resigned = fileOf(chained(story(), other), undefined, other).text;
  expect(wrong(resigned)).toEqual([]);
  expect(wrong(resigned, pinned)).toEqual([expect.stringMatching(/^keys: key .* none of those that may/)]);
  const anchors = anchorOf(chain[4], '2026-11-19T13:05:00.000Z');
  expect(wrong(resigned, { publicKeys: [], anchors })).toEqual([
    expect.stringMatching(/^entry 5: it is another one than was anchored/),
  ]);
});

test('a chain written anew by who holds the key is found with an anchor, and with nothing else', () => {
  const tampered = chained(
    story().map((entry, index) =>
      index === 3 ? { ...entry, body: { ...entry.body, comment: 'no' } } : entry,
    ),
  );
  const file = fileOf(tampered).text;
  expect(wrong(file, pinned)).toEqual([]);
  const anchors = anchorOf(chain[7], '2026-11-19T13:08:00.000Z');
  expect(wrong(file, { ...pinned, anchors })).toEqual([expect.stringMatching(/^entry 8: .* written anew/)]);
});

test('an end that was cut off is found against the head in the file, and against an anchor', () => {
  expect(wrong(forged({ chain: parts.chain.slice(0, 5), head: parts.head })).join('\n')).toBe('');
  expect(verify(forged({ chain: parts.chain.slice(0, 5) })).unchecked.join(' ')).toContain(
    'What came after entry 6, up to 10',
  );
  const short = fileOf(chain.slice(0, 6)).text;
  const anchors = anchorOf(chain[9], '2026-11-19T13:10:00.000Z');
  expect(wrong(short, { ...pinned, anchors })).toEqual([
    expect.stringMatching(/^anchors, line 1: entry 10 was there .* ends with entry 6: the end was cut off/),
  ]);
  // One that was exported before that is only older.
  const older = fileOf(chain.slice(0, 6), '2026-11-19T13:06:00.000Z').text;
  expect(wrong(older, { ...pinned, anchors })).toEqual([]);
});

test('what is no anchor is said', () => {
  expect(wrong(text, { publicKeys: [], anchors: '{"seq":1}\n\nnonsense' })).toEqual([
    'anchors, line 1: it is no anchor',
    'anchors, line 3: it is no anchor',
  ]);
});

const approval = story()[3] ?? told(3, 'approved-by', {});
test.each([
  ['who asked', { ...approval, actor: story()[1]?.actor ?? martin }, /entry 4: who asked has approved/],
  [
    'a stranger',
    { ...approval, actor: { aadObjectId: 'x', name: 'X' } },
    /entry 4: who approved could not approve then/,
  ],
  [
    'another plan',
    { ...approval, body: { ...approval.body, planHash: 'h' } },
    /entry 4: it approves another plan/,
  ],
  ['nobody', told(3, 'checked', {}), /entry 5: it was sent without enough approvals/],
])('a well-signed story in which %s approved is not believed', (_who, instead, says) => {
  const entries = story().map((entry, index) => (index === 3 ? instead : entry));
  expect(wrong(fileOf(chained(entries)).text, pinned).join('\n')).toMatch(says);
});

test.each(['ed25519', 'p256'] as const)('a key of kind %s signs, and its public half knows it', (kind) => {
  const signer = signerOf(newPem(kind), 'the test');
  const signature = signer.sign('words');
  expect(evidenceCrypto.keyIdOf(signer.publicKey)).toBe(signer.keyId);
  expect(evidenceCrypto.isSignedBy(signer.publicKey, 'words', signature)).toBe(true);
  expect(evidenceCrypto.isSignedBy(signer.publicKey, 'other', signature)).toBe(false);
  expect(evidenceCrypto.isSignedBy(signer.publicKey, 'words', `${signature}=`)).toBe(false);
  expect(evidenceCrypto.isSignedBy('nonsense', 'words', signature)).toBe(false);
});

test('what is no key is refused in words that do not repeat it', () => {
  const secret = 'MC4CAQAwBQYDK2VwBCIEIN0t';
  expect(() =>
    signerOf(`-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----`, 'EVIDENCE_KEY_FILE'),
  ).toThrow(expect.objectContaining({ message: expect.not.stringContaining(secret) }));
});

const staged = (approvals: readonly JournalEntry[]): string => {
  const [opened, requested, ...rest] = story();
  const team = { kind: 'team', who: 'owners', id: 'T-1', name: 'Shop' };
  const rule = {
    stages: [
      {
        name: 'lead',
        needed: 1,
        parties: [{ kind: 'user', id: martin.aadObjectId, name: 'M' }],
        people: [martin],
      },
      { name: 'owner', needed: 1, parties: [team], people: [] },
    ],
    breakGlass: { parties: [{ kind: 'group', id: 'G-1', name: 'On call' }] },
  };
  const entries = [opened, requested && { ...requested, body: { ...requested.body, rule } }, ...approvals];
  const sent = rest.filter(({ kind }) => kind === 'order-sent');
  return fileOf(chained([...entries, ...sent].flatMap((entry) => entry ?? []))).text;
};
const spoke = (kind: string, by: string, belongsTo: readonly string[], account = 'member'): JournalEntry => ({
  ...approval,
  kind,
  actor: { aadObjectId: by, name: by },
  body: { ...approval.body, standing: { account, belongsTo } },
});
const lead = spoke('approved-by', martin.aadObjectId, [`user/${martin.aadObjectId.toLowerCase()}`]);

test.each([
  ['one of two stages', [lead], /it was sent without enough approvals/],
  [
    'somebody of another team for the second',
    [lead, spoke('approved-by', 'x', ['team-members/t-1'])],
    /who approved could not approve then/,
  ],
  [
    'a guest for the second',
    [lead, spoke('approved-by', 'x', ['team-owners/t-1'], 'guest')],
    /who approved could not approve then/,
  ],
  [
    'somebody who may not start it without approval',
    [spoke('glass-broken', 'x', ['team-owners/t-1'])],
    /who started it without approval could not do so then/,
  ],
])('a start with the word of %s alone is not believed', (_who, words, says) => {
  expect(wrong(staged(words), pinned).join('\n')).toMatch(says);
});

test('a start with the words of both stages, or without approval by who may, is in order', () => {
  expect(wrong(staged([lead, spoke('approved-by', 'x', ['team-owners/t-1'])]), pinned)).toEqual([]);
  expect(wrong(staged([spoke('glass-broken', 'x', ['group/g-1'])]), pinned)).toEqual([]);
});
