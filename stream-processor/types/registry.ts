import { findCaseType } from '@ioc/contract/case-types/table.ts'
import type { Metric } from '@ioc/contract/device-types/device-type.ts'
import {
  metricConflict,
  type SelfDeclaredType,
  selfDeclaredTypes,
  setSelfDeclaredTypes,
} from '@ioc/contract/device-types/self-declared.ts'
import { deviceTypes, undeclared } from '@ioc/contract/device-types/table.ts'
import type { Levels } from '@ioc/contract/messages/live.ts'
import type { TypeDeclaration } from '@ioc/contract/messages/type-declaration.ts'
import { writePrivateJson } from '@ioc/runtime/private-file.ts'
import { readTypes, typesFile } from '@ioc/runtime/types-file.ts'
import { idsOfType } from '../indicators/self-declared.ts'
import { domains } from '../indicators/table.ts'

/** Types of the whole centre, and those that one node may own. */
const maxTypes = 200
const maxTypesPerNode = 16
/** Removed types that are kept, so that they can come back as they were; beyond, the oldest is evicted. */
const maxRemoved = 200
/** Metrics of a type, with all that were declared over time. */
const maxMetrics = 128

/** Measurements of our own. */
const reserved: ReadonlySet<string> = new Set([
  ...['cadence', 'indicator', 'ledger', 'liveness', 'place', 'self', 'incident', 'case_deadline', undeclared],
  ...['area', 'site', 'device', 'node', 'type', 'time'],
])
const ownIndicators: ReadonlySet<string> = new Set(
  domains.flatMap((domain) => domain.indicators).map((one) => one.id as string),
)

/** The device types that nodes declared. They are kept in a file, so that they outlive the births that declared them. */
export interface TypeRegistry {
  /**
   * Takes up what a node declares, and returns why some of it is refused. What is accepted holds at once for this process.
   * @param node `site/node`
   */
  offer(node: string, declared: readonly TypeDeclaration[]): readonly string[]
  /**
   * Removes a type: it has no indicators and no board from then on. What is stored of it stays. Returns whether there was one.
   * Nodes that go on declaring it are refused.
   */
  remove(id: string, now: number): boolean
  /** Brings a removed type back as it was. Returns why it cannot be. */
  restore(id: string): string | undefined
}

/**
 * Reads the registry.
 * @param onChange called after a change; `isComputed`: values or levels follow from it, not only texts
 * @throws Error where there is a file that cannot be read
 */
export function openTypeRegistry(dataDir: string, onChange: (isComputed: boolean) => void): TypeRegistry {
  let removed: ReadonlyMap<string, SelfDeclaredType> = new Map()
  const use = (all: readonly SelfDeclaredType[]): void => {
    setSelfDeclaredTypes(all.filter((type) => type.removed === undefined))
    const gone = all.filter((type) => type.removed !== undefined)
    removed = new Map(gone.map((type) => [type.id, type]))
  }
  const save = (active: Iterable<SelfDeclaredType>, gone: Iterable<SelfDeclaredType>): void => {
    const all = [...active, ...gone]
    writePrivateJson(typesFile(dataDir), all)
    use(all)
  }
  use(readTypes(dataDir))
  return {
    offer(node, declared) {
      const reasons: string[] = []
      let changed: 'nothing' | 'texts' | 'values' = 'nothing'
      const types = new Map(selfDeclaredTypes())
      for (const declaration of declared) {
        const known = types.get(declaration.id)
        const reason = removed.has(declaration.id)
          ? `it was removed at the centre; there, "ioc type restore ${declaration.id}" brings it back`
          : refusalOf({ id: declaration.id, metrics: metricsOf(declaration) }, known, node, types)
        if (reason !== undefined) {
          reasons.push(`type ${declaration.id}: ${reason}`)
          continue
        }
        const next = merged(declaration, known, node)
        if (known && JSON.stringify(next) === JSON.stringify(known)) continue
        if (!known || computedPart(next) !== computedPart(known)) changed = 'values'
        else if (changed === 'nothing') changed = 'texts'
        types.set(next.id, { ...next, version: (known?.version ?? 0) + 1 })
      }
      if (changed !== 'nothing') {
        save(types.values(), removed.values())
        onChange(changed === 'values')
      }
      return reasons
    },
    remove(id, now) {
      const types = new Map(selfDeclaredTypes())
      const type = types.get(id)
      if (!type) return false
      types.delete(id)
      save(types.values(), [...removed.values(), { ...type, removed: now }].slice(-maxRemoved))
      onChange(true)
      return true
    },
    restore(id) {
      const types = selfDeclaredTypes()
      if (types.has(id)) return undefined
      const type = removed.get(id)
      if (!type) return `no type ${id} was removed`
      const { removed: _, ...restored } = type
      const reason = refusalOf(restored, undefined, type.owner, types)
      if (reason !== undefined) return reason
      const others = [...removed.values()].filter((one) => one.id !== id)
      save([...types.values(), { ...restored, version: type.version + 1 }], others)
      onChange(true)
      return undefined
    },
  }
}

