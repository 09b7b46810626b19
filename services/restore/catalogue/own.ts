/** What went wrong with the desk itself. */
import { say, type Explanation } from './explanation';

export const own = {
  DATABASE_UNREACHABLE: () =>
    say(
      'Restore Desk cannot reach its own database, so nothing was recorded.',
      'Say it again in a minute.',
      true,
    ),
  UNEXPECTED: (p: { reference: string }) =>
    say(
      'Something unexpected went wrong inside Restore Desk.',
      `Tell its owner the reference ${p.reference}; nothing was changed.`,
      true,
    ),
  CONFIGURATION: (p: { problems: readonly string[] }) =>
    say(`The configuration is not usable: ${p.problems.join(' ')}`, 'Correct the settings and start again.'),
  INTERNAL: (p: { what: string }) =>
    say(`A rule of the program was broken: ${p.what}.`, 'This is a defect; tell the owner.'),
} satisfies Record<string, (p: never) => Explanation>;
