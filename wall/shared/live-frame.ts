import type {
  IndicatorDescriptor,
  LiveDevice,
  LiveDistrict,
  LiveIndicator,
  LiveLedger,
  LiveProcess,
  LiveSimulation,
} from '@ioc/contract/messages/live.ts'

/** A node's last birth or will, on `node/{site}/{node}`. */
export interface LiveNode {
  readonly site: string
  readonly node: string
  /** When the session began, by the node's clock. */
  readonly ts: number
  readonly online: boolean
  readonly agent: { readonly version: string; readonly host: string } | null
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

/** What the server sends on `/live`, by the first segment of its topic. */
export interface LiveFrames {
  readonly indicator: LiveIndicator
  readonly indicators: { readonly ts: number; readonly indicators: readonly IndicatorDescriptor[] }
  readonly district: LiveDistrict & { readonly ts: number }
  readonly ledger: LiveLedger
  readonly device: LiveDevice
  readonly process: LiveProcess
  readonly node: LiveNode
  readonly link: LiveLink
  readonly simulation: LiveSimulation
}

export type LiveKind = keyof LiveFrames

/** A topic that was removed: its retained message was cleared. */
export interface Gone {
  readonly gone: true
}
