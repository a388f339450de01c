import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { ensureFolder } from './folder.ts'

/** Only the user of the process may read it. */
const privateMode = 0o600

/**
 * Writes a file that only this user may read. After a crash it is the old or the new one; when it returns, the text is on
 * the disk.
 * @returns false where there is a file already that is not to be replaced
 */
export function writePrivateText(path: string, text: string, replace = true): boolean {
  const folder = ensureFolder(dirname(path))
  const draft = `${path}.${process.pid}.tmp`
  try {
    writeFileSync(draft, text, { mode: privateMode, flush: true })
    if (replace) renameSync(draft, path)
    else linkSync(draft, path)
    syncFolder(folder)
    return true
  } catch (error) {
    if (!replace && (error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

/** The same, of a value as JSON. */
export function writePrivateJson(path: string, json: unknown, replace = true): boolean {
  return writePrivateText(path, `${JSON.stringify(json, null, 2)}\n`, replace)
}

/** The text of a file; undefined where there is none. */
export function readPrivateText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** The JSON of a file; undefined where there is none, or it is damaged. */
export function readPrivateJson(path: string): unknown {
  const text = readPrivateText(path)
  try {
    return text === undefined ? undefined : JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** A secret that is made at its first use. Where two processes make it at the same time, both get that of the first. */
export function readOrCreateSecret(path: string, create: () => string): string {
  const known = readPrivateText(path)
  if (known !== undefined) return known
  writePrivateText(path, create(), false)
  return readFileSync(path, 'utf8')
}

/** Names of the JSON files of a folder. */
export function jsonFiles(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.json'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** The same without the ending. */
export const jsonNames = (folder: string): string[] => jsonFiles(folder).map((name) => name.slice(0, -'.json'.length))

/** So that the name of a new file survives a power cut too. */
export function syncFolder(folder: string): void {
  // Windows syncs no folder, and needs not: NTFS keeps a journal of renames.
  if (process.platform === 'win32') return
  const handle = openSync(folder, 'r')
  fsyncSync(handle)
  closeSync(handle)
}
