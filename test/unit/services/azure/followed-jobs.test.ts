/** How many jobs of a vault are followed with few reads, against a list and jobs that are played here. */
import { createFollowedJobs, type FollowedJobs } from '../../../../services/azure/followed-jobs';
import type { JobFacts, JobStatus } from '../../../../services/restore/vaults';

const jobFacts = (id: string, status: JobStatus): JobFacts => ({
  ...{ id, vaultId: '/v', vaultName: 'v', title: id, isCrossRegion: false, status, statusWord: status },
  ...{ startedAt: '2026-05-20T18:00:00.000Z', subTasks: [], warnings: [] },
});

/** A vault whose list has pages of ids; single reads are noted. */
class Played {
  millis = 0;
  broken = false;
  retryAfter: number | undefined;
  pages: string[][] = [];
  readonly statuses = new Map<string, JobStatus>();
  readonly unlisted = new Set<string>();
  pagesRead = 0;
  lists = 0;
  readonly asked: string[] = [];
  readonly following: FollowedJobs = createFollowedJobs(
    {
      pages: (onRetryAfter) => this.#pages(onRetryAfter),
      single: async (id) => {
        this.asked.push(id);
        return this.#known(id);
      },
    },
    { now: () => this.millis, usualSeconds: 30 },
  );

  add(...pages: string[][]): void {
    this.pages = pages;
    for (const id of pages.flat()) this.statuses.set(id, 'running');
  }
  job(id: string): Promise<JobFacts | undefined> {
    return this.following.job(id);
  }
  async jobs(ids: readonly string[]): Promise<(JobStatus | undefined)[]> {
    return (await Promise.all(ids.map((id) => this.job(id)))).map((job) => job?.status);
  }
  #known(id: string): JobFacts | undefined {
    const status = this.statuses.get(id);
    return status && jobFacts(id, status);
  }
  async *#pages(onRetryAfter: (seconds: number) => void): AsyncGenerator<readonly JobFacts[]> {
    this.lists++;
    if (this.retryAfter !== undefined) onRetryAfter(this.retryAfter);
    if (this.broken) throw new Error('no answer');
    for (const page of this.pages) {
      this.pagesRead++;
      yield page.filter((id) => !this.unlisted.has(id)).flatMap((id) => this.#known(id) ?? []);
    }
  }
}

const ids = Array.from({ length: 100 }, (_, index) => `j${index}`);
let vault: Played;
beforeEach(() => {
  vault = new Played();
});

test('however many ask, one list of an interval answers for all', async () => {
  vault.add(ids);
  for (const millis of [0, 10_000, 26_999]) {
    vault.millis = millis;
    expect(new Set(await vault.jobs(ids))).toEqual(new Set(['running']));
  }
  expect([vault.lists, vault.asked]).toEqual([1, []]);
  // A little before the interval is over, so that the next list has arrived when it is.
  vault.millis = 27_000;
  vault.statuses.set('j7', 'completed');
  expect((await vault.jobs(ids))[7]).toBe('completed');
  expect([vault.lists, vault.asked]).toEqual([2, []]);
});

test('an id is the same in any case', async () => {
  vault.add(['j1']);
  expect(await vault.job('J1')).toMatchObject({ id: 'j1' });
});

test('the list is read no further than to the last job that is followed', async () => {
  vault.add(['j1', 'j2'], ['old-1'], ['old-2']);
  await vault.jobs(['j1', 'j2']);
  expect(vault.pagesRead).toBe(1);
  vault.millis = 30_000;
  await vault.jobs(['j1', 'j2', 'old-1']);
  expect(vault.pagesRead).toBe(3);
});

test('one that joins later and was not read that far is asked for itself once, then listed with the others', async () => {
  vault.add(['j1', 'j2'], ['j3']);
  await vault.jobs(['j1', 'j2']);
  expect(await vault.jobs(['j3', 'j3'])).toEqual(['running', 'running']);
  expect(await vault.jobs(['j3'])).toEqual(['running']);
  expect(vault.asked).toEqual(['j3']);
  vault.millis = 30_000;
  await vault.jobs(['j1', 'j2', 'j3']);
  expect([vault.asked, vault.lists, vault.pagesRead]).toEqual([['j3'], 2, 3]);
});

test('one that the list does not hold is asked for itself once in an interval', async () => {
  vault.add(ids);
  vault.unlisted.add('j5');
  for (let turn = 0; turn < 3; turn++) await vault.jobs(ids);
  expect(vault.asked).toEqual(['j5']);
  vault.millis = 30_000;
  vault.statuses.set('j5', 'failed');
  expect((await vault.jobs(ids))[5]).toBe('failed');
  expect(vault.asked).toEqual(['j5', 'j5']);
});

test('one that nobody knows is undefined, and not asked for again and again', async () => {
  vault.add(['j1']);
  for (let turn = 0; turn < 3; turn++) expect(await vault.job('none')).toBeUndefined();
  expect(vault.asked).toEqual(['none']);
});

test('who ended or is asked for no more does not make the list longer', async () => {
  vault.add(['j1'], ['j2'], ['j3']);
  vault.statuses.set('j3', 'completed');
  await vault.jobs(['j1', 'j2', 'j3']);
  expect(vault.pagesRead).toBe(3);
  vault.pagesRead = 0;
  vault.millis = 30_000;
  await vault.jobs(['j1', 'j2']);
  // Two followed jobs, three pages the last time: the jobs themselves are fewer reads.
  expect([vault.pagesRead, vault.asked]).toEqual([0, ['j1', 'j2']]);
});

test('a list of many pages is not read for fewer jobs than it has pages', async () => {
  vault.add(...ids.map((id) => [id]));
  await vault.job('j99');
  expect([vault.lists, vault.pagesRead]).toEqual([1, 100]);
  for (let turn = 1; turn <= 3; turn++) {
    vault.millis = turn * 30_000;
    await vault.job('j99');
  }
  expect([vault.lists, vault.asked]).toEqual([1, ['j99', 'j99', 'j99']]);
});

test.each([
  [10, 10_000],
  // A long wait that one answer tells does not make all that is told this old.
  [372, 60_000],
])('where Azure asks to wait %s seconds that is the interval', async (retryAfter, interval) => {
  vault.add(ids);
  vault.retryAfter = retryAfter;
  await vault.jobs(ids);
  vault.millis = 0.9 * interval - 1;
  await vault.jobs(ids);
  expect(vault.lists).toBe(1);
  vault.millis = interval;
  vault.retryAfter = undefined;
  await vault.jobs(ids);
  expect(vault.lists).toBe(2);
  // And no longer than it says so.
  vault.millis = interval + 26_999;
  await vault.jobs(ids);
  expect(vault.lists).toBe(2);
});

test('a failure is told to all who ask, and the list is not asked again at once', async () => {
  vault.add(ids);
  vault.broken = true;
  const failed = await Promise.allSettled(ids.map((id) => vault.job(id)));
  expect(new Set(failed.map(({ status }) => status))).toEqual(new Set(['rejected']));
  await expect(vault.job('j1')).rejects.toThrow('no answer');
  expect(vault.lists).toBe(1);
  vault.broken = false;
  vault.millis = 10_000;
  expect(new Set(await vault.jobs(ids))).toEqual(new Set(['running']));
  expect(vault.lists).toBe(2);
});
