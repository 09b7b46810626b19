/** The subscriptions and resource groups of the made-up company. They are fixed: nobody makes them at run time. */
import { mainSubscriptionId, secondSubscriptionId } from '../identities';

export interface ResourceGroup {
  readonly subscriptionId: string;
  readonly name: string;
  readonly location: string;
}

export const knownSubscriptions = [
  { id: mainSubscriptionId, name: 'Shop production' },
  { id: secondSubscriptionId, name: 'Disaster recovery' },
] as const;

export const resourceGroups: readonly ResourceGroup[] = [
  { subscriptionId: mainSubscriptionId, name: 'rg-shop', location: 'canadacentral' },
  { subscriptionId: secondSubscriptionId, name: 'rg-dr', location: 'canadaeast' },
];

export const findResourceGroup = (subscriptionId: string, name: string): ResourceGroup | undefined =>
  resourceGroups.find(
    (group) =>
      group.subscriptionId === subscriptionId.toLowerCase() &&
      group.name.toLowerCase() === name.toLowerCase(),
  );
