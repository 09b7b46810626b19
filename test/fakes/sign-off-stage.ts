/** The desk under a policy of the test's own, and what it told people: for everything about signing off. */
import { createDecisions, type Decisions } from '../../services/deciding';
import { createDrafting, type Drafting } from '../../services/drafting';
import { cardOf, formOf, type DeskStage } from './desk-stage';
import { ines, person, policyOf, ruleDocument } from './facts';
import type { Decided } from '../../services/decided';
import type { Deps } from '../../services/deps';
import type { Message, NoticeMessage } from '../../services/restore/messages';
import type { Person } from '../../services/restore/person';
import type { PlanReference } from '../../services/decision';
import type { RestoreRequest } from '../../services/restore/request';

export const leads = { group: 'bbbbbbb1-0000-4000-8000-000000000001', name: 'database leads' };
export const leadsKey = `group/${leads.group}`;
export const asEntry = ({ aadObjectId, name }: Person): { id: string; name: string } => ({
  id: aadObjectId,
  name,
});
export const paul = person(6, 'Paul Adler');
export const zoe = person(7, 'Zoe Lindt');
export const nils = person(8, 'Nils Berg');

export interface Desk {
  readonly deps: Deps;
  readonly drafting: Drafting;
  readonly decisions: Decisions;
}

export const card = (request: RestoreRequest): PlanReference => ({ kind: 'card', key: cardOf(request) });
export const wordFor = (decided: Decided): string =>
  decided.kind === 'done' ? decided.request.state.phase : decided.because.code;
export const approve = async ({ decisions }: Desk, request: RestoreRequest, by: Person): Promise<string> =>
  wordFor(await decisions.approve(request.id, by, 'looked at it', card(request)));

export interface Told {
  readonly message: Message;
  readonly to: unknown;
}

export interface SignOffStage {
  /** The desk under a policy of one rule that is changed like this. */
  readonly under: (changes: Record<string, unknown>, rest?: Record<string, unknown>) => Desk;
  readonly requestedOn: (desk: Desk, target: string) => Promise<RestoreRequest>;
  /** By slot. */
  readonly messagesOf: (id: string) => Promise<ReadonlyMap<string, Told>>;
  readonly noticesOf: (id: string) => Promise<{ words: string; calls: string[] }[]>;
  /** Of the journal, in its order. */
  readonly kindsOf: (id: string) => Promise<string[]>;
  /** So many minutes after the clock as it stands. */
  readonly at: (minutes: number) => string;
  /** Sets the clock, and looks at that of the request. */
  readonly waitUntil: (desk: Desk, id: string, instant: string) => Promise<RestoreRequest>;
}

/** `stage` is read when something is done, since it is started by the test. */
export function signOffStage(stage: () => DeskStage): SignOffStage {
  const messagesOf = async (id: string): Promise<ReadonlyMap<string, Told>> => {
    const rows = await stage().desk.ask<{ slot: string; message: Message; destination: unknown }>(
      `select slot, message, destination from outbox where request_id = $1 or message #>> '{key,id}' = $1`,
      [id],
    );
    return new Map(rows.map(({ slot, message, destination }) => [slot, { message, to: destination }]));
  };
  return {
    messagesOf,
    under: (changes, rest = {}) => {
      const { needed: _needed, approvers: _approvers, ...common } = ruleDocument();
      const deps = { ...stage().deps, policy: policyOf([{ ...common, ...changes }], rest) };
      return { deps, drafting: createDrafting(deps), decisions: createDecisions(deps) };
    },
    requestedOn: async ({ drafting }, target) => {
      const draft = await stage().openForm(target);
      const answer = await drafting.submit(formOf(draft), ines, draft.inputs);
      if (answer.kind !== 'request') throw new Error(`no request: ${JSON.stringify(answer)}`);
      return stage().request(answer.message.key.id);
    },
    noticesOf: async (id) =>
      [...(await messagesOf(id)).values()]
        .filter(({ message }) => message.kind === 'notice')
        .map(({ message }) => message as NoticeMessage)
        .map(({ text, mentions }) => ({ words: text, calls: mentions.map(({ name }) => name) })),
    kindsOf: async (id) => (await stage().journal(id)).map(({ kind }) => kind),
    at: (minutes) => new Date(Date.parse(stage().clock.now()) + minutes * 60_000).toISOString(),
    waitUntil: async ({ decisions }, id, instant) => {
      stage().clock.set(instant);
      await decisions.clock(id);
      return stage().request(id);
    },
  };
}
