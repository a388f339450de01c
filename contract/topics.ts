import { IocError } from './errors.ts'
import type { ThingId } from './messages/incidents.ts'
import type { Scope } from './messages/live.ts'
import { isSlug, requireSlug } from './names.ts'

/** What a node says (`up`) and what it is told (`down`). */
export const upChannels = ['telemetry', 'cases', 'status'] as const
export const downChannels = ['config', 'command'] as const
/** What a node answers to a command: passed on to the centre alone, neither retained nor stored. */
export const answerChannel = 'answer'

export type UpChannel = (typeof upChannels)[number]
export type DownChannel = (typeof downChannels)[number]
export type Channel = UpChannel | DownChannel | typeof answerChannel

/** A node's address: `{site}/{node}`, which is also its MQTT username. */
export interface NodeAddress {
  readonly site: string
  readonly node: string
}

export interface NodeTopic extends NodeAddress {
  readonly channel: Channel
}

const root = 'ioc/v1/'
const channels: ReadonlySet<string> = new Set([...upChannels, ...downChannels, answerChannel])

/** Everything that the centre itself publishes stands below this prefix. `_` cannot start a site's name. */
export const livePrefix = `${root}_live/`

/**
 * Where the processor publishes live values, many in one message (`live-batch.ts`), never retained. The broker retains each
 * of them on its own topic, and publishes it there for those who do not subscribe to the batches.
 */
export const liveBatchTopic = `${root}_batch/live`

/**
 * Where the centre's command line asks the broker to forget a node or a device: `{"site":…,"node":…}` or
 * `{"site":…,"device":…}`, never retained. Only the centre's own credential may publish there.
 */
export const forgetTopic = `${root}_control/forget`

/**
 * Where the centre's command line asks the processor to remove a self-declared type, or to restore it:
 * `{"remove":"people_counter"}`, never retained.
 */
export const typeControlTopic = `${root}_control/type`

/**
 * Where the centre's own processes and its command line send what a person does with incidents: acknowledge, resolve, open
 * a maintenance window (`AlertingCommand`), never retained.
 */
export const alertingTopic = `${root}_control/alerting`

/** Subscription filters of the centre's own processes. */
export const filters = {
  live: `${livePrefix}#`,
  status: `${root}+/+/status`,
  answers: `${root}+/+/${answerChannel}`,
} as const

/**
 * Builds `ioc/v1/{site}/{node}/{channel}`.
 * @throws IocError NAME_INVALID
 */
export function nodeTopic(address: NodeAddress, channel: Channel): string {
  return `${root}${requireSlug(address.site, 'site')}/${requireSlug(address.node, 'node')}/${channel}`
}

/** Parses a node's topic; `undefined` for any topic that is not one. */
export function parseNodeTopic(topic: string): NodeTopic | undefined {
  if (!topic.startsWith(root)) return undefined
  const parts = topic.slice(root.length).split('/')
  if (parts.length !== 3) return undefined
  const [site = '', node = '', channel = ''] = parts
  if (!isSlug(site) || !isSlug(node) || !isChannel(channel)) return undefined
  return { site, node, channel }
}

export function isChannel(text: string): text is Channel {
  return channels.has(text)
}

export function isUpChannel(channel: Channel): channel is UpChannel {
  return (upChannels as readonly string[]).includes(channel)
}

/** The username that a node gives to the broker. */
export function username(address: NodeAddress): string {
  return `${address.site}/${address.node}`
}

/**
 * Parses a username `{site}/{node}`.
 * @throws IocError NAME_INVALID
 */
export function parseUsername(text: string): NodeAddress {
  const parts = text.split('/')
  const [site, node] = parts
  if (parts.length !== 2 || site === undefined || node === undefined) {
    throw new IocError('NAME_INVALID', `username ${JSON.stringify(text)} does not have the form site/node`)
  }
  return { site: requireSlug(site, 'site'), node: requireSlug(node, 'node') }
}

/** The live topic of an indicator's value for one key of one scope; a group is any text, and is percent-encoded. */
export function indicatorTopic(id: string, scope: Scope, key: string, group?: string): string {
  const topic = `${livePrefix}indicator/${id}/${scope}/${key}`
  // Half a surrogate pair, which JSON can say, has no percent-encoding.
  return group === undefined ? topic : `${topic}/${encodeURIComponent(group.toWellFormed())}`
}

export interface IndicatorTopic {
  readonly id: string
  readonly scope: Scope
  readonly key: string
  readonly group?: string
}

/** How many segments a key has. */
const keyLength: Readonly<Record<Scope, number>> = { device: 2, site: 1, area: 1, district: 1 }

/** Parses an indicator's live topic; `undefined` for any topic that is not one. */
export function parseIndicatorTopic(topic: string): IndicatorTopic | undefined {
  if (!topic.startsWith(`${livePrefix}indicator/`)) return undefined
  const [, id, scope = '', ...rest] = topic.slice(livePrefix.length).split('/')
  if (!id || !Object.hasOwn(keyLength, scope)) return undefined
  const length = keyLength[scope as Scope]
  const key = rest.slice(0, length)
  const [group, ...excess] = rest.slice(length)
  if (key.length < length || key.includes('') || excess.length > 0) return undefined
  const parsed = { id, scope: scope as Scope, key: key.join('/') }
  if (group === undefined) return parsed
  try {
    return { ...parsed, group: decodeURIComponent(group) }
  } catch {
    return undefined
  }
}

/** Parses the indicator that an incident is about, which is written as in its live topic; `undefined` for other things. */
export function parseIndicatorThing(thing: ThingId): IndicatorTopic | undefined {
  return parseIndicatorTopic(`${livePrefix}${thing}`)
}

/** The live topic of a node's ledger. */
export function ledgerTopic(address: NodeAddress): string {
  return `${livePrefix}ledger/${username(address)}`
}

/** The live topic of one device: what it is, and when it was last measured. */
export function deviceTopic(site: string, device: string, type: string): string {
  return `${livePrefix}device/${site}/${device}/${type}`
}

/** The live topic of a device's liveness. */
export function livenessTopic(site: string, device: string): string {
  return `${livePrefix}liveness/${site}/${device}`
}

/** The live topic of one node: whether it is connected. */
export function connectionTopic(address: NodeAddress): string {
  return `${livePrefix}connection/${username(address)}`
}

/** The live topic of one incident. */
export function incidentTopic(id: number): string {
  return `${livePrefix}incident/${id}`
}

/** Where the watch publishes each notification, for integrators: not retained. */
export const notificationTopic = `${livePrefix}notification`

/** Where the watch publishes the maintenance windows. */
export const maintenanceTopic = `${livePrefix}maintenance`

/** Where the watch publishes who is on call. */
export const rotaTopic = `${livePrefix}rota`

/** The live topic of the messages about one incident. */
export function deliveriesTopic(incident: number): string {
  return `${livePrefix}deliveries/${incident}`
}

/** Where the watch answers commands that have a field `request`: not retained. */
export const answerTopic = `${livePrefix}answer`

/** Where the processor says which indicators it computes. */
export const indicatorsTopic = `${livePrefix}indicators`

/** Where the processor publishes the types that nodes declared. */
export const typesTopic = `${livePrefix}types`

/** Where the processor says which areas and sites the district has. */
export const districtTopic = `${livePrefix}district`

/** Where `ioc demo` says that the district is a simulated one. It stays: the data folder holds simulated data for good. */
export const simulationTopic = `${livePrefix}simulation`

/** The live topic of one of the centre's own processes. */
export function processTopic(name: string): string {
  return `${livePrefix}process/${name}`
}
