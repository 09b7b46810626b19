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
