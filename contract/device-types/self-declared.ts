import type { Levels } from '../messages/live.ts'
import type { DeviceType, Metric } from './device-type.ts'

/** A type that a node declared in its birth: no file of the centre describes it. */
export interface SelfDeclaredType extends DeviceType {
  /** `site/node` that declared it first: only this node may change its titles, limits and levels. */
  readonly owner: string
  /** 1, and one more with each change. */
  readonly version: number
  /** Limits of hourly means, by metric. */
  readonly levels: Readonly<Record<string, Levels>>
  /** When an operator removed it, in ms since 1970: then the registry alone knows it. */
  readonly removed?: number
}

let current: ReadonlyMap<string, SelfDeclaredType> = new Map()

/** The self-declared types of the centre, as this process knows them: by id. */
export const selfDeclaredTypes = (): ReadonlyMap<string, SelfDeclaredType> => current

/** Replaces the self-declared types that this process knows. They come from the registry of the stream processor. */
export function setSelfDeclaredTypes(types: readonly SelfDeclaredType[]): void {
  current = new Map(types.map((type) => [type.id, type]))
}

export const findSelfDeclaredType = (id: string): SelfDeclaredType | undefined => current.get(id)

/**
 * Why two declarations of one type cannot both be right, if so: a metric has one kind and one unit, whoever sends it, since
 * the values of all nodes share its column.
 */
export function metricConflict(
  known: Readonly<Record<string, Metric>>,
  wanted: Readonly<Record<string, Metric>>,
): string | undefined {
  for (const [name, metric] of Object.entries(wanted)) {
    const other = Object.hasOwn(known, name) ? known[name] : undefined
    if (!other || (other.kind === metric.kind && other.unit === metric.unit)) continue
    return `metric ${name}: declared as ${metric.kind} in ${metric.unit}; it is already known as ${other.kind} in ${other.unit}`
  }
  return undefined
}
