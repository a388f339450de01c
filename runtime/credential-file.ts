import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a client gives to the broker, as the broker wrote it for the processes of this machine. */
export interface Credential {
  readonly username: string
  readonly password: string
}

/** Files that the broker writes on its first start: one for the centre's processes, one for this machine's agent. */
export function credentialFile(dataDir: string, holder: 'centre' | 'agent'): string {
  return join(dataDir, 'credentials', `${holder}.json`)
}

/** The key that a machine enrolled with, in PEM. */
export function machineKeyFile(dataDir: string): string {
  return join(dataDir, 'credentials', 'agent-key.pem')
}

/**
 * Reads a credential, waiting for the broker's first start to write it.
 * @throws Error when it is not there after `timeoutMs`
 */
export async function readCredential(path: string, timeoutMs = 30_000): Promise<Credential> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    try {
      return JSON.parse(readFileSync(path, 'utf8')) as Credential
    } catch (error) {
      const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
      if (!missing || performance.now() > deadline) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}
