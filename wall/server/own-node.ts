import { readFileSync } from 'node:fs'
import { type NodeAddress, parseUsername } from '@ioc/contract/topics.ts'
import { type Credential, credentialFile } from '@ioc/runtime/credential-file.ts'

/** Reads which node is the agent of the centre's own machine; undefined until the broker has written its credential. */
export function createOwnNode(dataDir: string): () => NodeAddress | undefined {
  let known: NodeAddress | undefined
  return () => {
    try {
      known ??= parseUsername(
        (JSON.parse(readFileSync(credentialFile(dataDir, 'agent'), 'utf8')) as Credential).username,
      )
    } catch {
      // A centre without an agent of its own has no such file.
    }
    return known
  }
}
