/** Typing into a searched input: which list is asked, for which server, and how much comes back. */
import { handleSearch } from '../../../bot/handlers/search';
import type { BotEvent } from '../../../bot/activity';
import type { RestoreService } from '../../../services/restore-service';
import { ines } from '../../fakes/facts';

const form = { source: 'orders-pg', region: 'canadaeast', vault: 'vault-shop' };
const event = (dataset: string): Extract<BotEvent, { kind: 'search' }> => ({
  ...{ kind: 'search', dataset, query: 'or', form },
  by: { person: ines, teamsId: '29:ines', zone: 'UTC' },
  in: { thread: '19:a@thread.tacv2', serviceUrl: 'https://example.test/', kind: 'shared' },
});

function aDesk(results: readonly object[] = []) {
  const asked: unknown[][] = [];
  const search = (...given: unknown[]): Promise<readonly object[]> => {
    asked.push(given);
    return Promise.resolve(results);
  };
  return { asked, desk: { search } as unknown as RestoreService };
}

test.each(['servers', 'deleted-servers', 'backups', 'protected', 'recovery-points'])(
  '%s are asked for with what stands in the form',
  async (list) => {
    const { desk, asked } = aDesk();
    await handleSearch(desk, event(list));
    expect(asked).toEqual([[list, 'or', form, ines]]);
  },
);

test.each(['', 'secrets', '__proto__', 'Servers'])(
  'the list "%s" is none of ours and gives nothing',
  async (list) => {
    const { desk, asked } = aDesk([{ title: 'x', value: 'x' }]);
    expect(await handleSearch(desk, event(list))).toEqual([]);
    expect(asked).toEqual([]);
  },
);

test('at most fifteen results go out, with title and value and nothing else', async () => {
  const { desk } = aDesk(
    Array.from({ length: 40 }, (_, index) => ({ title: `t${index}`, value: `v${index}`, secret: 'x' })),
  );
  const results = await handleSearch(desk, event('servers'));
  expect(results).toHaveLength(15);
  expect(results[14]).toEqual({ title: 't14', value: 'v14' });
});
