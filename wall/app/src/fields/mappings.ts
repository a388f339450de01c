import type { Mapping, MappingResult } from '../../../shared/boards/board.ts'
import type { Cell } from '../../../shared/boards/panel-data.ts'

/** What the first mapping that fits makes of a value. */
export function mapped(value: Cell, mappings: readonly Mapping[] = []): MappingResult | undefined {
  for (const mapping of mappings) {
    const result = resultOf(value, mapping)
    if (result) return result
  }
  return undefined
}

function resultOf(value: Cell, mapping: Mapping): MappingResult | undefined {
  switch (mapping.type) {
    case 'value':
      return value !== null && Object.hasOwn(mapping.options, String(value))
        ? mapping.options[String(value)]
        : undefined
    case 'range': {
      const { from, to, result } = mapping.options
      const fits =
        typeof value === 'number' &&
        value >= (from ?? Number.NEGATIVE_INFINITY) &&
        value <= (to ?? Number.POSITIVE_INFINITY)
      return fits ? result : undefined
    }
    case 'special':
      return isSpecial(value, mapping.options.match) ? mapping.options.result : undefined
    default:
      return mapping satisfies never
  }
}

function isSpecial(value: Cell, match: string): boolean {
  switch (match) {
    case 'null':
      return value === null
    case 'nan':
      return Number.isNaN(value)
    case 'null+nan':
      return value === null || Number.isNaN(value)
    case 'true':
      return value === true
    case 'false':
      return value === false
    case 'empty':
      return value === ''
    default:
      return false
  }
}
