import { accessSync, constants, mkdirSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { IocError } from '@ioc/contract/errors.ts'

/**
 * Creates a folder, and those above it that are missing. Not by `recursive`, which tries for ever where the system says
 * that a folder above is missing although it is there, as it does below /proc.
 * @throws Error of the system
 */
export function makeFolder(path: string): void {
  const folder = resolve(path)
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return
  if (dirname(folder) !== folder) makeFolder(dirname(folder))
  mkdirSync(folder, { mode: 0o750 })
}

/**
 * Creates a folder, and what lies above it, and checks that it can be written to.
 * @throws IocError FOLDER_UNUSABLE
 */
export function ensureFolder(path: string): string {
  try {
    makeFolder(path)
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK)
    return path
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new IocError(
      'FOLDER_UNUSABLE',
      `cannot use the folder ${path} (${code}): grant this user write permission, or set IOC_DATA_DIR to another folder`,
      { cause },
    )
  }
}
