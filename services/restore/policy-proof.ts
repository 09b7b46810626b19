/** The owner's words on how copies of a server are proven, as they stand in the policy. */
import { z } from 'zod/v4';
import type { ProofProbe } from './proof-probe';

const name = z.string().min(1).max(63);
const table = z
  .string()
  .regex(
    /^[^.\s"]{1,63}(\.[^.\s"]{1,63})?$/,
    'must be a table, or a schema and a table, such as sales.orders',
  );
const sql = z.string().min(1).max(10_000);

/** Every entry opens sessions and takes time: a proof is a look, not a migration test. */
const most = 50;

export const proofSchema = z
  .strictObject({
    /** Name of the server with * as wildcard. */
    server: z.string().min(1).max(90),
    database: name.optional(),
    newestWrite: sql.optional(),
    newestWriteUpTo: sql.optional(),
    toleranceSeconds: z.number().min(0).max(86_400),
    timeColumns: z
      .array(z.strictObject({ database: name, table, column: name }))
      .max(most)
      .optional(),
    requiredTables: z
      .array(z.strictObject({ database: name, table }))
      .max(most)
      .optional(),
    checks: z
      .array(
        z.strictObject({
          name: z.string().min(1).max(80),
          database: name,
          sql,
          expect: z.union([z.string().max(200), z.number(), z.boolean()]),
        }),
      )
      .max(most)
      .optional(),
    exactCountRows: z.int().min(0).max(10_000_000).optional(),
    amcheck: z.boolean().optional(),
  })
  .check(({ value, issues }) => {
    // A field that is wrong in itself is said to be, and not that it is missing.
    const lacks = (field: 'database' | 'newestWrite'): boolean =>
      value[field] === undefined && !issues.some(({ path }) => path?.[0] === field);
    const say = (field: string, message: string): void =>
      void issues.push({ code: 'custom', input: value, path: [field], message });
    if (value.newestWrite !== undefined && lacks('database'))
      say('database', 'is needed to ask for the newest write');
    if (value.newestWriteUpTo !== undefined && lacks('newestWrite'))
      say('newestWrite', 'is needed beside newestWriteUpTo');
  });

/** What is sealed in a plan: what the owner wrote, and nothing for what was left out, so that old plans keep their hash. */
export function sealedProbe({ server: _server, ...entry }: z.infer<typeof proofSchema>): ProofProbe {
  const written = Object.entries(entry).filter(([, value]) => value !== undefined);
  return { toleranceSeconds: entry.toleranceSeconds, ...Object.fromEntries(written) };
}
