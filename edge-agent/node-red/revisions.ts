import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { FlowNode } from '@ioc/contract/messages/node-config.ts'
import { jsonNames, readPrivateJson, writePrivateJson, writePrivateText } from '@ioc/runtime/private-file.ts'
import { type EncryptedCredentials, encryptCredentials } from './credentials.ts'
import { digestOf, type Flows, validateFlows } from './flows.ts'

/** Where flows come from: the centre, the file `flows.json` of the agent, or the editor. */
export type FlowSource = 'centre' | 'file' | 'editor'

/** Names flows by the digest of what they were made from. */
export interface Revision {
  readonly digest: string
  readonly source: FlowSource
  readonly nodes: number
}

/** Which flows run, on the disk: replaced as a whole, so that after a kill the old or the new ones are in force. */
export interface Saved {
  /** The flows that passed their trial last. */
  readonly current?: Revision | undefined
  /** Those before: they run after a crash loop. */
  readonly lastGood?: Revision | undefined
  readonly mode: 'normal' | 'last-good' | 'safe'
  /** Why the mode is not normal. */
  readonly reason?: string | undefined
  /** What the centre or the file asked for last: what the editor deploys on top of it stays. */
  readonly wanted?: { readonly digest: string; readonly source: Exclude<FlowSource, 'editor'> } | undefined
}

/** The flows of a revision, as they are on the disk. */
interface StoredFlows {
  readonly nodes: readonly FlowNode[]
  readonly credentials: EncryptedCredentials | undefined
}

/** Flows on the disk, by digest, and which of them are in force. */
export class Revisions {
  readonly #folder: string
  readonly #secret: string
  #saved: Saved

  constructor(folder: string, secret: string) {
    this.#folder = folder
    this.#secret = secret
    this.#saved = (readPrivateJson(this.#stateFile) as Saved | undefined) ?? { mode: 'normal' }
    // A file that a full disk or another program damaged is as one that is missing.
    if (this.#saved.current && !this.#read(this.#saved.current)) this.#saved = { ...this.#saved, current: undefined }
    if (this.#saved.lastGood && !this.#read(this.#saved.lastGood)) this.#saved = { ...this.#saved, lastGood: undefined }
  }

  get saved(): Saved {
    return this.#saved
  }

  /** The revision that runs in this mode. */
  get inForce(): Revision | undefined {
    return this.#saved.mode === 'last-good' ? this.#saved.lastGood : this.#saved.current
  }

  digestOf(flows: Flows): string {
    return digestOf(flows, this.#secret)
  }

  /** Writes flows, without putting them in force. */
  stage(flows: Flows, source: FlowSource): Revision {
    const { nodes, credentials } = flows
    const revision = { digest: this.digestOf(flows), source, nodes: nodes.length }
    this.#write(revision, { nodes, credentials: credentials && encryptCredentials(credentials, this.#secret) })
    return revision
  }

  /**
   * Writes the flows that the editor left in the user folder of Node-RED, which flows may write to as well.
   * @throws IocError FLOWS_INVALID; SyntaxError where they are not JSON
   */
  stageEdited(userFolder: string): Revision {
    // Not as a file of flows: Node-RED writes it with indentation, which does not count.
    const { nodes } = validateFlows({ nodes: JSON.parse(readFileSync(join(userFolder, 'flows.json'), 'utf8')) })
    const credentials = readPrivateJson(join(userFolder, 'flows_cred.json')) as EncryptedCredentials | undefined
    const asText = { file: { encrypted: credentials?.$ ?? '' } }
    const revision = {
      digest: this.digestOf({ nodes, credentials: asText }),
      source: 'editor',
      nodes: nodes.length,
    } as const
    this.#write(revision, { nodes, credentials })
    return revision
  }

  /** Changes what is in force, and deletes what is not needed any more. */
  save(changes: Partial<Saved>): void {
    this.#saved = { ...this.#saved, ...changes }
    writePrivateJson(this.#stateFile, this.#saved)
    const { current, lastGood } = this.#saved
    const kept = new Set([current?.digest, lastGood?.digest])
    for (const name of jsonNames(this.#revisionFolder)) {
      if (!kept.has(name)) rmSync(this.#fileOf({ digest: name }), { force: true })
    }
  }

  /** Puts the files of a revision where Node-RED reads them; of none: empty ones. Returns the types of its nodes. */
  lay(revision: Revision | undefined, userFolder: string): string[] {
    const { nodes, credentials } = (revision && this.#read(revision)) ?? { nodes: [], credentials: undefined }
    writePrivateText(join(userFolder, 'flows.json'), JSON.stringify(nodes, null, 4))
    if (credentials) writePrivateJson(join(userFolder, 'flows_cred.json'), credentials)
    else rmSync(join(userFolder, 'flows_cred.json'), { force: true })
    return nodes.map(({ type }) => type)
  }

  #read(revision: Pick<Revision, 'digest'>): StoredFlows | undefined {
    return readPrivateJson(this.#fileOf(revision)) as StoredFlows | undefined
  }

  #write(revision: Revision, flows: StoredFlows): void {
    writePrivateJson(this.#fileOf(revision), flows)
  }

  #fileOf({ digest }: Pick<Revision, 'digest'>): string {
    return join(this.#revisionFolder, `${digest}.json`)
  }

  get #revisionFolder(): string {
    return join(this.#folder, 'revisions')
  }

  get #stateFile(): string {
    return join(this.#folder, 'state.json')
  }
}
