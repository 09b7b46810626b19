/** Runs one part of the gate as a process of its own and counts what came of it. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StaticCheck, TestKind } from './checks';
import { countJestRun, countStaticCheck, type JestReport, type PartResult } from './result';

const shownCharacters = 60_000;

interface Ended {
  readonly exitCode: number;
  readonly output: string;
  readonly seconds: number;
}

export async function runStaticCheck(repositoryDir: string, check: StaticCheck): Promise<PartResult> {
  const ended = await run(repositoryDir, 'npm', ['run', '--silent', check.script]);
  return countStaticCheck(check.name, ended.exitCode, ended.seconds, ended.output);
}

export async function runTestKind(repositoryDir: string, { name, workers }: TestKind): Promise<PartResult> {
  const testFiles = countTestFiles(join(repositoryDir, 'test', name));
  if (testFiles === 0) {
    return countJestRun({ name, seconds: 0, exitCode: 0, output: '', testFiles, report: undefined });
  }
  const folder = mkdtempSync(join(tmpdir(), 'restore-desk-gate-'));
  try {
    const reportFile = join(folder, 'report.json');
    const jest = join(repositoryDir, 'node_modules', 'jest', 'bin', 'jest.js');
    const ended = await run(repositoryDir, process.execPath, [
      ...[jest, '--selectProjects', name, '--ci', '--forceExit', '--colors=false'],
      ...['--json', `--outputFile=${reportFile}`],
      ...(workers === undefined ? [] : [`--maxWorkers=${workers}`]),
    ]);
    return countJestRun({ name, testFiles, report: readReport(reportFile), ...ended });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readReport(file: string): JestReport | undefined {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as JestReport) : undefined;
}

function countTestFiles(folder: string): number {
  if (!existsSync(folder)) return 0;
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.test.ts'),
  ).length;
}

function run(cwd: string, command: string, args: readonly string[]): Promise<Ended> {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const env = { ...process.env, CI: 'true', NO_COLOR: '1' };
    // jest's own report goes to the error output; its standard output is the JSON that we read from the file.
    const isJest = args.includes('--json');
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', isJest ? 'ignore' : 'pipe', 'pipe'] });
    let output = '';
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-shownCharacters);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    const end = (exitCode: number): void =>
      resolve({ exitCode, output, seconds: (performance.now() - startedAt) / 1000 });
    child.once('error', (error) => {
      output += error.message;
      end(1);
    });
    // `exit`, not `close`: a process that a test forgot may hold the pipe, and that must not hang the gate.
    child.once('exit', (code) => setImmediate(end, code ?? 1));
  });
}
