import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { IocError } from '@ioc/contract/errors.ts'
import { maxConfigBytes, type NodeConfig, nodeConfigSchema } from '@ioc/contract/messages/node-config.ts'
import { requireSlug } from '@ioc/contract/names.ts'
import { type NodeAddress, username } from '@ioc/contract/topics.ts'
import { jsonNames, readPrivateJson, writePrivateJson } from '@ioc/runtime/private-file.ts'

/** A configuration as somebody writes it: the centre counts the revisions. */
export type DesiredConfig = Omit<NodeConfig, 'schema' | 'revision'>

/** A revision of a node's configuration. Its secrets are sealed. */
export interface Revision {
  readonly revision: number
  readonly at: number
  readonly by: string
  /** The revision that it repeats, where it was rolled back. */
  readonly rollback_of?: number
  readonly config: DesiredConfig
}

/** Revisions that are kept of a node. */
const maxRevisions = 100
/** Tries to write the next revision, where others write at the same time. */
const maxTries = 20

/** What is published: the whole state, retained. */
export function payloadOf({ revision, config }: Revision): string {
  return JSON.stringify({ schema: nodeConfigSchema, revision, ...config })
}

/** By which a node reports a configuration. */
export function digestOf(revision: Revision): string {
  return createHash('sha256').update(payloadOf(revision)).digest('hex')
}

/**
 * The configurations that nodes are to have, with their history: a file for each revision below `node-config/`, so that the wall
 * and the command line may write at the same time.
 */
export class DesiredConfigs {
  readonly #folder: string

  constructor(dataDir: string) {
    this.#folder = join(dataDir, 'node-config')
  }

  /** Revisions of a node, newest first. */
  history(address: NodeAddress): Revision[] {
    return this.#numbers(address)
      .map((revision) => this.#read(address, revision))
      .filter((revision) => revision !== undefined)
  }

  latest(address: NodeAddress): Revision | undefined {
    for (const revision of this.#numbers(address)) {
      const found = this.#read(address, revision)
      if (found) return found
    }
    return undefined
  }

  /** @throws IocError REVISION_UNKNOWN */
  get(address: NodeAddress, revision: number): Revision {
    const found = this.#read(address, revision)
    if (found) return found
    throw new IocError('REVISION_UNKNOWN', `${username(address)} has no revision ${revision}`)
  }

  /**
   * The configuration of an earlier revision, to return to. The version to run stays: a roll-out decides about it.
   * @throws IocError REVISION_UNKNOWN
   */
  restored(address: NodeAddress, revision: number): DesiredConfig {
    const { update: _, ...config } = this.get(address, revision).config
    const { update } = this.latest(address)?.config ?? {}
    return { ...config, ...(update === undefined ? {} : { update }) }
  }

  /**
   * Adds a revision.
   * @param after the revision that it changes: where somebody else has added one meanwhile, it is refused
   * @throws IocError REVISION_CONFLICT; AGENT_CONFIG_INVALID where it is too long with its sealed secrets for a packet of the broker
   */
  add(address: NodeAddress, revision: Omit<Revision, 'revision'>, after?: number): Revision {
    for (let tries = 0; tries < maxTries; tries++) {
      const [last = 0] = this.#numbers(address)
      if (after !== undefined && after !== last) break
      const added = { revision: last + 1, ...revision }
      const bytes = Buffer.byteLength(payloadOf(added))
      if (bytes > maxConfigBytes) {
        throw new IocError('AGENT_CONFIG_INVALID', `${bytes} bytes; expected at most ${maxConfigBytes}`)
      }
      if (!writePrivateJson(this.#file(address, added.revision), added, false)) continue
      for (const old of this.#numbers(address).slice(maxRevisions)) rmSync(this.#file(address, old), { force: true })
      return added
    }
    throw new IocError(
      'REVISION_CONFLICT',
      `somebody else changed the configuration of ${username(address)} meanwhile: read it again`,
    )
  }

  /** Removes all revisions of a node. */
  remove(address: NodeAddress): void {
    rmSync(this.#folderOf(address), { recursive: true, force: true })
  }

  #numbers(address: NodeAddress): number[] {
    return jsonNames(this.#folderOf(address))
      .map(Number)
      .filter(Number.isSafeInteger)
      .sort((a, b) => b - a)
  }

  #read(address: NodeAddress, revision: number): Revision | undefined {
    return readPrivateJson(this.#file(address, revision)) as Revision | undefined
  }

  #folderOf({ site, node }: NodeAddress): string {
    return join(this.#folder, requireSlug(site, 'site'), requireSlug(node, 'node'))
  }

  #file(address: NodeAddress, revision: number): string {
    return join(this.#folderOf(address), `${revision}.json`)
  }
}
