/** The work behind changes of firewall rules, parameters and databases. Doing one twice is doing it once. */
import { escapeIdentifier } from 'pg';
import type { EntraAdministrator, FirewallRule, ServerRecord } from './model';
import type { Do } from './restore-work';
import { administratorsOf, admit, dismiss } from './server-administrators';
import type { ServerClusters } from './server-clusters';
import { setConfiguration } from './server-configurations';
import { withSession } from './server-session';
import type { Store } from './store';

export function childWork({
  store,
  clusters,
}: {
  readonly store: Store;
  readonly clusters: ServerClusters;
}): Readonly<Record<string, Do>> {
  const rulesWithout = (server: ServerRecord, name: string): FirewallRule[] =>
    (store.server(server.name)?.firewallRules ?? []).filter(
      (rule) => rule.name.toLowerCase() !== name.toLowerCase(),
    );
  const administratorsWithout = (server: ServerRecord, { objectId }: EntraAdministrator) =>
    administratorsOf(store.server(server.name) ?? server).filter((other) => other.objectId !== objectId);
  const nothingToShow = (): void => undefined;
  return {
    'put-firewall-rule': async (server, work) => () => {
      const rule = work['rule'] as FirewallRule;
      store.patchServer(server.name, { firewallRules: [...rulesWithout(server, rule.name), rule] });
    },
    'drop-firewall-rule': async (server, work) => () =>
      store.patchServer(server.name, { firewallRules: rulesWithout(server, String(work['rule'])) }),
    'admit-administrator': async (server, work) => {
      const administrator = work['administrator'] as EntraAdministrator;
      await admit(clusters, server, administrator.principalName);
      return () =>
        store.patchServer(server.name, {
          administrators: [...administratorsWithout(server, administrator), administrator],
        });
    },
    'dismiss-administrator': async (server, work) => {
      const administrator = work['administrator'] as EntraAdministrator;
      await dismiss(clusters, server, administrator.principalName);
      return () =>
        store.patchServer(server.name, { administrators: administratorsWithout(server, administrator) });
    },
    'set-configuration': async (server, work) => {
      const value = work['value'] as string | undefined;
      await setConfiguration(clusters, server, String(work['name']), value);
      return nothingToShow;
    },
    'create-database': async (server, work) => {
      const name = String(work['database']);
      await withSession(clusters.asSuperuser(server), async (client) => {
        const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
        if (rowCount === 0)
          await client.query(
            `create database ${escapeIdentifier(name)} owner ${escapeIdentifier(server.administratorLogin)}`,
          );
      });
      return nothingToShow;
    },
    'drop-database': async (server, work) => {
      const name = escapeIdentifier(String(work['database']));
      await withSession(clusters.asSuperuser(server), (client) =>
        client.query(`drop database if exists ${name} with (force)`),
      );
      return nothingToShow;
    },
  };
}
