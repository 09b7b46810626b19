/** What hangs on servers besides their data, played by hand: a copy has nothing until it is given it. */
import { changesOf, type ApplicableKind } from '../../services/restore/difference-changes';
import type {
  ApplyResult,
  DifferenceApplier,
  ServerDetailsReader,
} from '../../services/restore/difference-ports';
import type { Problem } from '../../services/restore/errors';
import type { ServerDetails } from '../../services/restore/server-details';

const none = { kind: 'read', value: [] } as const;

const someDetails = (id: string, changes: Partial<ServerDetails> = {}): ServerDetails => ({
  ...{ id, name: id.split('/').at(-1) ?? id, parameters: none, firewallRules: none, administrators: none },
  ...{ locks: none, diagnosticSettings: none, replicas: none, privateEndpoints: none },
  highAvailability: { kind: 'read', value: { mode: 'Disabled' } },
  ...changes,
});

export class FakeSettings implements ServerDetailsReader, DifferenceApplier {
  /** By name of the server. */
  readonly known = new Map<string, Partial<ServerDetails>>();
  /** What was asked to be applied, in order. */
  readonly applied: {
    readonly copyId: string;
    readonly kind: ApplicableKind;
    readonly source: ServerDetails;
  }[] = [];
  /** Items that Azure refuses, by name. */
  readonly refusals = new Map<string, Problem>();
  /** Waited for, or thrown, by the next application. */
  hold: Promise<void> | undefined;
  failure: Error | undefined;
  /** Nothing is told, ever. */
  silent = false;

  async details(id: string): Promise<ServerDetails> {
    if (this.silent) await new Promise(() => undefined);
    return someDetails(id, this.known.get(id.split('/').at(-1) ?? ''));
  }

  async apply(copyId: string, kind: ApplicableKind, source: ServerDetails): Promise<ApplyResult> {
    this.applied.push({ copyId, kind, source });
    await this.hold;
    if (this.failure) throw this.failure;
    const changes = changesOf(kind, source, await this.details(copyId));
    const items = (changes.kind === 'read' ? changes.value : []).map(({ wanted: { name } }) => {
      const because = this.refusals.get(name);
      const outcome = because ? ({ kind: 'refused', because } as const) : ({ kind: 'applied' } as const);
      return { what: name, outcome };
    });
    return { items, needsRestart: false };
  }
}
