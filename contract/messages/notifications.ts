import type { ChannelName } from '../district/people.ts'

/** Who is on call from a time to another; null: nobody. Times are milliseconds since 1970, UTC. */
export interface Shift {
  readonly from: number
  readonly to: number
  /** Id of a person. */
  readonly person: string | null
}

/** What a person changed of a rota at run time: it precedes what `people.yaml` says. */
export interface RotaOverride extends Shift {
  readonly id: string
  readonly rota: string
  readonly by: string
}

/** On `rota`: who is notified, without addresses. */
export interface LiveRota {
  readonly ts: number
  readonly rotas: readonly {
    readonly id: string
    readonly name: string
    /** Id of whoever is on call now; null: nobody. */
    readonly on_call: string | null
    /** Of the next 14 days. */
    readonly shifts: readonly Shift[]
    /** Those in which nobody is on call. */
    readonly gaps: readonly Shift[]
  }[]
  readonly overrides: readonly RotaOverride[]
  readonly people: readonly {
    readonly id: string
    readonly name: string
    readonly user: string
    readonly unit: string | null
    readonly channels: readonly ChannelName[]
  }[]
  /** For a browser that subscribes to push messages. */
  readonly push_key: string
}

export const deliveryStates = ['waiting', 'sent', 'failed', 'dropped'] as const
export type DeliveryState = (typeof deliveryStates)[number]

/** A message to a person on one channel. */
export interface Delivery {
  readonly key: string
  readonly kind: string
  /** Name of the person; null: not to a person. */
  readonly name: string | null
  readonly person: string | null
  readonly channel: ChannelName
  /** Of the escalation, from 1; 0: an update. */
  readonly step: number
  readonly state: DeliveryState
  /** When it was made, and when its state last changed. */
  readonly at: number
  readonly changed: number
  readonly tries: number
  /** Why it failed or was dropped. */
  readonly reason?: string
}

/** On `deliveries/{incident}`: who was notified, on which channel, with which result. */
export interface LiveDeliveries {
  readonly incident: number
  readonly deliveries: readonly Delivery[]
}

/** On `answer`, not retained: what became of a command that has a field `request`. */
export interface WatchAnswer {
  readonly request: string
  readonly ok: boolean
  readonly reason: 'valid' | 'acknowledged' | 'sent' | 'invalid' | 'used' | 'expired' | 'over' | 'unknown' | 'failed'
  /** Of a channel that failed. */
  readonly detail?: string
  /** Of a token: whose it is. */
  readonly person?: { readonly name: string; readonly user: string }
  /** Numbers of the incidents that a token acknowledges, or has acknowledged. */
  readonly incidents?: readonly number[]
  /** Until when they are acknowledged. */
  readonly until?: number
}
