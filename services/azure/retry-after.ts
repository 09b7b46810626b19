/** How long Azure asks to wait. */
import type { PipelineResponse } from '@azure/core-rest-pipeline';

type Headers = PipelineResponse['headers'];

const positive = (text: string | undefined): number | undefined => {
  const value = Number(text);
  return text !== undefined && text.trim() !== '' && Number.isFinite(value) && value >= 0 ? value : undefined;
};

/** Whatever Azure says, somebody looks again within the hour. */
const longestWaitSeconds = 3_600;

/** In seconds, from a number of them, a date, or a number of milliseconds in the headers that Azure uses for those. */
export const retryAfterSeconds = (headers: Headers, fallbackSeconds: number): number =>
  Math.min(longestWaitSeconds, askedSeconds(headers, fallbackSeconds));

function askedSeconds(headers: Headers, fallbackSeconds: number): number {
  const millis = positive(headers.get('retry-after-ms') ?? headers.get('x-ms-retry-after-ms'));
  if (millis !== undefined) return Math.max(0.1, millis / 1000);
  const value = headers.get('retry-after');
  const seconds = positive(value);
  if (seconds !== undefined) return Math.max(1, seconds);
  const date = Date.parse(value ?? '');
  return Number.isNaN(date) ? fallbackSeconds : Math.max(1, Math.ceil((date - Date.now()) / 1000));
}
