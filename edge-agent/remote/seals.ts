import { join } from 'node:path'
import { IocError } from '@ioc/contract/errors.ts'
import { isObject } from '@ioc/contract/messages/json.ts'
import { readNodeConfig } from '@ioc/contract/messages/node-config.ts'
import { isSealed, readSealed } from '@ioc/contract/messages/sealed.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import { readPrivateJson, writePrivateJson } from '@ioc/runtime/private-file.ts'
import { mapConfigSecrets } from '../config/config.ts'
import type { SecretChange } from '../config/fields.ts'
import { readRemoteState } from './state.ts'

/** Newest form of a sealed text that this agent opens. */
export const sealForm = 2

/** Opens a sealed secret at its place. @throws IocError SEAL_INVALID */
export type OpenSealed = (sealed: string, place: string) => Promise<string>

export interface SealSettings {
  /** The agent's data folder. */
  readonly folder: string
  /** In PEM. */
  readonly privateKey: string
  /** `site/node`. */
  readonly name: string
}

/**
 * Opens the sealed secrets of this node, each at its place only: whoever edits a configuration must not move a password into a
 * field that sends it elsewhere. Seals of earlier versions name no place. Those of the configuration that was in force when
 * this version first started are opened where they were, and no others
 * (docs/decisions/0135-a-seal-is-bound-to-its-place.md).
 */
export function sealOpener({ folder, privateKey, name }: SealSettings, logger: Logger): OpenSealed {
  const oldPlaces = readOldPlaces(folder, logger)
  return async (sealed, place) => {
    if (readSealed(sealed)?.form === 1 && oldPlaces[sealed]?.includes(place) !== true) {
      throw new IocError('SEAL_INVALID', `the secret at ${place} was sealed for an earlier version: enter it again`)
    }
    const { openSealed } = await import('@ioc/runtime/sealed.ts')
    return openSealed(sealed, privateKey, name, place)
  }
}

/** Opens the secrets of a part of a configuration with one of the functions above. */
export async function opened<T>(
  map: (change: SecretChange) => T,
  open: OpenSealed,
  onSecret: (secret: string) => void,
): Promise<T> {
  const secrets = new Map<string, string>()
  const sealed: (readonly [text: string, place: string])[] = []
  map((text, place) => {
    if (isSealed(text)) sealed.push([text, place])
    return text
  })
  for (const [text, place] of sealed) secrets.set(`${place}\n${text}`, await open(text, place))
  return map((text, place) => {
    const secret = secrets.get(`${place}\n${text}`) ?? text
    onSecret(secret)
    return secret
  })
}

type OldPlaces = Readonly<Record<string, readonly string[]>>

/** The seals of earlier versions, each with its places. Written once: what comes later must name its place. */
function readOldPlaces(folder: string, logger: Logger): OldPlaces {
  const path = join(folder, 'old-seals.json')
  const stored = readPrivateJson(path)
  if (isObject(stored)) return stored as OldPlaces
  const places: Record<string, string[]> = {}
  const { confirmed, trial } = readRemoteState(folder)
  for (const config of [confirmed, trial]) {
    mapConfigSecrets((config && readNodeConfig(Buffer.from(config.payload)).config) ?? {}, (text, place) => {
      if (readSealed(text)?.form === 1) places[text] = [...(places[text] ?? []), place]
      return text
    })
  }
  try {
    writePrivateJson(path, places)
  } catch (err) {
    // The next start makes the same list again.
    logger.warn({ err }, 'the list of old seals cannot be written')
  }
  return places
}
