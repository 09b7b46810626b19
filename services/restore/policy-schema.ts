/** The policy as its owner writes it. The published JSON schema is made from this. */
import { pricesSchema } from './prices';
import { z } from 'zod/v4';
import { entraId, partiesSchema, signOffSchema, stagesOf } from './policy-sign-off';
import { freezeTimes, hoursSchema } from './policy-clock';
import { policyActions } from './policy-subject';
import { proofSchema } from './policy-proof';
import { restoreModes } from './restore-modes';

const pattern = z.string().min(1).max(90);
const label = z.string().min(1).max(60);
const exposure = z.enum(['public', 'private']);

function isRegularExpression(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}

const secretName = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{2,23}\/[a-z0-9-]{1,127}$/i,
    'must be a key vault and a secret, such as kv-shop/pgconn',
  );

/** Servers by where they are and what they are called, each with * as wildcard. */
const placeSchema = z
  .strictObject({
    subscription: pattern.optional(),
    resourceGroup: pattern.optional(),
    server: pattern.optional(),
  })
  .refine((place) => Object.keys(place).length > 0, 'must name a subscription, a resource group or a server');

/** Where it goes. */
const destinationSchema = z.strictObject({
  subscription: pattern.optional(),
  resourceGroup: pattern.optional(),
  server: pattern.optional(),
  region: pattern.optional(),
  network: exposure.optional(),
  container: pattern.optional().describe('account/container, with * as wildcard.'),
  environment: label.optional(),
});

/** Everything that is written has to be so. */
const matchSchema = z.strictObject({
  actions: z
    .array(z.enum(policyActions))
    .min(1)
    .optional()
    .describe('What is done; all of it where nothing is written.'),
  modes: z
    .array(z.enum(restoreModes))
    .min(1)
    .optional()
    .describe('Ways of restoring; all where nothing is written.'),
  server: pattern
    .optional()
    .describe('Name with * as wildcard: of what is restored, or of the server that files are loaded into.'),
  resourceGroup: pattern.optional(),
  subscription: pattern.optional(),
  environment: label.optional().describe('A name under environments.'),
  dataClass: label.optional().describe('A name under dataClasses.'),
  network: exposure.optional().describe('Of the source.'),
  tags: z
    .record(z.string(), z.string())
    .optional()
    .describe('All of them. A rule with tags can only make stricter.'),
  regionChange: z.boolean().optional().describe('Whether it leaves the region of the source.'),
  hours: hoursSchema.optional().describe('When it is asked.'),
  to: destinationSchema.optional().describe('Where it goes.'),
});

const ruleSchema = z
  .strictObject({
    name: label,
    match: matchSchema,
    ...signOffSchema,
    reasonRequired: z.boolean().default(true),
    ticketPattern: z.string().refine(isRegularExpression, 'must be a regular expression').optional(),
    expiresAfterMinutes: z.int().min(1).max(10_080).default(60),
    approvalGoodForMinutes: z
      .int()
      .min(1)
      .max(1_440)
      .default(30)
      .describe('How long an approval stays good without the restore having started.'),
  })
  .transform(({ approvers, needed, stages, ...rule }) => ({
    ...rule,
    stages: stagesOf({ approvers, needed, stages }),
  }));

export const policySchema = z.strictObject({
  version: z.string().min(1).max(40),
  rules: z.array(ruleSchema).min(1, 'must hold at least one rule'),
  environments: z
    .record(label, z.array(placeSchema).min(1))
    .default({})
    .describe('By name: which servers and places belong to it.'),
  dataClasses: z
    .record(label, z.array(placeSchema).min(1))
    .default({})
    .describe('By name: whose data is of that class.'),
  /** Times in which what matches is refused. */
  freezes: z
    .array(z.strictObject({ name: label, ...freezeTimes, match: matchSchema.default({}) }))
    .default([]),
  visible: z
    .array(
      z.strictObject({
        server: pattern.optional(),
        resourceGroup: pattern.optional(),
        subscription: pattern.optional(),
        environment: label.optional(),
        to: partiesSchema,
      }),
    )
    .default([])
    .describe('Who may see servers; those that no entry means are shown to everybody.'),
  aliases: z
    .array(z.array(entraId.toLowerCase()).min(2))
    .default([])
    .describe('Accounts of one and the same person; neither may approve what the other asked for.'),
  proof: z.array(proofSchema).default([]),
  proofLogins: z
    .array(z.strictObject({ server: pattern, user: z.string().min(1).max(63), secret: secretName }))
    .default([])
    .describe(
      'As whom sources and copies are opened for the proof, where that is not the identity of the product: a role and the key vault secret of its password.',
    ),
  /** What sizes cost here; without it cards tell no costs. */
  prices: pricesSchema.optional(),
  logins: z
    .array(z.strictObject({ server: pattern, secret: secretName }))
    .default([])
    .describe('With which key vault secret databases are restored to a single server.'),
});

export type Policy = z.infer<typeof policySchema>;
export type PolicyRule = Policy['rules'][number];
export type PolicyStage = PolicyRule['stages'][number];
export type PolicyMatch = PolicyRule['match'];
export type PolicyFreeze = Policy['freezes'][number];
export type NamedPlaces = Policy['environments'][string];
