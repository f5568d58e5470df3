// What Postgres text and JSON can hold, and how our values are brought into that shape.

/** Postgres text cannot hold NUL or half a surrogate pair; a message that contains one keeps a visible mark in its place. */
export function toText(value: string): string {
  return value.replace(/[\u0000\p{Surrogate}]/gu, '\uFFFD');
}

/** JSON text for a json column; null (SQL) where there is no value. */
export function toJsonText(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/iu;

/** Anything else given where Postgres expects a uuid is an error of the query instead of an empty answer. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}
