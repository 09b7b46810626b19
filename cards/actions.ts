/**
 * What buttons carry: a verb, and the key of the thing they are about. Nothing else is taken from a card; whatever more
 * a payload holds is left where it is.
 */
import { z } from 'zod/v4';
import { applicableKinds, type ApplicableKind } from '../services/restore/difference-changes';
import type { CardKey } from '../services/restore/messages';

export type ApplyVerb = `request.apply.${ApplicableKind}`;

export function applyVerb(kind: ApplicableKind): ApplyVerb {
  return `request.apply.${kind}`;
}

const verbs = [
  'draft.submit',
  'draft.update',
  'draft.cancel',
  'request.view.approval',
  'request.view.receipt',
  'request.approve',
  'request.reject',
  'request.ask',
  'request.answer',
  'request.edit',
  'request.glass',
  'request.review.approve',
  'request.review.report',
  'request.withdraw',
  'request.retry',
  'request.cancel',
  'request.cancel.confirm',
  'request.cancel.keep',
  ...applicableKinds.map((kind) => applyVerb(kind)),
] as const;
export type CardVerb = (typeof verbs)[number];

/** The kind that a verb applies. */
export const appliedBy = (verb: ApplyVerb): ApplicableKind =>
  verb.slice('request.apply.'.length) as ApplicableKind;

/** Version of the payload. A card of an older version is refused as not understood; its message is edited by then. */
const payloadVersion = 1;

/** Ours are of plain printable characters; a database takes no others for a key without complaint. */
const plain = z.string().regex(/^[!-~]{1,60}$/);

const payload = z.object({
  v: z.literal(payloadVersion),
  about: z.enum(['draft', 'request']),
  id: plain,
  revision: z.int().min(1).max(1_000_000),
  nonce: plain,
});

export const encodeCardKey = (key: CardKey): z.infer<typeof payload> => ({ v: payloadVersion, ...key });

/** Undefined when this is nothing that one of our cards could have sent. */
export function decodeCardKey(verb: unknown, data: unknown): { verb: CardVerb; key: CardKey } | undefined {
  const known = verbs.find((candidate) => candidate === verb);
  const read = payload.safeParse(data);
  if (!known || !read.success) return undefined;
  const { about, id, revision, nonce } = read.data;
  return { verb: known, key: { about, id, revision, nonce } };
}

interface ExecuteOptions {
  readonly style?: 'positive' | 'destructive';
  /** False for buttons that must work while inputs are empty. */
  readonly withInputs?: boolean;
}

/** A button; clients that know no Action.Execute get an Action.Submit that carries its verb in the data. */
export function execute(title: string, verb: CardVerb, key: CardKey, options: ExecuteOptions = {}): object {
  const data = encodeCardKey(key);
  const associatedInputs = options.withInputs === false ? 'none' : 'auto';
  const style = options.style === undefined ? {} : { style: options.style };
  return {
    type: 'Action.Execute',
    title,
    verb,
    data,
    associatedInputs,
    ...style,
    fallback: { type: 'Action.Submit', title, data: { ...data, verb }, associatedInputs, ...style },
  };
}

export const fold = (title: string, elementId: string): object => ({
  type: 'Action.ToggleVisibility',
  title,
  targetElements: [elementId],
});

/** Teams asks for a personal view of the card for at most this many people. */
const refreshLimit = 60;

export const refresh = (verb: CardVerb, key: CardKey, teamsIds: readonly string[]): object => ({
  action: { type: 'Action.Execute', title: 'Refresh', verb, data: encodeCardKey(key) },
  userIds: teamsIds.slice(0, refreshLimit),
});
