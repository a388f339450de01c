/**
 * Every error that the centre raises on purpose: a stable code, what it means, and whether trying
 * the same call again can help. `docs/errors.md` lists them; a test keeps the two equal.
 */
export const errorTable = {
  OPTION_INVALID: { retry: false, meaning: 'A setting has a value that its schema does not allow.' },
  USAGE_INVALID: { retry: false, meaning: 'A command was called with arguments that it does not take.' },
  DATA_IN_USE: { retry: true, meaning: 'Another process of the same kind uses the data folder.' },
  PORT_IN_USE: { retry: false, meaning: 'Another process already listens on the port.' },
  TOKEN_REQUIRED: { retry: false, meaning: 'Bound beyond loopback without a token.' },
  FOLDER_UNUSABLE: { retry: false, meaning: 'A folder cannot be read or written.' },
  TOPIC_INVALID: { retry: false, meaning: 'A topic is not part of the grammar.' },
  NAME_INVALID: {
    retry: false,
    meaning: 'A site, node, device or metric name has a character that names may not have.',
  },
  PAYLOAD_NOT_JSON: { retry: false, meaning: 'A payload is not JSON in UTF-8.' },
  PAYLOAD_INVALID: { retry: false, meaning: 'A payload is JSON, but not of the shape its topic asks for.' },
  RECORD_INVALID: { retry: false, meaning: 'One record of a message cannot be stored; the others are.' },
  RECORD_FAILED: { retry: false, meaning: 'Processing a record failed; it is set aside, and can be replayed.' },
  LOG_FULL: { retry: true, meaning: 'The ingest log has no room on disk.' },
  LOG_CLOSED: { retry: true, meaning: 'The ingest log is closed.' },
  OFFSET_TRIMMED: { retry: false, meaning: 'The log no longer reaches back to the offset.' },
  BROKER_UNREACHABLE: { retry: true, meaning: 'The broker does not answer.' },
  STORE_UNREACHABLE: { retry: true, meaning: 'The store does not answer.' },
  STORE_REFUSED: { retry: false, meaning: 'The store answered that it will not take these lines.' },
  STORE_UNAUTHORIZED: { retry: true, meaning: 'The store does not accept the token.' },
  QUERY_INVALID: { retry: false, meaning: 'An InfluxQL text cannot be parsed, or asks for what is not supported.' },
  LINE_INVALID: { retry: false, meaning: 'A line is not line protocol.' },
  FIELD_TYPE_CONFLICT: { retry: false, meaning: 'A field was written with another type than it has.' },
  DISK_FULL: { retry: true, meaning: 'The disk has no room.' },
  STORE_DAMAGED: { retry: false, meaning: "The embedded store's file cannot be read, or contradicts itself." },
  STORE_RUNNING: { retry: true, meaning: 'The embedded store runs, and what was asked for needs it stopped.' },
  BACKUP_INVALID: { retry: false, meaning: 'A backup is not whole, or not one that this version can read.' },
  FILE_EXISTS: { retry: false, meaning: 'A file, or a store with points, would be overwritten.' },
  CREDENTIAL_EXISTS: { retry: false, meaning: 'A username has a credential already.' },
  CREDENTIAL_UNKNOWN: { retry: false, meaning: 'No credential has this username.' },
  DISTRICT_INVALID: { retry: false, meaning: 'A file of the district folder has an entry that makes no sense.' },
  NOTHING_TO_EXPLAIN: { retry: false, meaning: 'The saved state holds no such indicator, key or window.' },
  QUOTA_EXCEEDED: { retry: false, meaning: 'A node has used up one of its quotas; what exceeds it is left out.' },
  DEVICE_NOT_OWNED: { retry: false, meaning: 'A device of the site belongs to another node.' },
  AREA_REFUSED: { retry: false, meaning: 'A birth names an area that its site is not in.' },
  EPOCH_REUSED: { retry: false, meaning: 'A message has the epoch and number of another one; both are stored.' },
  CHECKPOINT_INVALID: { retry: false, meaning: 'A saved state cannot be read by this version.' },
} as const satisfies Record<string, { retry: boolean; meaning: string }>

export type ErrorCode = keyof typeof errorTable

/** An error with a stable code from `errorTable`. */
export class IocError extends Error {
  override readonly name = 'IocError'
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** Whether the same call may succeed later: true only for `IocError`s whose code says so. */
export function isRetryable(error: unknown): boolean {
  return error instanceof IocError && errorTable[error.code].retry
}

/** Whether `error` is an `IocError`, of the given code where one is given. */
export function isIocError(error: unknown, code?: ErrorCode): error is IocError {
  return error instanceof IocError && (code === undefined || error.code === code)
}
