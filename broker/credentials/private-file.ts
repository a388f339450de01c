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
import { ensureFolder } from '@ioc/runtime/process.ts'

/**
 * Writes a text that only this user may read, whole or not at all.
 * @returns false where there is a file already that is not to be replaced
 */
export function writePrivateText(path: string, text: string, replace = true): boolean {
  ensureFolder(dirname(path))
  const draft = `${path}.${process.pid}.tmp`
  writeFileSync(draft, text, { mode: 0o600 })
  const file = openSync(draft, 'r')
  fsyncSync(file)
  closeSync(file)
  if (replace) {
    renameSync(draft, path)
    return true
  }
  try {
    linkSync(draft, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return false
  } finally {
    rmSync(draft)
  }
}

/** Writes JSON as `writePrivateText` writes text. */
export function writePrivately(path: string, json: unknown, replace = true): boolean {
  return writePrivateText(path, `${JSON.stringify(json, null, 2)}\n`, replace)
}

/** The JSON of a file; `undefined` where there is none, also when it was removed a moment ago or is not whole. */
export function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
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
