import { undeclared } from '@ioc/contract/device-types/table.ts'
import type { Value } from '@ioc/contract/messages/envelope.ts'
import type { Cases } from './cases/cases.ts'
import { addField, type Node, type Registry } from './devices.ts'
import type { Measurement } from './measurement.ts'

type Values = Readonly<Record<string, NonNullable<Value>>>

/** What is left of a measurement within the quotas of its node, and what was left out of it. */
export interface Within {
  readonly within: Measurement
  /** Fields that no device type declares, and attributes whose values are new groups. */
  readonly fields: readonly string[]
  readonly groups: readonly string[]
}

const nothing: readonly string[] = []

/** @param grouping attributes of this type of device that indicators are grouped by */
export function withinQuotas(
  registry: Registry,
  measurement: Measurement,
  node: Node,
  grouping: readonly string[],
): Within {
  const { type, device, values, undeclared: others } = measurement
  if (type === undeclared) {
    const fields = fieldsBeyond(registry, values, node)
    const within = fields.length === 0 ? measurement : { ...measurement, values: without(values, fields) }
    return { within, fields, groups: nothing }
  }
  if (!others && grouping.length === 0) return { within: measurement, fields: nothing, groups: nothing }
  const fields = others ? fieldsBeyond(registry, others, node) : nothing
  const groups = groupsBeyond(device, values, grouping, node, registry.quotas.maxGroups)
  if (fields.length === 0 && groups.length === 0) return { within: measurement, fields, groups }
  const left = others && without(others, fields)
  return { within: { ...measurement, values: without(values, groups), undeclared: left }, fields, groups }
}

/** Values of attributes are groups, each of which is a series. Returns the attributes whose values are too many. */
export function groupsBeyond(
  device: string,
  values: Readonly<Record<string, unknown>>,
  grouping: readonly string[],
  { groups }: Node,
  maxGroups: number,
): readonly string[] {
  let beyond: string[] | undefined
  for (const name of grouping) {
    const value = values[name]
    if (typeof value === 'string' && !admit(groups, `${device}/${name}=${value}`, maxGroups)) {
      beyond ??= []
      beyond.push(name)
    }
  }
  return beyond ?? nothing
}

/** How many cases a message of a node may add. */
export function roomForCases(added: number, node: Node, registry: Registry, cases: Pick<Cases, 'held'>): number {
  const { maxCases } = registry.quotas
  // While all nodes together have fewer, none has too many.
  if (cases.held() + added <= maxCases) return added
  const { site } = node
  let left = maxCases
  for (const [device, index] of registry.devices.get(site) ?? []) {
    if (registry.names.node[index] === node.node) left -= cases.held({ site, device })
  }
  return Math.max(0, left)
}

/** A field has a column in the store for each kind of value. */
function fieldsBeyond(registry: Registry, values: Values, node: Node): readonly string[] {
  let beyond: string[] | undefined
  for (const name in values) {
    const kind = typeof values[name]
    if (admitField(registry, node, kind === 'number' ? name : `${name} ${kind}`)) continue
    beyond ??= []
    beyond.push(name)
  }
  return beyond ?? nothing
}

/**
 * A field that another node uses costs no column. Of the columns that are left, a node may take as many as it leaves to all
 * others: however many nodes send new names without end, some columns are left for the next one.
 */
function admitField(registry: Registry, node: Node, name: string): boolean {
  const { quotas, fieldUsers } = registry
  const { fields } = node
  if (fields.has(name)) return true
  if (fields.size >= quotas.maxFields) return false
  if (!fieldUsers.has(name)) {
    const alone = [...fields].filter((own) => fieldUsers.get(own) === 1).length
    if (alone >= quotas.maxAllFields - fieldUsers.size) return false
  }
  addField(registry, node, name)
  return true
}

function admit(names: Set<string>, name: string, most: number): boolean {
  if (names.has(name)) return true
  if (names.size >= most) return false
  names.add(name)
  return true
}

function without(values: Values, names: readonly string[]): Values {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !names.includes(name)))
}
