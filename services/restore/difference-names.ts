/** What the kinds of differences are called in a sentence. */
import type { DifferenceKind } from './differences';

const nouns: Readonly<Record<DifferenceKind, readonly [one: string, many: string]>> = {
  parameters: ['parameter', 'parameters'],
  'firewall-rules': ['firewall rule', 'firewall rules'],
  administrators: ['Entra administrator', 'Entra administrators'],
  'diagnostic-settings': ['diagnostic setting', 'diagnostic settings'],
  locks: ['lock', 'locks'],
  'high-availability': ['high availability', 'high availability'],
  replicas: ['read replica', 'read replicas'],
  'private-endpoints': ['private endpoint', 'private endpoints'],
};

export const kindNoun = (kind: DifferenceKind, count: number): string => nouns[kind][count === 1 ? 0 : 1];

/** `3 parameters`; what a server has once or not at all is not counted. */
export const countedKind = (kind: DifferenceKind, count: number): string =>
  kind === 'high-availability' ? kindNoun(kind, count) : `${count} ${kindNoun(kind, count)}`;
