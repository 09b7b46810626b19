/** How far the load of one archive is, for its meter: what each step costs, and what is done of it. */
import { tableOf, type ArchiveFile } from './archive-file';
import type { TocEntry } from './archive-toc';
import { seconds, type PartMeter } from './meter';
import type { Stages } from './stages';

interface Tracked {
  readonly meter: PartMeter;
  readonly database: string;
  readonly context: { readonly archive: ArchiveFile };
}

/** Of data in the archive, of the table that the entry belongs to. */
export function tableBytes(archive: ArchiveFile, entry: TocEntry | undefined): number {
  if (entry === undefined) return 0;
  const table = tableOf(archive.entriesById, entry);
  return table === undefined ? 0 : (archive.tableBytes.get(table.id) ?? 0);
}

export function trackSteps({ meter, context: { archive }, database }: Tracked, stages: Stages) {
  const indexCost = (entry: TocEntry): number => seconds.indexBytes(tableBytes(archive, entry));
  const costOf = (entry: TocEntry): number =>
    seconds.object + (postKinds.includes(entry.kind) ? indexCost(entry) : 0);
  const dataBytes = [...archive.data.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  const dataCost = seconds.dataBytes(dataBytes);
  const others = [
    ...[
      stages.schemas,
      stages.before,
      stages.sequences,
      stages.attachments,
      stages.foreignKeys,
      stages.bigForeignKeys,
    ],
    ...[stages.after, stages.grants, stages.last, ...stages.indexes],
  ].flat();
  const cost =
    dataCost + others.reduce((sum, entry) => sum + costOf(entry), 0) + seconds.analyzeBytes(dataBytes);
  meter.planned(others.length + stages.data.length, cost);
  let [doing, objects, done, tables, data] = ['', 0, 0, 0, 0];
  const tell = () => {
    const detail = doing === 'data' ? ` (${tables} of ${stages.data.length} tables)` : '';
    meter.reached(objects + tables, done + data, `${doing} of ${database}${detail}`);
  };
  return {
    doing: (what: string) => {
      doing = what;
      tell();
    },
    done: (entries: readonly TocEntry[]) => {
      objects += entries.length;
      for (const entry of entries) done += costOf(entry);
      tell();
    },
    loaded: (bytes: number, count: number) => {
      tables = count;
      data = dataBytes === 0 ? 0 : dataCost * Math.min(1, bytes / dataBytes);
      tell();
    },
    dataDone: () => {
      tables = stages.data.length;
      data = dataCost;
    },
  };
}

const postKinds = ['INDEX', 'CONSTRAINT', 'FK CONSTRAINT'];
