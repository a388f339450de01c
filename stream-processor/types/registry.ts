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
import { readPrivateText, writePrivateJson } from '@ioc/runtime/private-file.ts'
import { idsOfType } from '../indicators/self-declared.ts'
import { domains } from '../indicators/table.ts'

/** Types of the whole centre, and those that one node may own. */
const maxTypes = 200
const maxTypesPerNode = 16
/** Metrics of a type, with all that were declared over time. */
const maxMetrics = 128

/** Measurements of our own. */
const reserved: ReadonlySet<string> = new Set([
  ...['indicator', 'ledger', 'liveness', 'place', 'self', 'incident', 'case_deadline', undeclared],
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
}

/**
 * Reads the registry.
 * @param onChange called after a change; `isComputed`: values or levels follow from it, not only texts
 * @throws Error where there is a file that cannot be read
 */
export function openTypeRegistry(path: string, onChange: (isComputed: boolean) => void): TypeRegistry {
  setSelfDeclaredTypes(JSON.parse(readPrivateText(path) ?? '[]') as SelfDeclaredType[])
  return {
    offer(node, declared) {
      const reasons: string[] = []
      let changed: 'nothing' | 'texts' | 'values' = 'nothing'
      const types = new Map(selfDeclaredTypes())
      for (const declaration of declared) {
        const known = types.get(declaration.id)
        const reason = refusalOf(declaration, known, node, types)
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
        const all = [...types.values()]
        writePrivateJson(path, all)
        setSelfDeclaredTypes(all)
        onChange(changed === 'values')
      }
      return reasons
    },
  }
}

function refusalOf(
  declaration: TypeDeclaration,
  known: SelfDeclaredType | undefined,
  node: string,
  types: ReadonlyMap<string, SelfDeclaredType>,
): string | undefined {
  const { id, metrics } = declaration
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
  const conflict = metricConflict(known.metrics, metricsOf(declaration))
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
