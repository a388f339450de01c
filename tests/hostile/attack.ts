import type { NodeAddress } from '@ioc/contract/topics.ts'
import type { Credential } from '../harness/centre.ts'
import type { Random } from '../harness/random.ts'

/** A running centre as an attacker sees it: addresses on loopback, one credential of its own, one neighbour's name. */
export interface Target {
  readonly mqttPort: number
  readonly httpUrl: string
  readonly storeUrl: string
  /** A node's credential that the attacker holds. */
  readonly own: NodeAddress & Credential
  /** A node of the same site that it wants to harm. */
  readonly victim: NodeAddress
}

/** What an attack observed that must not happen, as sentences; empty where the centre held. */
export type Findings = readonly string[]

/**
 * One kind of hostile behaviour. It ends by itself within seconds, and closes what it opened. Being refused is its
 * normal outcome; it reports only what it was wrongly given.
 */
export type Attack = (target: Target, random: Random) => Promise<Findings>
