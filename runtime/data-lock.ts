import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { IocError } from '@ioc/contract/errors.ts'
import { displayStamp } from './display-time.ts'
import { ensureFolder } from './process.ts'

/** Who holds a lock. */
export interface LockHolder {
  readonly pid: number
  /** The hub that started it, where one did. */
  readonly parent: number | undefined
  readonly since: string
}

/** Longest that another process may look at a lock while this one wants it, in ms. */
const probeTimeoutMs = 250

/** SQLite's primary result code for a file that another process has locked. */
const busy = 5

/**
 * Locks that this process holds: they end with it, whatever ends it, since the system holds them (`fcntl`), and Node has no
 * other way to ask for one than through SQLite. Kept here, because a database that nothing refers to is closed.
 */
const held = new Map<string, DatabaseSync>()

/**
 * Makes this process the only one of its name that uses a data folder, until it ends.
 * @throws IocError DATA_IN_USE, FOLDER_UNUSABLE
 */
export function lockData(dataDir: string, name: string): void {
  const path = lockPath(dataDir, name)
  held.set(path, acquire(dataDir, name))
  const parent = process.channel ? process.ppid : undefined
  const holder: LockHolder = { pid: process.pid, parent, since: displayStamp(Date.now()) }
  writeFileSync(`${path}.json`, JSON.stringify(holder), { mode: 0o640 })
}

/** The process that holds a lock at this moment. */
export function lockHolder(dataDir: string, name: string): LockHolder | undefined {
  try {
    acquire(dataDir, name).close()
    return undefined
  } catch (error) {
    if (!(error instanceof IocError && error.code === 'DATA_IN_USE')) throw error
    return readHolder(lockPath(dataDir, name)) ?? { pid: 0, parent: undefined, since: '' }
  }
}

function acquire(dataDir: string, name: string): DatabaseSync {
  const path = lockPath(dataDir, name)
  ensureFolder(join(dataDir, 'locks'))
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(path, { timeout: probeTimeoutMs })
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE; COMMIT')
    return database
  } catch (cause) {
    database?.close()
    if ((Number((cause as { errcode?: number }).errcode) & 0xff) !== busy) {
      throw new IocError('FOLDER_UNUSABLE', `cannot lock ${path}: ${(cause as Error).message}`, { cause })
    }
    throw new IocError('DATA_IN_USE', inUse(dataDir, name, readHolder(path)), { cause })
  }
}

/** What a person can do about it. */
export function inUse(dataDir: string, name: string, holder: LockHolder | undefined): string {
  const who = holder === undefined ? '' : ` (process ${holder.pid}, since ${holder.since})`
  return `the data folder ${dataDir} is in use by another ${name}${who}: stop that process, or set IOC_DATA_DIR to another folder`
}

function readHolder(path: string): LockHolder | undefined {
  try {
    return JSON.parse(readFileSync(`${path}.json`, 'utf8')) as LockHolder
  } catch {
    return undefined
  }
}

function lockPath(dataDir: string, name: string): string {
  return join(dataDir, 'locks', `${name}.lock`)
}
