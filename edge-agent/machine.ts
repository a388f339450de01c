import { createHash, createPublicKey, generateKeyPairSync, hkdfSync, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import type { ApiMachine } from '@ioc/contract/messages/api-enrol.ts'
import { machineKeyFile } from '@ioc/runtime/credential-file.ts'
import { readOrCreateSecret, readPrivateText } from '@ioc/runtime/private-file.ts'

/** How this machine describes itself to the centre; its key pair is made once. */
export function describeMachine(dataDir: string, version: string): ApiMachine {
  return {
    machine: machineId(),
    pubkey: publicKey(machineKeyFile(dataDir)),
    host: hostname(),
    arch: `${process.platform}-${process.arch}`,
    agent: version,
  }
}

/** Signs a text with the key that the machine enrolled with, in base64url; `undefined` where it has none. */
export function signWithMachineKey(dataDir: string, text: string): string | undefined {
  const privateKey = readPrivateText(machineKeyFile(dataDir))
  return privateKey === undefined ? undefined : sign(null, Buffer.from(text), privateKey).toString('base64url')
}

function publicKey(path: string): string {
  return createPublicKey(privateKey(path)).export({ type: 'spki', format: 'der' }).toString('base64')
}

function privateKey(path: string): string {
  return readOrCreateSecret(path, () =>
    generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  )
}

/** A secret of this machine for one purpose, of its private key: it is nowhere written. */
export function machineSecret(dataDir: string, purpose: string): string {
  const key = privateKey(machineKeyFile(dataDir))
  return Buffer.from(hkdfSync('sha256', key, '', purpose, secretBytes)).toString('hex')
}

const secretBytes = 32

/** The system's own identifier is not to leave the machine (machine-id(5)): a hash of it is as good. */
function machineId(): string {
  let id = hostname()
  try {
    id = readFileSync('/etc/machine-id', 'utf8').trim() || id
  } catch {
    // Other systems have none: the host name tells machines apart well enough.
  }
  return createHash('sha256').update(`ioc-agent ${id}`).digest('hex').slice(0, 32)
}
