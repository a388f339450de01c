import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog'

/** The data source that `provisioning/datasources/influxdb.yaml` declares. */
export const datasource = { type: 'influxdb', uid: 'ioc-influx' } as const

/** An InfluxQL query as Grafana's InfluxDB data source takes it. */
export interface InfluxQuery extends Dataquery {
  readonly refId: string
  readonly datasource: typeof datasource
  readonly query: string
  readonly rawQuery: true
  readonly resultFormat: 'time_series' | 'table'
  readonly alias?: string
}

/** A query before it has its letter in a panel. */
export interface Query {
  readonly query: string
  /** Shown as the name of its series, `$tag_area` for the value of a tag; without it the answer is a table. */
  readonly alias?: string
}

/** The query of a panel. The SDK has no builder for InfluxDB, so this stands in for one. */
export function target({ query, alias }: Query, index: number): Builder<Dataquery> {
  const built: InfluxQuery = {
    refId: refIdOf(index),
    query,
    ...(alias === undefined ? { resultFormat: 'table' } : { resultFormat: 'time_series', alias }),
    datasource,
    rawQuery: true,
    // The marker that the SDK asks for is a function, which JSON leaves out.
    _implementsDataqueryVariant: () => {},
  }
  return { build: () => built }
}

/** A to Z, then AA to AZ, as Grafana itself names queries. */
function refIdOf(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26))
  return index < 26 ? letter : `${refIdOf(Math.floor(index / 26) - 1)}${letter}`
}
