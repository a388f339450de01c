import type { SelfDeclaredType } from '@ioc/contract/device-types/self-declared.ts'
import type { LiveIncident, LiveMaintenance } from '@ioc/contract/messages/incidents.ts'
import type {
  IndicatorDescriptor,
  Level,
  LiveDevice,
  LiveDistrict,
  LiveIndicator,
  LiveLedger,
  LiveLiveness,
  LiveProcess,
  LiveSimulation,
  Scope,
} from '@ioc/contract/messages/live.ts'
import type { UpdateReport } from '@ioc/contract/messages/node-report.ts'
import type { LiveDeliveries, LiveRota } from '@ioc/contract/messages/notifications.ts'

/** A node's last birth or will, on `node/{site}/{node}`. */
export interface LiveNode {
  readonly site: string
  readonly node: string
  /** When the session began, by the node's clock. */
  readonly ts: number
  readonly online: boolean
  readonly agent: { readonly version: string; readonly host: string } | null
  /** What the agent reports of its last update; absent where it cannot be updated. */
  readonly update?: UpdateReport
}

/** On `link`, repeated every few seconds. */
export interface LiveLink {
  /** The server's clock when the frame was sent. */
  readonly ts: number
  /** Whether the server is connected to the broker. */
  readonly connected: boolean
  /** Names the page that the server hands out; a page of another build reloads itself. */
  readonly build: string
}

/** On `attention`: what is not as it should be, the worst and oldest first. */
export interface LiveAttention {
  readonly ts: number
  /** How many items there are of each kind; `items` holds the first hundred of all. */
  readonly counts: Readonly<Record<AttentionKind, number>>
  readonly items: readonly AttentionItem[]
  /** How many there are of each level, of all items. */
  readonly levels: Readonly<Record<Level, number>>
  /** Critical items that have begun since the server's start: whoever sees the number grow knows of a new one. */
  readonly criticals_begun: number
  /** The critical item that began last, which may be beyond `items`. */
  readonly newest_critical: AttentionItem | null
}

/** An indicator beyond a limit; a device that is silent; a node that is offline; messages lost; a process that is down. */
export type AttentionKind = 'indicator' | 'silent' | 'offline' | 'lost' | 'down'

export interface AttentionItem {
  readonly kind: AttentionKind
  readonly level: Level
  /** Since when, in ms since 1970, UTC, as far as the server has seen. */
  readonly since: number
  /** `site/device`, a site, an area's code, `site/node`, `district`, or the name of a process. */
  readonly key: string
  readonly scope: Scope | 'node' | 'process'
  /** Id of the indicator. */
  readonly id?: string
  readonly group?: string
  readonly value?: number
  /** Silent devices that the item stands for: all of a silent site, or those of a node that is offline. */
  readonly count?: number
  /** Number of the active incident that it belongs to. */
  readonly incident?: number
  /** Account of the person to whom this incident is assigned, else of who has acknowledged it. */
  readonly holder?: string
}

/** On `incidents`, at most once a second: how many are active, and whether any has changed. */
export interface LiveIncidents {
  readonly open: number
  readonly acknowledged: number
  /** Numbers of the open critical ones, at most a hundred. */
  readonly critical: readonly number[]
  /** Another one after each change of an incident. */
  readonly version: number
}

/** On `place/{scope}/{key}`, of areas and sites: how it is there. */
export interface LivePlace {
  readonly scope: 'area' | 'site'
  readonly key: string
  /** The worst level of its indicators and of those below it. */
  readonly level: Level
  readonly devices: number
  readonly silent: number
  readonly nodes: number
  readonly offline: number
}

/** What the server sends on `/live`, by the first segment of its topic. */
export interface LiveFrames {
  readonly indicator: LiveIndicator
  readonly indicators: { readonly ts: number; readonly indicators: readonly IndicatorDescriptor[] }
  readonly district: LiveDistrict & { readonly ts: number }
  /** Changes when there are other boards of self-declared types. */
  readonly boards: { readonly version: number }
  readonly types: { readonly types: readonly SelfDeclaredType[] }
  readonly ledger: LiveLedger
  readonly device: LiveDevice
  readonly liveness: LiveLiveness
  readonly process: LiveProcess
  readonly node: LiveNode
  readonly link: LiveLink
  readonly simulation: LiveSimulation
  readonly attention: LiveAttention
  readonly place: LivePlace
  readonly incident: LiveIncident
  readonly incidents: LiveIncidents
  readonly maintenance: LiveMaintenance
  readonly deliveries: LiveDeliveries
  readonly rota: LiveRota
}

export type LiveKind = keyof LiveFrames

/** A topic that was removed: its retained message was cleared. */
export interface Gone {
  readonly gone: true
}
