/** What is sent to give a server one thing that another one has. */
import type { Change } from '../restore/difference-changes';
import { orderApiVersion } from '../restore/order-body';
import { diagnosticsApiVersion, lockApiVersion } from './server-details';

export interface ChangeOrder {
  /** Below the server's id, ready for an address. */
  readonly below: string;
  readonly apiVersion: string;
  readonly body: object;
}

/** Names that were read from Azure are kept, also where they need to be written otherwise in an address. */
const below = (type: string, name: string): string => `${type}/${encodeURIComponent(name)}`;

export function changeOrder(change: Change): ChangeOrder {
  switch (change.kind) {
    case 'parameters': {
      const { name, value } = change.wanted;
      return {
        ...{ below: below('configurations', name), apiVersion: orderApiVersion },
        body: { properties: { value, source: 'user-override' } },
      };
    }
    case 'firewall-rules': {
      const { name, start, end } = change.wanted;
      return {
        ...{ below: below('firewallRules', name), apiVersion: orderApiVersion },
        body: { properties: { startIpAddress: start, endIpAddress: end } },
      };
    }
    case 'administrators': {
      const { objectId, name, type, tenantId } = change.wanted;
      return {
        ...{ below: below('administrators', objectId), apiVersion: orderApiVersion },
        body: { properties: { principalName: name, principalType: type, tenantId } },
      };
    }
    case 'diagnostic-settings': {
      const { name, destinations, logs, metrics } = change.wanted;
      return {
        below: below('providers/Microsoft.Insights/diagnosticSettings', name),
        apiVersion: diagnosticsApiVersion,
        body: { properties: { ...destinations, logs, metrics } },
      };
    }
    case 'locks': {
      const { name, level, notes } = change.wanted;
      return {
        ...{ below: below('providers/Microsoft.Authorization/locks', name), apiVersion: lockApiVersion },
        body: { properties: { level, ...(notes === undefined ? {} : { notes }) } },
      };
    }
  }
}
