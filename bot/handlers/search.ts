/** What an input offers while somebody types: entries of a list that the desk knows, or none. */
import type { BotEvent } from '../activity';
import type { Choice, SearchedList } from '../../services/restore/messages';
import type { RestoreService } from '../../services/restore-service';

type SearchEvent = Extract<BotEvent, { kind: 'search' }>;

const lists: readonly SearchedList[] = [
  'servers',
  'deleted-servers',
  'backups',
  'protected',
  'recovery-points',
];
/** Teams shows no more under an input. */
const mostResults = 15;

export async function handleSearch(desk: RestoreService, event: SearchEvent): Promise<readonly Choice[]> {
  const list = lists.find((known) => known === event.dataset);
  if (list === undefined) return [];
  const found = await desk.search(list, event.query, event.form, event.by.person);
  return found.slice(0, mostResults).map(({ title, value }) => ({ title, value }));
}
