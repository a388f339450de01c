import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { IocError } from '@ioc/contract/errors.ts'

const fileName = 'outbox.sqlite'

/** SQLite's primary result codes that matter here (https://sqlite.org/rescode.html). */
const code = { busy: 5, readOnly: 8, corrupt: 11, full: 13, cannotOpen: 14, notADatabase: 26 } as const

const schema = `
  CREATE TABLE IF NOT EXISTS state (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    epoch TEXT NOT NULL,
    seq INTEGER NOT NULL,
    lost INTEGER NOT NULL,
    session INTEGER NOT NULL
  );
  CREATE TABLE IF NOT EXISTS messages (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    records TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS tried (seq INTEGER PRIMARY KEY);
  CREATE TABLE IF NOT EXISTS positions (channel TEXT PRIMARY KEY, position INTEGER NOT NULL);`

/** Columns that came later. A file from before gets them with these defaults. */
const laterColumns = {
  state: {
    acknowledged: 'INTEGER NOT NULL DEFAULT 0',
    ticks: 'INTEGER NOT NULL DEFAULT 0',
    uptime: 'INTEGER NOT NULL DEFAULT 0',
    boot: 'INTEGER NOT NULL DEFAULT 0',
    boot_id: "TEXT NOT NULL DEFAULT ''",
  },
  messages: {
    ticks: 'INTEGER NOT NULL DEFAULT 0',
    boot: 'INTEGER NOT NULL DEFAULT 0',
    channel: "TEXT NOT NULL DEFAULT 'telemetry'",
    past: 'INTEGER NOT NULL DEFAULT 0',
  },
} as const

/** What had to be done to have a database. */
export interface Opened {
  readonly database: DatabaseSync
  /** Where a file that could not be read was moved to. */
  readonly setAside?: string
}

/**
 * Opens the outbox's file, checks it, and sets it aside where it is damaged.
 * @throws IocError FOLDER_UNUSABLE when the folder cannot be written or another agent uses it, DISK_FULL
 */
export function openDatabase(folder: string): Opened {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o750 })
    try {
      return { database: openChecked(join(folder, fileName)) }
    } catch (error) {
      if (!isCorrupt(error)) throw error
      return { setAside: setAside(folder), database: openChecked(join(folder, fileName)) }
    }
  } catch (cause) {
    throw openError(folder, cause)
  }
}

function openChecked(path: string): DatabaseSync {
  const database = new DatabaseSync(path)
  try {
    // An exclusive lock keeps a second agent out, and spares the shared-memory file of the WAL.
    database.exec('PRAGMA locking_mode = EXCLUSIVE')
    // Small pages of cache and a small WAL: the agent must stay small, and a message is a few hundred bytes.
    database.exec('PRAGMA cache_size = -512; PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 256')
    database.exec('PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY')
    const check = database.prepare('PRAGMA quick_check(1)').get()
    if (check?.['quick_check'] !== 'ok') throw new DamagedError(String(check?.['quick_check']))
    database.exec(schema)
    addLaterColumns(database)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

function addLaterColumns(database: DatabaseSync): void {
  for (const [table, columns] of Object.entries(laterColumns)) {
    const present = database.prepare(`SELECT name FROM pragma_table_info('${table}')`).all()
    for (const [column, type] of Object.entries(columns)) {
      if (present.some(({ name }) => name === column)) continue
      database.exec(`ALTER TABLE ${table} ADD COLUMN ${column} ${type}`)
    }
  }
}

/** Renames the file, so that a person may look into it. The last damaged file is kept, and no more than that. */
export function setAside(folder: string): string {
  const path = join(folder, fileName)
  const target = `${path}.damaged`
  renameSync(path, target)
  // Without its database the WAL means nothing, and a new database must not meet it.
  rmSync(`${path}-wal`, { force: true })
  rmSync(`${path}-shm`, { force: true })
  return target
}

class DamagedError extends Error {}

/** Whether the file itself is damaged, as opposed to a disk that will not take or give data just now. */
export function isCorrupt(error: unknown): boolean {
  const primary = primaryCode(error)
  return error instanceof DamagedError || primary === code.corrupt || primary === code.notADatabase
}

function primaryCode(error: unknown): number {
  const extended = (error as { errcode?: unknown } | null)?.errcode
  return typeof extended === 'number' ? extended & 0xff : 0
}

function openError(folder: string, cause: unknown): unknown {
  const system = (cause as NodeJS.ErrnoException).code
  const primary = primaryCode(cause)
  if (primary === code.full || system === 'ENOSPC') {
    return new IocError('DISK_FULL', `the disk of ${folder} is full: the outbox cannot be written`, { cause })
  }
  if (primary === code.busy) {
    return new IocError(
      'FOLDER_UNUSABLE',
      `another agent uses ${folder}: set a different IOC_AGENT_DATA_DIR for each agent`,
      { cause },
    )
  }
  if (primary === code.cannotOpen || primary === code.readOnly || system === 'EACCES' || system === 'EROFS') {
    return new IocError('FOLDER_UNUSABLE', `cannot write the outbox in ${folder}: ${(cause as Error).message}`, {
      cause,
    })
  }
  return cause
}
