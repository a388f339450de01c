import { closeSync, fsyncSync, openSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { ensureFolder } from '@ioc/runtime/process.ts'

/** Writes JSON that only this user may read, whole or not at all. */
export function writePrivateJson(path: string, json: unknown): void {
  ensureFolder(dirname(path))
  const draft = `${path}.${process.pid}.tmp`
  writeFileSync(draft, `${JSON.stringify(json, null, 2)}\n`, { mode: 0o600 })
  const file = openSync(draft, 'r')
  fsyncSync(file)
  closeSync(file)
  renameSync(draft, path)
}

/** The JSON of a file; undefined where there is none, or it is damaged. */
export function readPrivateJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Names of the JSON files of a folder, without the ending. */
export function jsonNames(folder: string): string[] {
  try {
    return readdirSync(folder).flatMap((name) => (name.endsWith('.json') ? [name.slice(0, -'.json'.length)] : []))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
