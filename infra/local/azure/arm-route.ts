/** The shape of everything local Azure answers as ARM: a table of routes whose handlers return answers. */
import type { Caller } from './tokens';

export interface ArmCall {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
  readonly caller: Caller;
  readonly apiVersion: string;
  /** Scheme and host the caller used; every link in an answer starts with it. */
  readonly origin: string;
  /** The path as it was asked, without query. */
  readonly path: string;
}

export interface ArmAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** The long-running operation that this call started, for the journal. */
  readonly operationId?: string;
}

export interface ArmRoute {
  readonly method: 'get' | 'put' | 'post' | 'patch' | 'delete';
  /** An express path; matched without regard to case, with or without a trailing slash. */
  readonly path: string;
  /** Resource type with namespace; decides the api-versions. */
  readonly type: string;
  /** The action that a role has to allow; undefined where signing in is enough. */
  readonly action?: string;
  readonly handle: (call: ArmCall) => ArmAnswer | Promise<ArmAnswer>;
}

export const ok = (body: unknown): ArmAnswer => ({ status: 200, body });
