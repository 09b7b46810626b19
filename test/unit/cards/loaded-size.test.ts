/** How large the card of a load may become, whatever its names and messages are made of. */
import { loadedCard } from '../../../cards/loaded';
import type { LoadedMessage } from '../../../services/restore/messages';

test.each([
  ['letters of three bytes', '数据库'.repeat(120)],
  ['signs that are escaped', '"\\*_'.repeat(120)],
])('the card of a load stays within the size of a card with names of %s', (_what, long) => {
  const many = Array.from({ length: 30 }, () => long);
  const because = { code: 'INTERNAL' as const, sentence: long, hint: long, retryable: false };
  const message: LoadedMessage = {
    ...{ kind: 'loaded', version: 1, status: 'completed with errors', verdict: 'plausible' },
    key: { about: 'request', id: 'R-1', revision: 1, nonce: 'n' },
    requester: { name: 'Ines', id: 'i', tenantId: 't' } as unknown as LoadedMessage['requester'],
    ...{ source: long, target: long, hostName: long, address: { host: long, port: 6432 } },
    ...{ finding: long, findings: many, wakes: many, warnings: many, zone: 'UTC', canRetry: true },
    ...{ tookMillis: 1, endedAt: '2026-11-20T00:00:00.000Z', retryUntil: '2026-11-21T00:00:00.000Z' },
    parts: many.map((text, index) =>
      index % 2 === 0
        ? { name: `database ${text}`, outcome: 'loaded', notes: many }
        : {
            ...{ name: `database ${text}`, outcome: 'failed', because },
            failures: many.map((object) => ({ object, message: text })),
          },
    ),
  };
  expect(Buffer.byteLength(JSON.stringify(loadedCard(message)))).toBeLessThan(25_000);
});
