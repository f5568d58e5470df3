// What Postgres text and JSON can hold, and how our values are brought into that shape.

/** Postgres text cannot hold NUL or half a surrogate pair; a message that contains one shows its escape, for example `\u0000`. */
export function toText(value: string): string {
  return value.replace(/[\u0000\p{Surrogate}]/gu, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** JSON text for a json column, which keeps every value as it is; null (SQL) where there is no value. What is read back by code. */
export function toJsonText(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

/** The same for what people read and queries take apart: its strings are ones that Postgres can hold as text. */
export function toStorableText(value: unknown): string | null {
  return value === undefined ? null : toJson(value);
}

/** JSON text whose strings Postgres can hold, also as jsonb and as text taken out of it. */
export function toJson(value: unknown): string {
  return escapeUnstorable(JSON.stringify(value));
}

/** The value as Postgres can hold it; the very same where nothing in it needs an escape. */
export function toStorable<T>(value: T): T {
  const text = JSON.stringify(value);
  const storable = escapeUnstorable(text);
  return storable === text ? value : (JSON.parse(storable) as T);
}

/** JSON.stringify writes NUL and half a pair as escapes; an escaped backslash before them is kept apart from those. */
function escapeUnstorable(json: string): string {
  if (!json.includes('\\u')) return json;
  return json.replace(/\\(?:u0000|u[dD][89a-fA-F][0-9a-fA-F]{2}|[^])/gu, (found) => (found.length > 2 ? `\\${found}` : found));
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/iu;

/** Anything else given where Postgres expects a uuid is an error of the query instead of an empty answer. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}
