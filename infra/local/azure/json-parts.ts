/** Careful reading of bodies that anybody may have sent. */
export type Json = Readonly<Record<string, unknown>>;

/** The object below a name; empty when there is none. */
export const part = (body: Json, name: string): Json => {
  const value = body[name];
  return typeof value === 'object' && value !== null ? (value as Json) : {};
};

/** A string that says something. */
export const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** The same value with all property names in lower case, however deep: some providers take any spelling of them. */
export function caseless(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(caseless);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name.toLowerCase(), caseless(inner)]),
  );
}
