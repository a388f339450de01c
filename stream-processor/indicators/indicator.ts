import type { DeviceTypeId, deviceTypes } from '@ioc/contract/device-types/table.ts'
import type { IndicatorDescriptor, Levels, Scope } from '@ioc/contract/messages/live.ts'
import type { Aggregate } from '../engine/aggregates/column.ts'
import type { CaseIndicator } from './case-indicator.ts'
import { marked, type Revised } from './revised.ts'

type Metrics<T extends DeviceTypeId> = (typeof deviceTypes)[T]['metrics']

/** The metrics that a device type declares, or those of one kind. */
export type MetricOf<T extends DeviceTypeId, Kind = 'number' | 'string' | 'boolean'> = {
  [M in keyof Metrics<T>]: Metrics<T>[M] extends { kind: Kind } ? M : never
}[keyof Metrics<T>] &
  string

type KindTypes = { number: number; string: string; boolean: boolean }

/** The values of one measurement, as the device type declares them; what was not measured is absent. */
export type ValuesOf<T extends DeviceTypeId> = {
  readonly [M in MetricOf<T>]?: Metrics<T>[M] extends { kind: infer K extends keyof KindTypes } ? KindTypes[K] : never
}

/** What every indicator says of itself; `formula` and `source` follow from how it is computed. */
type Common = Omit<IndicatorDescriptor, 'source' | 'fed_by' | 'formula' | 'by'> & Revised

/** An indicator over aggregates of a device type's metrics. */
export interface MeasuredIndicator extends IndicatorDescriptor, Revised {
  readonly kind: 'measured'
  readonly source: DeviceTypeId
  readonly aggregates: Readonly<Record<string, Aggregate>>
  /** Which measurements count, by their values and their time in ms; all of them without it. */
  readonly where?: (values: Readonly<Record<string, unknown>>, ts: number) => boolean
  /**
   * Measurements that a window needs before its value has a level; by the cadence of the type without it. 1 where a
   * single one is enough, as for a sum that can only rise: such a series need not have been measured for long either.
   */
  readonly minSamples?: number
  /** A pure function of the window's aggregates; called only when all of them have a value. `undefined`: no value. */
  readonly value: (of: Readonly<Record<string, number>>) => number | undefined
}

/** What a derived indicator takes: another indicator's newest value at its time, or so many values back from there. */
export interface DerivedInput {
  readonly indicator: AnyIndicator
  /** Values, each a step of the indicator's window before the one after it; at least 1. */
  readonly values: number
}

/** An indicator over values of other indicators, of the same scope and key. */
export interface DerivedIndicator extends IndicatorDescriptor, Revised {
  readonly kind: 'derived'
  readonly inputs: Readonly<Record<string, DerivedInput>>
  /**
   * A pure function of the inputs, the newest value first; `undefined` where an input has no value at that time.
   * `ts` is the end of its window, in ms.
   */
  readonly value: (of: Readonly<Record<string, readonly (number | undefined)[]>>, ts: number) => number | undefined
}

export type Indicator = MeasuredIndicator | DerivedIndicator
export type AnyIndicator = Indicator | CaseIndicator

/** Whether a value depends on cases, at any depth. */
export function readsCases(indicator: AnyIndicator): boolean {
  if (indicator.kind !== 'derived') return indicator.kind === 'cases'
  return Object.values(indicator.inputs).some(({ indicator: input }) => readsCases(input))
}

/** Declares an indicator over metrics; a metric that its device type does not declare does not compile. */
export function indicator<
  const T extends DeviceTypeId,
  const A extends Readonly<Record<string, Aggregate<MetricOf<T>>>>,
>(
  declaration: Common & {
    readonly source: T
    readonly aggregates: A
    readonly where?: (values: ValuesOf<T>, ts: number) => boolean
    readonly by?: MetricOf<T, 'string'>
    readonly minSamples?: number
    readonly formula?: string
    readonly value: (of: { readonly [K in keyof A]: number }) => number | undefined
  },
): MeasuredIndicator {
  // What its functions take is narrower than what the engine calls them with, which is what `where` and `value` declare.
  const formula =
    declaration.formula ??
    Object.values(declaration.aggregates)
      .map(({ text }) => text)
      .join(', ')
  return { ...marked(declaration), kind: 'measured', formula } as unknown as MeasuredIndicator
}

/** Declares an indicator over other indicators, with as many of their last values as `values` says. */
export function derived<const I extends Readonly<Record<string, DerivedInput>>>(
  declaration: Common & {
    readonly inputs: I
    readonly formula: string
    readonly value: (of: { readonly [K in keyof I]: readonly (number | undefined)[] }, ts: number) => number | undefined
  },
): DerivedIndicator {
  const inputs = Object.values(declaration.inputs).map(({ indicator: input }) => input)
  const fed_by = [...new Set(inputs.flatMap((input) => input.fed_by ?? [input.source]))].sort()
  return { ...marked(declaration), kind: 'derived', source: 'indicators', fed_by } as DerivedIndicator
}

/** The value of an indicator at the time of the derived one. */
export const latest = (indicator: AnyIndicator): DerivedInput => ({ indicator, values: 1 })

/** The last values of an indicator, from the time of the derived one back. */
export const history = (indicator: AnyIndicator, values: number): DerivedInput => ({ indicator, values })

export type { Levels, Scope }

/** What others may know of an indicator: all but its functions. */
export function describeIndicator(declaration: IndicatorDescriptor): IndicatorDescriptor {
  const { id, title, unit, source, window, scopes, formula } = declaration
  const { about, fed_by, accumulates, by, levels, bands, target, reference, unconfirmed } = declaration
  return {
    id,
    title,
    about,
    unit,
    source,
    window,
    scopes,
    formula,
    ...(fed_by === undefined ? {} : { fed_by }),
    ...(accumulates === undefined ? {} : { accumulates }),
    ...(by === undefined ? {} : { by }),
    ...(levels === undefined ? {} : { levels }),
    ...(bands === undefined ? {} : { bands }),
    ...(target === undefined ? {} : { target }),
    ...(reference === undefined ? {} : { reference }),
    ...(unconfirmed === undefined ? {} : { unconfirmed }),
  }
}
