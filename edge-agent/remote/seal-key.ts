import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { SealKey } from '@ioc/contract/messages/node-report.ts'
import { machineKeyFile } from '@ioc/runtime/credential-file.ts'
import { readPrivateJson, writePrivateJson } from '@ioc/runtime/private-file.ts'
import { sealForm } from './seals.ts'

/** The key that the centre seals secrets to, as it is on disk; the private part in PEM. */
interface StoredKey {
  readonly public: string
  readonly private: string
  /** By the key that the machine enrolled with. */
  readonly signature?: string
}

export interface NodeKey {
  /** As the birth announces it. */
  readonly announced: SealKey
  /** In PEM. */
  readonly private: string
}

/** The key of this machine, made once. Cryptography is loaded only then: it is 5 MB. */
export async function readSealKey(dataDir: string): Promise<NodeKey> {
  const path = join(dataDir, 'credentials', 'agent-seal.json')
  const stored = readPrivateJson(path) as StoredKey | undefined
  const isComplete = stored !== undefined && (stored.signature !== undefined || !existsSync(machineKeyFile(dataDir)))
  const key = isComplete ? stored : await completeKey(dataDir, stored)
  if (!isComplete) writePrivateJson(path, key)
  const signed = key.signature === undefined ? {} : { signature: key.signature }
  return { announced: { public: key.public, form: sealForm, ...signed }, private: key.private }
}

/** A machine may have enrolled since its key was made. */
async function completeKey(dataDir: string, stored: StoredKey | undefined): Promise<StoredKey> {
  const { createSealKey } = await import('@ioc/runtime/sealed.ts')
  const { signWithMachineKey } = await import('../machine.ts')
  const pair = stored ?? createSealKey()
  const signature = signWithMachineKey(dataDir, pair.public)
  return { public: pair.public, private: pair.private, ...(signature === undefined ? {} : { signature }) }
}
