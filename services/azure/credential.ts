/** The product's identity: a user-assigned managed identity, in Azure and in the local environment alike. */
import type { TokenCredential } from '@azure/core-auth';
import { ManagedIdentityCredential } from '@azure/identity';

export const productCredential = (clientId: string): TokenCredential =>
  new ManagedIdentityCredential({ clientId });
