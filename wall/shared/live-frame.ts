import type {
  IndicatorDescriptor,
  LiveDevice,
  LiveDistrict,
  LiveIndicator,
  LiveLedger,
  LiveProcess,
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

/** On `link`: whether the wall's server hears the broker. */
export interface LiveLink {
  readonly ts: number
  readonly connected: boolean
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
}

export type LiveKind = keyof LiveFrames

/** A topic whose value was taken back: the retained message is gone. */
export interface Gone {
  readonly gone: true
}
