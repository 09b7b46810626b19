/**
 * What of Azure's own words may travel to a card or the journal. Azure quotes what it was given: the address of a secret, and
 * the login that it tried. Who reads a card needs neither to act.
 */

/** With or without the scheme, in every cloud. The point behind the address belongs to the sentence. */
const keyVault =
  /(?:https?:\/\/)?[\w-]+(?:\.[\w-]+)*\.(?:vault|vaultcore|managedhsm)\.(?:azure|usgovcloudapi|microsoftazure)\.\w+(?::\d+)?(?:\/[^\s'"`<>()[\],;]*[^\s'"`<>()[\],;.:!])?\/?/gi;

/** Logins as Entra and single servers write them (`admin@legacy-srv`). */
const atSomewhere = /[^\s'"`<>()[\],;:=]+@[\w-]+(?:\.[\w-]+)*/g;

const quoted = /\b(user|login|principal)( name)?( is|:|=)?\s*(?:'[^']*'|"[^"]*"|`[^`]*`|\[[^\]]*\])/gi;
/** Roles of a database begin small and have no spaces; those of Azure (`role 'Reader'`) are what advice is about. */
const databaseRole = /\b([Rr]ole)( name)?( is|:|=)?\s*(?:'[a-z_][^'\s]*'|"[a-z_][^"\s]*")/g;
/** Without quotes only what can be no word of a sentence: `user backup_admin`, `login app2`. */
const bare = /\b(user|login|principal)( name)?( is|:|=)?\s+(?=[\w.$-]*[_\d])[\w.$-]*\w/gi;

/** Words of a login, a key or a signed address: what holds one of them is shown to nobody. */
const secretive =
  /passw|pwd|sig=|key=|accountkey|signature|token|user ?id|username|host=|server=|:\/\/\S+\?/i;

const withheld = '(not shown)';
const unnamed = (_whole: string, what: string): string => `${what} ${withheld}`;

/** The text without what is nobody's business in chat; undefined where nothing of it may be shown. */
export function fitToShow(text: string): string | undefined {
  const cut = text
    .replace(keyVault, 'the key vault')
    .replace(atSomewhere, withheld)
    .replace(quoted, unnamed)
    .replace(databaseRole, unnamed)
    .replace(bare, unnamed);
  return secretive.test(cut) ? undefined : cut;
}
