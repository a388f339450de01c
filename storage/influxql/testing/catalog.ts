import type { FieldType } from '../../line-protocol/point.ts'
import type { Catalog, SourceMeasurement } from '../source.ts'

interface Measured {
  readonly fields: Readonly<Record<string, FieldType>>
  /** The tags of each series. */
  readonly series: readonly Readonly<Record<string, string>>[]
}

/** A catalog of measurements, whose tables are called as they are. */
export function catalogOf(measurements: Readonly<Record<string, Measured>>): Catalog {
  return {
    database: 'ioc',
    measurements: new Map(
      Object.entries(measurements).map(([name, measured]) => [name, measurementOf(name, measured)]),
    ),
    matching: async (regex, names) => new Set([...names].filter((name) => new RegExp(regex).test(name))),
  }
}

function measurementOf(name: string, { fields, series }: Measured): SourceMeasurement {
  return {
    name,
    table: name,
    committed: true,
    fields: new Map(
      Object.entries(fields).map(([field, type], index) => [
        field,
        { id: index + 1, name: field, type, committed: true },
      ]),
    ),
    series: series.map((tags, sid) => ({
      sid,
      key: [name, ...Object.entries(tags).map(([tag, value]) => `${tag}=${value}`)].join(','),
      tags: new Map(Object.entries(tags)),
    })),
  }
}
