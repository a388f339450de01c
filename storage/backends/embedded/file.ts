import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { IocError, isIocError } from '@ioc/contract/errors.ts'

/** Name of the file, in the store's folder, that holds the points. */
export const pointsFile = 'points.duckdb'

/** What the engine may leave beside a file: its write-ahead log, and what a checkpoint that a crash ended makes of it. */
const besides = ['.wal', '.wal.checkpoint', '.wal.recovery']

/** The three headers that every DuckDB file begins with, in bytes: a shorter file was cut. */
const minFileBytes = 3 * 4096

/**
 * Whether there is a file to open. DuckDB takes an empty file, or one that is missing beside its write-ahead log, for a
 * new one, and would begin again without what was stored.
 * @throws IocError STORE_DAMAGED
 */
export function checkFile(path: string): boolean {
  if (!existsSync(path)) {
    if (!besides.some((end) => existsSync(path + end))) return false
    throw damaged(path, 'the file is missing, but its write-ahead log exists')
  }
  const { size } = statSync(path)
  if (size < minFileBytes) throw damaged(path, `it has only ${size} bytes`)
  return true
}

/** Creates an empty file under another name first, so that a crash leaves none that looks damaged. */
export async function createFile(path: string): Promise<void> {
  const fresh = `${path}.new`
  removeFile(fresh)
  await withConnection(fresh, (connection) => connection.run('CHECKPOINT'))
  moveIntoPlace(fresh, path)
}

/** Opens a file of the engine, and closes it again. */
export async function withConnection<T>(
  path: string,
  use: (connection: DuckDBConnection) => Promise<T>,
  options: Record<string, string> = {},
): Promise<T> {
  const instance = await DuckDBInstance.create(path, options)
  try {
    const connection = await instance.connect()
    const result = await use(connection)
    connection.closeSync()
    return result
  } finally {
    instance.closeSync()
  }
}

/** Removes a file and what is beside it. */
export function removeFile(path: string): void {
  rmSync(path, { force: true })
  removeBesides(path)
}

/** Removes what would be folded into a file when it is opened. */
export function removeBesides(path: string): void {
  for (const end of besides) rmSync(path + end, { force: true })
}

/** Renames a file and makes the new name survive a loss of power. */
export function moveIntoPlace(from: string, to: string): void {
  sync(from, 'r+')
  renameSync(from, to)
  sync(dirname(to), 'r')
}

function sync(path: string, flags: string): void {
  const descriptor = openSync(path, flags)
  fsyncSync(descriptor)
  closeSync(descriptor)
}

/** Tells a file that another process has, or that cannot be reached, from one that is damaged. */
export function explainOpening(error: unknown, folder: string): IocError {
  if (isIocError(error)) return error
  const text = firstLine(error)
  if (!isDamage(error)) {
    return new IocError('FOLDER_UNUSABLE', `cannot use the folder ${folder}: ${text}`, { cause: error })
  }
  return damaged(`${folder}/${pointsFile}`, text, error)
}

/** Whether an error of the engine tells of a damaged file, and not of what a person mends without a backup. */
export function isDamage(error: unknown): boolean {
  const text = firstLine(error)
  const damage = /corrupt|checksum|could not read|not a valid DuckDB|serializ|INTERNAL|version number/i
  return damage.test(text) && !/lock on file|permission|no space/i.test(text)
}

export function damaged(path: string, why: string, cause?: unknown): IocError {
  return new IocError(
    'STORE_DAMAGED',
    `${path} cannot be used (${why}): restore a backup with "ioc restore FILE --force", or move the file and its .wal file away to start with an empty store`,
    { cause },
  )
}

export function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? ''
}
