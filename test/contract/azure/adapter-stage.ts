/** A local Azure of its own for one test file, and what the product's adapters need to find it. */
import { rmSync } from 'node:fs';
import { mainSubscriptionId, productIdentity, secondSubscriptionId } from '../../../infra/local/identities';
import type { ArmSettings } from '../../../services/azure/arm';
import { productCredential } from '../../../services/azure/credential';
import { createReadPace } from '../../../services/azure/read-pace';
import { trustLocalCa } from '../../fakes/trust-local-ca';
import { processesOn, until } from '../../fixtures/supervisor/processes';
import { startTestAzure, type TestAzure } from '../local-azure/start-local-azure';

export interface AdapterStage {
  readonly azure: TestAzure;
  readonly settings: ArmSettings;
  end(): Promise<void>;
}

export async function startAdapterStage(options: Readonly<Record<string, string>>): Promise<AdapterStage> {
  const azure = await startTestAzure(options);
  process.env['IDENTITY_ENDPOINT'] = `${azure.http}/msi/token`;
  process.env['IDENTITY_HEADER'] = azure.identityHeader;
  trustLocalCa(azure.ca);
  return {
    azure,
    settings: {
      credential: productCredential(productIdentity.clientId),
      endpoint: azure.https,
      subscriptionIds: [mainSubscriptionId, secondSubscriptionId],
      timeoutSeconds: 2,
      pace: createReadPace(),
    },
    end: async () => {
      delete process.env['IDENTITY_ENDPOINT'];
      delete process.env['IDENTITY_HEADER'];
      await azure.end('SIGTERM');
      // Restores that were still being copied end a moment after their parent.
      await until('nothing works on the folder any more', () => processesOn(azure.stateDir).length === 0);
      rmSync(azure.stateDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
}

/** The code of the problem that a call ends with, or `answered`. */
export const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'answered',
    (error: { problem?: { code: string } }) => error.problem?.code ?? 'no problem of ours',
  );
