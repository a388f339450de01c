import { isObject } from './json.ts'
import { shown } from './problem.ts'

/**
 * The retained message on `ioc/v1/{site}/{node}/config`: the state that the centre wants a node to be in. Plain data with a
 * reader of its own, not the schema library, because the agent must stay small
 * (docs/decisions/0110-configuration-is-desired-state.md).
 */

/** Version of the form of a configuration. A node refuses one that is newer than it knows, keeps its own and reports it. */
export const nodeConfigSchema = 1
/** Characters of the reason why a configuration failed, at most. */
export const maxReportReason = 500
/** Bytes of a configuration, at most: it fits a packet of the broker with all that is around it. */
export const maxConfigBytes = 786_432
/** Levels of objects and lists in a configuration, at most. */
const maxDepth = 40
/** Nodes of a Node-RED flow, at most. */
export const maxFlowNodes = 5_000
/** Characters of a URL and of certificate authorities in PEM, at most. */
const maxUrl = 500
const maxAuthority = 65_536
/** Characters of a version and of the id of a roll-out, at most: a birth that reports longer ones would be refused. */
const maxUpdateText = 64
/** Bounds of a cadence that may be configured from afar, in seconds. */
export const cadenceBounds = { min: 0.05, max: 86_400 } as const

export interface NodeConfig {
  readonly schema: number
  /** Counts the changes of a node's configuration from 1. 0 is that of a node without one, and of the old `{cadence_s}`. */
  readonly revision: number
  /** Seconds between measurements of collectors without a cadence of their own; absent: the agent's own setting. */
  readonly cadence_s?: number
  /** The content of `agent.yaml`; absent: the file of the agent. Its fields are validated by `edge-agent/config`. */
  readonly agent?: Readonly<Record<string, unknown>>
  /** How to reach the broker; what is absent is as the node was enrolled. */
  readonly uplink?: NodeUplink
  /** Flows of Node-RED; absent: the file of the agent, or none. */
  readonly flows?: NodeFlows
  /** The version that the agent is to run; absent: the one that it runs. */
  readonly update?: NodeUpdate
  /** Keep the configuration although a new or changed collector fails, as one whose device is not there yet. */
  readonly accept_failing?: boolean
}

export interface NodeUplink {
  /** URL of the broker. */
  readonly url?: string
  /** Certificate authority of the broker in PEM. */
  readonly ca?: string
}

export interface NodeFlows {
  /** As in a file `flows.json`. */
  readonly nodes: readonly FlowNode[]
  /** Credentials by the id of their node, each a text that may be sealed. */
  readonly credentials?: Readonly<Record<string, Readonly<Record<string, string>>>>
}

export interface FlowNode {
  readonly id: string
  readonly type: string
  readonly [property: string]: unknown
}

export interface NodeUpdate {
  readonly version: string
  /** `now` does not wait for the nightly window. */
  readonly start?: 'window' | 'now'
  /** Id of the roll-out that it belongs to. */
  readonly rollout?: string
  readonly [property: string]: unknown
}

/** A configuration that was read, or why it is refused; the revision where that could be read. */
export type ReadNodeConfig =
  | { readonly config: NodeConfig; readonly reason?: never }
  | { readonly reason: string; readonly revision: number; readonly config?: never }

/** The configuration of a node that has none: all its own settings hold. */
export const noConfig: NodeConfig = { schema: nodeConfigSchema, revision: 0 }

/** Reads the payload of a config topic. Never throws. Deleting a retained configuration is publishing an empty one. */
export function readNodeConfig(payload: Uint8Array): ReadNodeConfig {
  if (payload.length === 0) return { config: noConfig }
  if (payload.length > maxConfigBytes) {
    return { revision: 0, reason: `${payload.length} bytes; expected at most ${maxConfigBytes}` }
  }
  const text = new TextDecoder().decode(payload)
  if (depthOf(text) > maxDepth)
    return { revision: 0, reason: `expected at most ${maxDepth} levels of objects and lists` }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return { revision: 0, reason: 'not a JSON object' }
  }
  return isObject(json) ? readConfig(json) : { revision: 0, reason: 'not a JSON object' }
}

