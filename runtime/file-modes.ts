import { chmodSync, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Bits that no file of the centre has: writing by the group, everything by others. */
const forbidden = 0o027

/** Makes what this process and its children create readable by their user and group alone: files 0640, folders 0750. */
export function restrictNewFiles(): void {
  process.umask(forbidden)
}

/** Takes the same bits from files that an earlier version created. What belongs to another user stays as it is. */
export function restrictOldFiles(path: string): void {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (!stats || stats.isSymbolicLink()) return
  try {
    if (stats.mode & forbidden) chmodSync(path, stats.mode & 0o7777 & ~forbidden)
    if (stats.isDirectory()) for (const name of readdirSync(path)) restrictOldFiles(join(path, name))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // Another process may have removed it meanwhile; what this user does not own is not the centre's.
    if (code !== 'ENOENT' && code !== 'EPERM' && code !== 'EACCES') throw error
  }
}
