import type { IngestLog } from '../ingest-log.ts'

export interface LogSettings {
  readonly path: string
  readonly partitions: number
  /** Most that the log may hold, in bytes; beyond it `append` fails with LOG_FULL. */
  readonly maxBytes: number
  /** `flush`: `append` resolves when the record is on disk. `commit`: when readers can see it. */
  readonly durability: 'flush' | 'commit'
}

/** Opens a log in a folder, which is made where it is missing. */
export type OpenLog = (settings: LogSettings) => IngestLog