function refusalOf(
  { id, metrics }: Pick<SelfDeclaredType, 'id' | 'metrics'>,
  known: SelfDeclaredType | undefined,
  node: string,
  types: ReadonlyMap<string, SelfDeclaredType>,
): string | undefined {
  if (Object.hasOwn(deviceTypes, id)) return 'the centre has a type of this name, which applies'
  if (reserved.has(id) || findCaseType(id)) return 'the name is reserved'
  const others = [...types.values()].filter((one) => one.id !== id)
  const taken = new Set([...ownIndicators, ...others.flatMap((one) => idsOfType(one.id, Object.keys(one.metrics)))])
  const twice = idsOfType(id, Object.keys(metrics)).find((one) => taken.has(one))
  if (twice !== undefined) return `its indicator ${twice} has the name of another indicator`
  if (!known) {
    if (types.size >= maxTypes) return `the centre already has ${maxTypes} self-declared types`
    const own = [...types.values()].filter(({ owner }) => owner === node).length
    return own >= maxTypesPerNode ? `the node already declared ${maxTypesPerNode} types` : undefined
  }
  const conflict = metricConflict(known.metrics, metrics)
  if (conflict !== undefined) return `${conflict}, by ${known.owner}`
  const all = new Set([...Object.keys(known.metrics), ...Object.keys(metrics)])
  return all.size > maxMetrics ? `it would have more than ${maxMetrics} metrics` : undefined
}

/** What the owner declares replaces what it declared before; others only add metrics. Metrics are never removed. */
function merged(declaration: TypeDeclaration, known: SelfDeclaredType | undefined, node: string): SelfDeclaredType {
  const { id, title, cadence_s } = declaration
  const [metrics, levels] = [metricsOf(declaration), levelsOf(declaration)]
  if (!known || known.owner === node) {
    const kept = Object.entries(known?.levels ?? {}).filter(([name]) => !Object.hasOwn(metrics, name))
    return {
      id,
      title: { vi: title.vi, en: title.en ?? title.vi },
      cadence_s,
      metrics: { ...known?.metrics, ...metrics },
      owner: node,
      version: known?.version ?? 1,
      levels: { ...Object.fromEntries(kept), ...levels },
    }
  }
  const added = Object.keys(metrics).filter((name) => !Object.hasOwn(known.metrics, name))
  const only = <T>(of: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(of).filter(([name]) => added.includes(name)))
  return { ...known, metrics: { ...known.metrics, ...only(metrics) }, levels: { ...known.levels, ...only(levels) } }
}

function metricsOf({ metrics }: TypeDeclaration): Record<string, Metric> {
  return Object.fromEntries(
    Object.entries(metrics).map(([name, { kind = 'number', unit = '1', title, min, max }]) => [
      name,
      {
        unit,
        kind,
        title: { vi: title.vi, en: title.en ?? title.vi },
        ...(min === undefined ? {} : { min }),
        ...(max === undefined ? {} : { max }),
      },
    ]),
  )
}

function levelsOf({ metrics }: TypeDeclaration): Record<string, Levels> {
  return Object.fromEntries(Object.entries(metrics).flatMap(([name, { levels }]) => (levels ? [[name, levels]] : [])))
}

/** What indicators and rollups follow from; limits of what is plausible apply to each value by themselves. */
const computedPart = ({ cadence_s, metrics, levels }: SelfDeclaredType): string =>
  JSON.stringify([cadence_s, Object.entries(metrics).map(([name, { kind, unit }]) => [name, kind, unit]), levels])
