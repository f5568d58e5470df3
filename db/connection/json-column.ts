// A column of JSON: read as a value, written as the text of it: node-postgres would write an array as a Postgres array.

import type { ColumnType } from 'kysely';

export type JsonColumn<T> = ColumnType<T, string, string>;
