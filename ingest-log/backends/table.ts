import { openLmdbLog } from './lmdb/lmdb-log.ts'
import type { OpenLog } from './open-log.ts'

/** Logs to choose from. A new one is a folder beside this file, and a line here. */
export const logBackends = { lmdb: openLmdbLog } as const satisfies Readonly<Record<string, OpenLog>>