function readConfig(json: Readonly<Record<string, unknown>>): ReadNodeConfig {
  const { schema = nodeConfigSchema, revision = 0, ...parts } = json
  if (!isCount(revision)) return { revision: 0, reason: `revision: got ${shown(revision)}; expected a whole number` }
  const refuse = (reason: string): ReadNodeConfig => ({ revision, reason })
  if (!isCount(schema) || schema === 0) return refuse(`schema: got ${shown(schema)}; expected a whole number from 1`)
  if (schema > nodeConfigSchema) {
    return refuse(`schema ${schema} is newer than this agent knows (${nodeConfigSchema}): update the agent first`)
  }
  const reasons: string[] = []
  for (const [name, value] of Object.entries(parts)) {
    const reader = Object.hasOwn(readers, name) ? readers[name as keyof typeof readers] : undefined
    if (reader) reader(value, reasons)
    else reasons.push(`${shown(name)}: unknown setting; known settings: ${Object.keys(readers).join(', ')}`)
  }
  if (reasons.length > 0) return refuse(reasons.slice(0, maxReasons).join('; '))
  return { config: { schema, revision, ...parts } }
}

/** Reasons of a refusal that are spelled out, at most. */
const maxReasons = 10

const readers: Readonly<
  Record<Exclude<keyof NodeConfig, 'schema' | 'revision'>, (value: unknown, reasons: string[]) => void>
> = {
  cadence_s(value, reasons) {
    const { min, max } = cadenceBounds
    if (typeof value !== 'number' || !(value >= min && value <= max)) {
      reasons.push(`cadence_s: got ${shown(value)}; expected a number from ${min} to ${max}`)
    }
  },
  agent(value, reasons) {
    if (!isObject(value)) reasons.push(`agent: got ${shown(value)}; expected the content of agent.yaml`)
  },
  uplink(value, reasons) {
    if (!isObject(value)) return void reasons.push(`uplink: got ${shown(value)}; expected an object`)
    const { url, ca, ...others } = value
    if (typeof url === 'string' && /^[^/]*\/\/[^/]*@/.test(url)) {
      return void reasons.push('uplink.url: expected no user and no password: a node connects with its own')
    }
    if (url !== undefined && !(isText(url, maxUrl) && /^(mqtts?|wss?):\/\/./.test(url) && URL.canParse(url))) {
      reasons.push(`uplink.url: got ${shown(url)}; expected a URL of a broker, such as mqtts://10.0.0.5:8883`)
    }
    if (ca !== undefined && !(isText(ca, maxAuthority) && ca.includes('-----BEGIN CERTIFICATE-----'))) {
      reasons.push('uplink.ca: expected certificates in PEM')
    }
    for (const name of Object.keys(others)) reasons.push(`uplink.${name}: unknown setting; known settings: url, ca`)
  },
  flows(value, reasons) {
    if (!isObject(value) || !Array.isArray(value['nodes'])) {
      return void reasons.push(`flows: got ${shown(value)}; expected an object with the list nodes`)
    }
    const { nodes, credentials = {}, ...others } = value
    const list = nodes as unknown[]
    if (list.length > maxFlowNodes) reasons.push(`flows.nodes: got ${list.length}; expected at most ${maxFlowNodes}`)
    const wrong = list.findIndex((node) => !isObject(node) || !isText(node['id']) || !isText(node['type']))
    if (wrong >= 0) reasons.push(`flows.nodes[${wrong}]: expected an object with the texts id and type`)
    const isCredentials =
      isObject(credentials) &&
      Object.values(credentials).every((one) => isObject(one) && Object.values(one).every((text) => isText(text)))
    if (!isCredentials) reasons.push('flows.credentials: expected texts by the id of their node and their name')
    for (const name of Object.keys(others)) {
      reasons.push(`flows.${name}: unknown setting; known settings: nodes, credentials`)
    }
  },
  update(value, reasons) {
    if (!isObject(value) || !isText(value['version'], maxUpdateText)) {
      return void reasons.push(`update: got ${shown(value)}; expected an object with the text version`)
    }
    const { start, rollout } = value
    if (start !== undefined && start !== 'window' && start !== 'now') {
      reasons.push(`update.start: got ${shown(start)}; expected window or now`)
    }
    if (rollout !== undefined && !isText(rollout, maxUpdateText)) {
      reasons.push(`update.rollout: got ${shown(rollout)}; expected a text of at most ${maxUpdateText} characters`)
    }
  },
  accept_failing(value, reasons) {
    if (typeof value !== 'boolean') reasons.push(`accept_failing: got ${shown(value)}; expected true or false`)
  },
}

/** Levels of objects and lists in a JSON text, before it is parsed: what walks a tree of a million levels overflows. */
function depthOf(text: string): number {
  let depth = 0
  let deepest = 0
  let inText = false
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (inText && character === '\\') at++
    else if (character === '"') inText = !inText
    else if (inText) continue
    else if (character === '[' || character === '{') deepest = Math.max(deepest, ++depth)
    else if (character === ']' || character === '}') depth--
  }
  return deepest
}

const isText = (value: unknown, max = maxConfigBytes): value is string =>
  typeof value === 'string' && value !== '' && value.length <= max
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
