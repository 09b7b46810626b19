/** How much memory the product takes while it loads an archive of 1 GB: its bytes must never pass through it whole. */
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { login, orderOf, startDumpStage } from '../contract/dump/dump-stage';
import { repositoryDir } from '../fixtures/supervisor/processes';
import { megabytes, type Figure } from './figures';

const rows = 1024 * 1024;
const targetBytes = 300 * 1024 * 1024;

export async function dumpMemory(): Promise<Figure[]> {
  const stage = await startDumpStage(['max_wal_size = 512MB', 'wal_level = minimal', 'max_wal_senders = 0']);
  try {
    await stage.sql('postgres', `create database source owner ${login}`);
    await stage.sql(
      'source',
      `set session authorization ${login}; create table big(id int, filling text);
       insert into big select g, repeat(chr(97 + g % 26), 1000) from generate_series(1, ${rows}) g`,
    );
    const path = stage.dump('source', 'source.dump', '-Z0');
    await stage.sql('postgres', 'drop database source');
    const order = orderOf(stage, [{ path, database: 'loaded' }]);
    const file = stage.file(
      'order.json',
      JSON.stringify({ order, pgBin: stage.pgBin, caFile: stage.caFile }),
    );
    const main = join(repositoryDir, 'test/fixtures/dump-loader-main.ts');
    execFileSync(process.execPath, ['--import', 'tsx', main, file], { cwd: repositoryDir });
    const told = readFileSync(`${file}.told`, 'utf8');
    if (!told.includes('"kind":"loaded"')) throw new Error('the archive was not loaded');
    const peak = Number(/"peak":"(\d+)"/.exec(told)?.[1]) * 1024;
    return [
      {
        id: '',
        what: `Peak memory while an archive of ${megabytes(statSync(path).size)} is loaded`,
        measured: megabytes(peak),
        ...{ target: `< ${megabytes(targetBytes)}`, met: peak < targetBytes },
      },
    ];
  } finally {
    await stage.stop();
  }
}
