// What the table says of one error code: who may retry (its category), the HTTP status, a meaning and what a person can do.

export type ErrorCategory = 'input' | 'conflict' | 'missing' | 'infra' | 'machine' | 'uncertain' | 'bug';

export interface ErrorEntry {
  readonly category: ErrorCategory;
  readonly httpStatus: number;
  readonly title: string;
  readonly remedy: string;
}

export function toEntry(category: ErrorCategory, httpStatus: number, title: string, remedy: string): ErrorEntry {
  return { category, httpStatus, title, remedy };
}
