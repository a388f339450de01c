import type { DeviceBirth } from '@ioc/contract/messages/status.ts'
import type { MeasurementRecord } from '@ioc/contract/messages/telemetry.ts'
import type { NodeAddress } from '@ioc/contract/topics.ts'

/** What a collector is told of the agent that it runs in. */
export interface CollectorContext {
  readonly address: NodeAddress
  /** The machine's name, for people. */
  readonly host: string
}

/** A source of measurements. */
export interface Collector {
  readonly name: string
  /** The devices that it measures, as the birth announces them. The agent adds the cadence. */
  devices(): DeviceBirth[]
  /** Measures now. What cannot be measured is left out; an empty list sends nothing. */
  collect(): Promise<MeasurementRecord[]>
}

export type CollectorFactory = (context: CollectorContext) => Collector
