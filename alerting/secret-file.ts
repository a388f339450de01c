import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** Only the centre's user may read it. */
const secretMode = 0o600

/** Replaces a file so that after a crash it is the old or the new one. When it returns, the text is on the disk. */
export function writeSecret(path: string, text: string): void {
  const draft = `${path}.new`
  const file = openSync(draft, 'w', secretMode)
  writeSync(file, text)
  fsyncSync(file)
  closeSync(file)
  renameSync(draft, path)
  const folder = openSync(dirname(path), 'r')
  fsyncSync(folder)
  closeSync(folder)
}

/** The text of a file; undefined where there is none. */
export function readSecret(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}

/** A secret that is made at its first use. */
export function readOrCreateSecret(path: string, create: () => string): string {
  const known = readSecret(path)
  if (known !== undefined) return known
  const made = create()
  writeSecret(path, made)
  return made
}
