import { createHash } from 'node:crypto'

/** Bytes of randomness of a password for the editor. */
export const passwordBytes = 12

/** The name of the editor's user, which is of one opening: sessions of an earlier one end with its name. */
export function editorUser(password: string): string {
  return `ioc-${createHash('sha256').update(`${password} name`).digest('hex').slice(0, 6)}`
}
