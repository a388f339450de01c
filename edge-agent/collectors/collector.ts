import type { Title } from '@ioc/contract/device-types/device-type.ts'
import type { CaseRecord } from '@ioc/contract/messages/cases.ts'
import type { DeviceBirth } from '@ioc/contract/messages/status.ts'
import type { MeasurementRecord } from '@ioc/contract/messages/telemetry.ts'
import type { NodeAddress } from '@ioc/contract/topics.ts'
import type { Logger } from '@ioc/runtime/logger.ts'
import type { GroupField, Report, ValueOf } from '../config/fields.ts'

/** What a collector may know of the agent that it runs in. */
export interface CollectorContext {
  readonly address: NodeAddress
  /** The machine's name, for people. */
  readonly host: string
  readonly id: string
  /** A folder of its own for state, in the agent's data folder. It may be missing: the collector creates it. */
  readonly folder: string
  /** Whether this machine's administrator allows collectors to run commands. */
  readonly allowExec: boolean
  readonly logger: Logger
}

/** What one run measured. */
export interface Collected {
  readonly measurements?: readonly MeasurementRecord[]
  readonly cases?: readonly CaseRecord[]
  /** What could not be measured, in English, when something else could. */
  readonly problems?: readonly string[]
  /** The records are of the past, as those of a file: they are sent as backlog. */
  readonly past?: boolean
  /** Marks the source as read. Called once all records are in the outbox, on disk. */
  readonly commit?: () => Promise<void>
}

/** A source of measurements or cases. */
export interface Collector {
  /** The devices that it measures, as the birth announces them. */
  devices(): DeviceBirth[]
  /**
   * Measures now. Omits what cannot be measured; throws where nothing can. Ends soon after the signal is aborted.
   * @throws Error of any kind: it is logged and reported
   */
  collect(signal: AbortSignal): Promise<Collected>
  /** Releases connections. */
  stop?(): Promise<void> | void
}

/** A kind of collector: its options, and how to create one. */
export interface CollectorKind<F extends GroupField = GroupField> {
  readonly type: string
  readonly title: Title
  readonly options: F
  /** Seconds between two runs by default; absent: the agent's own cadence. */
  readonly cadenceS?: number
  /** Seconds that a run may take by default. */
  readonly timeoutS: number
  /** Its devices report at each run, so that the birth announces the time between runs as their cadence. */
  readonly isPeriodic: boolean
  /** Validates what the declaration of the options cannot express. */
  check?(options: ValueOf<F>, report: Report): void
  /** Imports the collector, and the libraries that it needs: only where it is configured. */
  load(): Promise<(options: ValueOf<F>, context: CollectorContext) => Collector>
}

/** Keeps the type of the options between declaration, check and creation. */
export function collectorKind<const F extends GroupField>(kind: CollectorKind<F>): CollectorKind {
  // Options are validated against `kind.options` before they are passed back to the same kind.
  return kind as unknown as CollectorKind
}
