/** What the log never holds: tokens, passwords, signed addresses, whatever object they arrive in. */
import type { LoggerOptions } from 'pino';

interface ErrorLike {
  readonly name?: string;
  readonly message?: string;
  readonly code?: unknown;
  readonly statusCode?: unknown;
  readonly stack?: string;
  readonly cause?: unknown;
}

/** Signed addresses and bearer tokens are cut out of any text. */
export const scrub = (text: string): string =>
  text
    .replace(/Bearer\s+[\w.~+/=-]+/gi, 'Bearer [removed]')
    .replace(/\beyJ[\w-]{10,}\.[\w-]+\.[\w-]*/g, '[token removed]')
    .replace(/([?&](?:t|c|s|h|sig|code|client_secret|access_token|password)=)[^&\s"']+/gi, '$1[removed]')
    .replace(/(\b[a-z][a-z0-9+.-]*:\/\/[^:/\s@]*:)[^\s/]+@/gi, '$1[removed]@');

/** Errors of clients carry whole requests with their headers; only these fields of them are worth a line. */
function errorFacts(thrown: unknown, depth = 0): object {
  if (typeof thrown !== 'object' || thrown === null) return { message: scrub(String(thrown)) };
  const error = thrown as ErrorLike;
  return {
    name: error.name,
    message: scrub(String(error.message ?? 'no message')),
    code: error.code,
    statusCode: error.statusCode,
    stack: typeof error.stack === 'string' ? scrub(error.stack) : undefined,
    cause: error.cause !== undefined && depth < 3 ? errorFacts(error.cause, depth + 1) : undefined,
  };
}

export const redaction: Pick<LoggerOptions, 'serializers'> = {
  serializers: { error: (error: unknown) => errorFacts(error) },
};
