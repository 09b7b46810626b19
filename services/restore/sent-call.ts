/** A call to Azure that changes something, as it went over the wire. */
export interface SentRequest {
  readonly method: 'PUT' | 'POST' | 'DELETE';
  /** ARM path without query. */
  readonly path: string;
  /** Absent where the adapter's settings name it. */
  readonly apiVersion?: string;
  readonly body?: object;
}
