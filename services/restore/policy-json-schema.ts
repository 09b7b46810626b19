/** The JSON schema of the policy, for editors: they complete and check while its owner writes. */
import { z } from 'zod/v4';
import { policySchema } from './policy-schema';

export const policyJsonSchema = (): object => ({
  title: 'Policy of Restore Desk',
  ...z.toJSONSchema(policySchema, { io: 'input', unrepresentable: 'throw' }),
});
