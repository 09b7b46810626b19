/** What Azure said no to, or nothing at all. */
import { say, type Explanation } from './explanation';

export const azure = {
  AZURE_BUSY: (p: { name: string }) =>
    say(`Azure is busy with another operation on ${p.name}.`, 'Try again in a few minutes.', true),
  AZURE_FORBIDDEN: () =>
    say(
      'Azure does not allow Restore Desk to do this.',
      'The owner must give its identity the Contributor role on the target resource group.',
    ),
  AZURE_SIGN_IN: () =>
    say(
      'Azure does not accept the sign-in of Restore Desk.',
      'The owner must check the managed identity that it runs with.',
      true,
    ),
  AZURE_THROTTLED: () =>
    say('Azure asks Restore Desk to slow down.', 'It goes on by itself after a pause.', true),
  AZURE_QUOTA: (p: { what: string }) =>
    say(
      `The quota of the subscription is used up: ${p.what}`,
      'The subscription owner can ask for a higher one.',
      true,
    ),
  AZURE_CAPACITY: (p: { what: string }) =>
    say(
      `Azure has no room for the new server at the moment: ${p.what}`,
      'Try again later, without an availability zone, or in another region.',
      true,
    ),
  AZURE_NOT_REGISTERED: (p: { subscriptionId: string }) =>
    say(
      'The target subscription is not registered for PostgreSQL.',
      `Its owner must run: az provider register --namespace Microsoft.DBforPostgreSQL --subscription ${p.subscriptionId}`,
    ),
  AZURE_NAME_HELD: (p: { name: string }) =>
    say(
      `Azure still holds the name ${p.name} for a server that was deleted or failed in another region.`,
      'Make a new request with another name.',
    ),
  AZURE_GROUP_GONE: (p: { what: string }) =>
    say(`Azure did not find the target: ${p.what}`, 'Make a new request with an existing resource group.'),
  AZURE_SOURCE_GONE: (p: { what: string }) =>
    say(`Azure did not find the source: ${p.what}`, 'Check that it still exists and request again.'),
  AZURE_BAD_VALUE: (p: { what: string }) =>
    say(
      `Azure does not accept a value of the request: ${p.what}`,
      'Make a new request with that value changed.',
    ),
  AZURE_API_VERSION: (p: { what: string }) =>
    say(
      `This Azure does not know the call that Restore Desk made: ${p.what}`,
      'The owner of Restore Desk must look for a newer version of it.',
    ),
  AZURE_INTERNAL: () =>
    say(
      'Azure failed with an internal error while restoring.',
      'Usual causes: a moment outside the restorable window, or a passing fault in the region. Try again; then ask Azure support with the tracking id.',
      true,
    ),
  AZURE_FAILED: (p: { what: string }) =>
    say(
      `Azure reported that the restore failed: ${p.what}`,
      'The code below names the cause for Azure support.',
      true,
    ),
  AZURE_UNREACHABLE: () =>
    say(
      'Azure does not answer.',
      'Your input is kept and the check goes on by itself as soon as Azure answers.',
      true,
    ),
} satisfies Record<string, (p: never) => Explanation>;
