import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** The library of faketime for programs with threads; undefined where it is not installed. */
export function faketimeLibrary(): string | undefined {
  return readdirSync('/usr/lib')
    .map((folder) => join('/usr/lib', folder, 'faketime', 'libfaketimeMT.so.1'))
    .find((path) => existsSync(path))
}
