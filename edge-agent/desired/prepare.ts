import { createPublicKey, verify } from 'node:crypto'
import { IocError } from '@ioc/contract/errors.ts'
import { type NodeCommand, secretPlaceOf } from '@ioc/contract/messages/node-command.ts'
import { readNodeConfig } from '@ioc/contract/messages/node-config.ts'
import type { SealKey } from '@ioc/contract/messages/node-report.ts'
import { isSealed } from '@ioc/contract/messages/sealed.ts'
import { type NodeAddress, username } from '@ioc/contract/topics.ts'
import { seal } from '@ioc/runtime/sealed.ts'
import { type ConfigError, mapConfigSecrets, mapSecrets, parseContent } from '../config/config.ts'
import type { DesiredConfig } from './config-store.ts'

/** What is wrong with one field of a configuration, in both languages. */
export type FieldError = Pick<ConfigError, 'field' | 'reason'>

/** A configuration that may be sent, or what is wrong with it. */
export type Prepared =
  | { readonly config: DesiredConfig; readonly errors?: never }
  | { readonly errors: readonly FieldError[]; readonly config?: never }

/** In place of a secret that the centre cannot read: of a length that each option accepts. */
const placeholder = 'x'.repeat(16)

/** Secrets that are sealed of one configuration, at most: each takes about a millisecond. */
const maxSecrets = 2_000

/** Validates a configuration by the options of the collectors, as the agent will. Sealed secrets count as valid texts. */
export function validateDesired(content: unknown): Prepared {
  if (typeof content === 'object' && content !== null) {
    for (const field of ['schema', 'revision']) {
      if (!Object.hasOwn(content, field)) continue
      return { errors: [{ field, reason: { vi: 'trung tâm tự đánh số', en: 'the centre sets this' } }] }
    }
  }
  const text = JSON.stringify(content ?? null)
  const read = readNodeConfig(Buffer.from(text === 'null' ? '{}' : text))
  if (!read.config) return { errors: [{ field: '', reason: { vi: read.reason, en: read.reason } }] }
  const { schema: _, revision: __, ...config } = read.config
  if (config.agent === undefined) return { config }
  const { errors } = parseContent(mapSecrets(config.agent, (text) => (isSealed(text) ? placeholder : text)))
  if (errors) return { errors: errors.map(({ field, reason }) => ({ field: `agent.${field}`, reason })) }
  return { config }
}

/**
 * Seals the secrets of a valid configuration that are not sealed yet.
 * @throws IocError NODE_UNKNOWN where there is one and the key of the node is not known, SEAL_INVALID,
 * AGENT_CONFIG_INVALID where there are too many
 */
export function sealSecrets(config: DesiredConfig, address: NodeAddress, key: SealKey | undefined): DesiredConfig {
  const name = username(address)
  let sealed = 0
  const sealOne = (secret: string, place: string): string => {
    if (isSealed(secret)) return secret
    if (++sealed > maxSecrets) {
      throw new IocError('AGENT_CONFIG_INVALID', `more than ${maxSecrets} secrets in one configuration`)
    }
    if (!key) {
      throw new IocError(
        'NODE_UNKNOWN',
        `${name} has not announced its key: secrets can be set once an agent that accepts configuration has connected`,
      )
    }
    return seal(secret, key.public, name, placeFor(key, place))
  }
  return { ...config, ...mapConfigSecrets(config, sealOne) }
}

/** How long a new password may be sent, in ms. */
const rotateMs = 60_000

/**
 * Brings a new password to a node, which keeps it once the broker has accepted it.
 * @throws IocError SEAL_INVALID
 */
export function rotateCommand(address: NodeAddress, key: SealKey, password: string): Omit<RotateCommand, 'id'> {
  const sealed = seal(password, key.public, username(address), placeFor(key, secretPlaceOf('rotate')))
  return { command: 'rotate', expires: Date.now() + rotateMs, password: sealed }
}

type RotateCommand = Extract<NodeCommand, { command: 'rotate' }>

/** The place that a secret is bound to; none for a node of an earlier version, which knows no places. */
const placeFor = ({ form = 1 }: SealKey, place: string): string | undefined => (form >= 2 ? place : undefined)

/**
 * The key of a node, if it is really its own: where the centre knows the key that the machine enrolled with, it has signed.
 * @throws IocError SEAL_INVALID
 */
export function checkedKey(
  address: NodeAddress,
  key: SealKey | undefined,
  machineKey: string | undefined,
): SealKey | undefined {
  if (!key || machineKey === undefined) return key
  const machine = createPublicKey({ key: Buffer.from(machineKey, 'base64'), type: 'spki', format: 'der' })
  const isSigned = verify(null, Buffer.from(key.public), machine, Buffer.from(key.signature ?? '', 'base64url'))
  if (isSigned) return key
  throw new IocError(
    'SEAL_INVALID',
    `the key that ${username(address)} announces is not signed by the machine that was enrolled`,
  )
}
