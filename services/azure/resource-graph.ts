/**
 * One question to all vaults of all subscriptions: Azure Resource Graph. It answers late (what happened a minute ago may be
 * missing) and seldom (15 questions in five seconds for each identity), so nothing that must be sure is asked here.
 */
import { createPipelineRequest, type PipelineResponse } from '@azure/core-rest-pipeline';
import { setTimeout as pause } from 'node:timers/promises';
import type { Instant } from '../restore/instant';
import { plainReadingClient, type ArmSettings } from './arm';
import { parseAnyCase } from './data-protection/property-names';
import { failedAnswer, unreadableAnswer } from './errors';
import type { PaceTime } from './read-pace';
import { retryAfterSeconds } from './retry-after';
import { datasourceTypes } from './vault-facts';

export interface ResourceGraph {
  /** All rows of a query that sorts them, page after page. Throws whatever went wrong, and never gives a part for the whole. */
  rows(query: string): Promise<readonly unknown[]>;
}

const apiVersion = '2021-03-01';
const pageSize = 1_000;
/** More pages than there are of anything; a token that leads in a circle ends somewhere. */
const mostPages = 100;
/** Where Azure does not say when the quota is filled up again. */
const usualResetSeconds = 5;
/** Whoever would have to wait longer is told at once that there is no answer. */
const longestWaitMillis = 10_000;

const realTime: PaceTime = { now: () => performance.now(), wait: (millis) => pause(millis) };

const types = datasourceTypes.map((type) => `'${type}'`).join(', ');
const columns = 'id, name, type, location, resourceGroup, subscriptionId, properties';

export const instancesQuery = [
  'RecoveryServicesResources',
  "where type =~ 'microsoft.dataprotection/backupvaults/backupinstances'",
  `where properties.dataSourceInfo.datasourceType in~ (${types})`,
  `project ${columns}`,
  'order by id asc',
].join(' | ');

/** `since` is an instant of ours, so there is nothing in it that could end the query. */
export const jobsQuery = (since: Instant): string =>
  [
    'RecoveryServicesResources',
    "where type =~ 'microsoft.dataprotection/backupvaults/backupjobs'",
    `where properties.dataSourceType in~ (${types})`,
    "where properties.operationCategory in~ ('Restore', 'CrossRegionRestore')",
    `where properties.startTime > datetime(${new Date(since).toISOString()})`,
    `project ${columns}`,
    'order by id asc',
  ].join(' | ');

/** `00:00:05` */
function clockSeconds(text: string | undefined): number | undefined {
  const [, hours, minutes, seconds] = /^(\d+):(\d\d):(\d\d)/.exec(text ?? '') ?? [];
  return hours === undefined ? undefined : Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
}

/** For how long nothing may be asked after this answer. */
function pauseMillis({ status, headers }: PipelineResponse): number {
  const spent = status === 429 || headers.get('x-ms-user-quota-remaining') === '0';
  if (!spent) return 0;
  const told = clockSeconds(headers.get('x-ms-user-quota-resets-after'));
  return 1_000 * (told ?? retryAfterSeconds(headers, usualResetSeconds));
}

interface Page {
  readonly data?: readonly unknown[] | null;
  readonly $skipToken?: string | null;
  readonly resultTruncated?: string | boolean | null;
}

function parsedPage(answer: PipelineResponse): Page {
  if (answer.status !== 200) throw failedAnswer(answer);
  const page = parseAnyCase(answer.bodyAsText ?? '') as Page | null;
  if (!Array.isArray(page?.data)) throw unreadableAnswer();
  return page;
}

export function createResourceGraph(
  settings: ArmSettings,
  { now, wait }: PaceTime = realTime,
): ResourceGraph {
  // Every try costs of the quota, and there is another way to the same facts: nothing is asked twice.
  const client = plainReadingClient(settings, 0);
  const url = `${settings.endpoint}/providers/Microsoft.ResourceGraph/resources?api-version=${apiVersion}`;
  let freeAt = 0;
  let last: Promise<unknown> = Promise.resolve();

  const ask = async (query: string, skipToken: string | undefined): Promise<Page> => {
    const waitMillis = freeAt - now();
    if (waitMillis > longestWaitMillis) throw unreadableAnswer();
    if (waitMillis > 0) await wait(waitMillis);
    const request = createPipelineRequest({ url, method: 'POST' });
    request.headers.set('accept', 'application/json');
    request.headers.set('content-type', 'application/json; charset=utf-8');
    request.body = JSON.stringify({
      subscriptions: settings.subscriptionIds,
      query,
      options: {
        ...{ $top: pageSize, resultFormat: 'objectArray', allowPartialScopes: false },
        ...(skipToken === undefined ? { $skip: 0 } : { $skipToken: skipToken }),
      },
    });
    const answer = await client.sendRequest(request);
    freeAt = now() + pauseMillis(answer);
    return parsedPage(answer);
  };
  /** One question at a time: only the answer to the one before tells whether there may be a next. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work, work);
    last = turn.catch(() => undefined);
    return turn;
  };
  return {
    rows: async (query) => {
      const all: unknown[] = [];
      let token: string | undefined;
      for (let page = 0; page < mostPages; page++) {
        const { data, $skipToken, resultTruncated } = await inTurn(() => ask(query, token));
        all.push(...(data ?? []));
        if (!$skipToken) {
          if (String(resultTruncated ?? 'false').toLowerCase() === 'true') throw unreadableAnswer();
          return all;
        }
        token = $skipToken;
      }
      throw unreadableAnswer();
    },
  };
}
