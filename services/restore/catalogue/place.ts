/** Why the new server cannot stand where it was asked for, and who can change that. */
import { list, say, type Explanation } from './explanation';

export const place = {
  RESOURCE_GROUP_MISSING: (p: { name: string; subscriptionId: string; location: string }) =>
    say(
      `The resource group ${p.name} does not exist.`,
      `Choose an existing one, or have its owner run: az group create --name ${p.name} --location ${p.location} --subscription ${p.subscriptionId}`,
    ),
  SUBSCRIPTION_UNKNOWN: (p: { subscription: string }) =>
    say(
      `The subscription ${p.subscription} is not one that Restore Desk works in.`,
      'Choose one of the list; its owner can add others.',
    ),
  SUBSCRIPTION_FIXED: (p: { name: string }) =>
    say(
      `${p.name} can only be brought back in the subscription it was deleted from.`,
      'Leave the subscription as it is.',
    ),
  RIGHTS_MISSING: (p: { scope: string; actions: readonly string[]; assignee: string }) =>
    say(
      `Restore Desk may not do this in ${p.scope}: ${list(p.actions)}.`,
      `The owner of that place must give its identity the role Contributor: az role assignment create --role Contributor --assignee ${p.assignee} --scope ${p.scope}`,
    ),
  VERSION_NOT_OFFERED: (p: { version: string; location: string }) =>
    say(
      `PostgreSQL ${p.version} is not offered to this subscription in ${p.location}.`,
      'A restore keeps the major version; choose another region or subscription.',
    ),
  SKU_NOT_OFFERED: (p: { sku: string; location: string }) =>
    say(
      `${p.sku} is not offered to this subscription in ${p.location}.`,
      'A restore keeps the compute size of the source; choose another region or subscription, or ask Azure support.',
    ),
  QUOTA_EXCEEDED: (p: { location: string; needed: number; free: number; limit: number }) =>
    say(
      `The new server needs ${p.needed} cores in ${p.location}; ${p.free} of ${p.limit} are free.`,
      'The subscription owner can ask for a higher quota, or somebody deletes a server that is not needed.',
      true,
    ),
  ZONE_NOT_OFFERED: (p: { zone: string; sku: string; location: string; offered: readonly string[] }) =>
    say(
      `Availability zone ${p.zone} is not offered for ${p.sku} in ${p.location}.`,
      p.offered.length > 0 ? `Choose ${list(p.offered)} or none.` : 'Choose none.',
    ),
  STORAGE_TYPE_NOT_OFFERED: (p: { type: string; location: string; offered: readonly string[] }) =>
    say(
      `Storage of the type ${p.type} is not offered in ${p.location}.`,
      p.offered.length > 0 ? `Choose ${list(p.offered)}.` : 'Leave it as the source has it.',
    ),
  GEO_REDUNDANCY_NOT_OFFERED: (p: { location: string; why: string }) =>
    say(
      `The new server in ${p.location} cannot have geo-redundant backup: ${p.why}.`,
      'Choose locally redundant backup.',
    ),
  CHOICE_UNKNOWN: (p: { field: string; value: string }) =>
    say(`"${p.value}" is not a choice for ${p.field}.`, 'Choose one of the list.'),
  NETWORK_IS_PUBLIC: (p: { name: string }) =>
    say(
      `${p.name} has public access, and a restore cannot move it into a virtual network.`,
      'Leave subnet and DNS zone empty.',
    ),
  SUBNET_MISSING: (p: { name: string; location: string; group: string; subscriptionId: string }) =>
    say(
      `${p.name} has private access, so the new server needs a subnet in ${p.location}.`,
      `Choose one. If there is none, have the network's owner run: az network vnet create --name vnet-postgres-${p.location} --address-prefixes 10.90.0.0/24 --location ${p.location} --resource-group ${p.group} --subscription ${p.subscriptionId} && az network vnet subnet create --name postgres --vnet-name vnet-postgres-${p.location} --address-prefixes 10.90.0.0/26 --delegations Microsoft.DBforPostgreSQL/flexibleServers --resource-group ${p.group} --subscription ${p.subscriptionId}`,
    ),
  SUBNET_UNKNOWN: (p: { id: string }) =>
    say(
      `There is no subnet ${p.id}.`,
      'Choose one of the list; give its full id if it stands in another subscription.',
    ),
  SUBNET_ELSEWHERE: (p: { name: string; is: string; location: string }) =>
    say(
      `The subnet ${p.name} is in ${p.is}, the new server in ${p.location}.`,
      `Choose a subnet in ${p.location}.`,
    ),
  SUBNET_NOT_DELEGATED: (p: { id: string; name: string }) =>
    say(
      `The subnet ${p.name} is not delegated to PostgreSQL flexible servers.`,
      `Choose another, or have its owner run: az network vnet subnet update --ids ${p.id} --delegations Microsoft.DBforPostgreSQL/flexibleServers`,
    ),
  SUBNET_FULL: (p: { name: string }) =>
    say(`The subnet ${p.name} has no free address.`, 'Choose another subnet.', true),
  DNS_ZONE_MISSING: (p: { name: string; location: string; group: string; subscriptionId: string }) =>
    say(
      `${p.name} has private access, so the new server needs a private DNS zone.`,
      `Choose one. If there is none, have the network's owner run: az network private-dns zone create --name ${p.location}.private.postgres.database.azure.com --resource-group ${p.group} --subscription ${p.subscriptionId}`,
    ),
  DNS_ZONE_UNKNOWN: (p: { id: string }) =>
    say(`There is no private DNS zone ${p.id}.`, 'Choose one of the list.'),
  DNS_ZONE_NAME_WRONG: (p: { name: string }) =>
    say(
      `The private DNS zone ${p.name} cannot hold PostgreSQL servers.`,
      'Choose one whose name ends in .postgres.database.azure.com.',
    ),
  DNS_ZONE_NOT_LINKED: (p: { zone: string; networkId: string; group: string }) =>
    say(
      `The private DNS zone ${p.zone} is not linked to the network of the subnet.`,
      `Choose another, or have its owner run: az network private-dns link vnet create --resource-group ${p.group} --zone-name ${p.zone} --name restore-desk --virtual-network ${p.networkId} --registration-enabled false`,
    ),
  TAGS_UNREADABLE: (p: { text: string }) =>
    say(`"${p.text}" is not a tag.`, 'Write tags as name=value, separated by commas.'),
  TAG_RESERVED: (p: { name: string }) =>
    say(`The tag ${p.name} is set by Restore Desk itself.`, 'Use another name.'),
  TAGS_TOO_MANY: (p: { limit: number }) => say(`There are too many tags.`, `Use at most ${p.limit}.`),
  EXPIRES_UNREADABLE: (p: { text: string }) =>
    say(`"${p.text}" is not a day.`, 'Write it as 2026-12-03, or leave it empty.'),
  EXPIRES_OUT_OF_RANGE: (p: { day: string; from: string; until: string }) =>
    say(`The copy cannot expire on ${p.day}.`, `Give a day from ${p.from} to ${p.until}.`),
  REGION_RESTRICTED: (p: { location: string }) =>
    say(
      `Azure does not let this subscription create servers in ${p.location}.`,
      'The subscription owner must ask Azure support to lift the restriction; waiting does not help.',
    ),
} satisfies Record<string, (p: never) => Explanation>;
