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

/** A query whose series is shown under `alias`. The SDK has no builder for InfluxDB, so this stands in for one. */
export function series(refId: string, query: string, alias: string): Builder<Dataquery> {
  return influx({ refId, query, alias, resultFormat: 'time_series' })
}

/** A query whose answer is a table. */
export function rows(refId: string, query: string): Builder<Dataquery> {
  return influx({ refId, query, resultFormat: 'table' })
}

function influx(
  part: Omit<InfluxQuery, 'datasource' | 'rawQuery' | '_implementsDataqueryVariant'>,
): Builder<Dataquery> {
  // The marker that the SDK asks for is a function, which JSON leaves out.
  const query: InfluxQuery = { ...part, datasource, rawQuery: true, _implementsDataqueryVariant: () => {} }
  return { build: () => query }
}
