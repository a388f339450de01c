import { closeSync, fsyncSync, openSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { ensureFolder } from '@ioc/runtime/process.ts'

/** Writes a text that only this user may read, whole or not at all, and on disk when it returns. */
export function writeFileSafely(path: string, text: string): void {
  ensureFolder(dirname(path))
  const draft = `${path}.tmp`
  writeFileSync(draft, text, { mode: 0o600 })
  sync(draft, 'r+')
  renameSync(draft, path)
  // Windows opens no folder, and needs none: NTFS keeps a journal of renames.
  if (process.platform !== 'win32') sync(dirname(path), 'r')
}

function sync(path: string, flags: string): void {
  const file = openSync(path, flags)
  fsyncSync(file)
  closeSync(file)
}
