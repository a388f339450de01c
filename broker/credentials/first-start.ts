import { existsSync } from 'node:fs'
import { username } from '@ioc/contract/topics.ts'
import { credentialFile } from '@ioc/runtime/credential-file.ts'
import type { CredentialStore } from './credential-store.ts'
import { writePrivately } from './private-file.ts'

/** The username of the centre's processes: `_` cannot start a site's name, so that no node has it. */
export const centreUsername = '_centre'

/**
 * Makes what the first start needs: a credential for the centre's own processes, and one for this machine's agent.
 * There is no default password; both are random, in files that only this user may read.
 */
export async function ensureFirstCredentials(
  store: CredentialStore,
  dataDir: string,
  site: string,
  node: string,
): Promise<void> {
  const known = new Set(store.list().map((entry) => entry.username))
  const ensure = async (holder: 'centre' | 'agent', name: string, role: 'centre' | 'node') => {
    const path = credentialFile(dataDir, holder)
    if (known.has(name) && existsSync(path)) return
    writePrivately(path, { username: name, password: await store.add(name, role) })
  }
  await ensure('centre', centreUsername, 'centre')
  await ensure('agent', username({ site, node }), 'node')
}
