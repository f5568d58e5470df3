// Words of the inbox: how an item stands, what a protocol may ask, why an alarm is raised.

export const INBOX_STATUSES = ['open', 'answered', 'withdrawn'] as const;
export type InboxStatus = (typeof INBOX_STATUSES)[number];

export const QUESTION_KINDS = ['confirm', 'choose', 'number', 'text', 'form', 'manual-move', 'refill'] as const;
export type QuestionKind = (typeof QUESTION_KINDS)[number];

export const ALARM_CAUSES = ['slow-command', 'silent-worker', 'silent-bridge', 'stuck-run', 'journal-lost', 'unknown-workflow'] as const;
export type AlarmCause = (typeof ALARM_CAUSES)[number];
