import type { Cursor } from './cursor.ts'
import { parseError } from './lexer.ts'

export const retention = 'set the retention with IOC_STORAGE_RETENTION'
const access = 'access requires one token, set with IOC_INFLUX_TOKEN'
export const rollups = 'the stream processor computes rollups'
const queries = 'a query ends when its connection closes, or after IOC_STORAGE_QUERY_TIMEOUT_MS'
const figures = 'use GET /metrics and GET /health'
const files = 'all points are in one file'
const one = 'it has one database, named by IOC_INFLUX_BUCKET'
const counts = 'use SHOW SERIES and similar statements'

/** Statements of InfluxDB that the store does not have, by their first words, and what there is in their place. */
const unsupported: readonly (readonly [statement: string, instead: string])[] = [
  ['CREATE RETENTION POLICY', retention],
  ['ALTER RETENTION POLICY', retention],
  ['DROP RETENTION POLICY', retention],
  ['DROP MEASUREMENT', retention],
  ['DROP SERIES', retention],
  ['DELETE', retention],
  ['DROP DATABASE', one],
  ['CREATE USER', access],
  ['DROP USER', access],
  ['SHOW USERS', access],
  ['SHOW GRANTS', access],
  ['SET PASSWORD', access],
  ['GRANT', access],
  ['REVOKE', access],
  ['CREATE CONTINUOUS QUERY', rollups],
  ['DROP CONTINUOUS QUERY', rollups],
  ['SHOW CONTINUOUS QUERIES', rollups],
  ['CREATE SUBSCRIPTION', rollups],
  ['DROP SUBSCRIPTION', rollups],
  ['SHOW SUBSCRIPTIONS', rollups],
  ['SHOW QUERIES', queries],
  ['KILL QUERY', queries],
  ['SHOW STATS', figures],
  ['SHOW DIAGNOSTICS', figures],
  ['EXPLAIN', figures],
  ['DROP SHARD', files],
  ['SHOW SHARDS', files],
  ['SHOW SHARD GROUPS', files],
  ['SHOW SERIES CARDINALITY', counts],
  ['SHOW SERIES EXACT CARDINALITY', counts],
  ['SHOW MEASUREMENT CARDINALITY', counts],
  ['SHOW MEASUREMENT EXACT CARDINALITY', counts],
  ['SHOW FIELD KEY CARDINALITY', counts],
  ['SHOW FIELD KEY EXACT CARDINALITY', counts],
  ['SHOW TAG KEY CARDINALITY', counts],
  ['SHOW TAG KEY EXACT CARDINALITY', counts],
  ['SHOW TAG VALUES CARDINALITY', counts],
  ['SHOW TAG VALUES EXACT CARDINALITY', counts],
]

/** @throws IocError QUERY_INVALID where the statement at the cursor is one that the store does not have */
export function refuseUnsupported(cursor: Cursor): void {
  const words = cursor.words(5).join(' ')
  const found = unsupported.find(([statement]) => words === statement || words.startsWith(`${statement} `))
  if (found) throw unsupportedStatement(...found, cursor)
}

export function unsupportedStatement(statement: string, instead: string, { token }: Cursor) {
  return parseError(`${statement} is not supported by the embedded store: ${instead}`, token.at)
}
