import { join } from 'node:path'
import type { Scope } from '@ioc/contract/messages/live.ts'
import { parseTelemetry } from '@ioc/contract/messages/telemetry.ts'
import { openLmdbLog } from '@ioc/ingest-log/backends/lmdb/lmdb-log.ts'
import { laneNames, lanesOf, partitionsWithLanes } from '@ioc/ingest-log/lanes.ts'
import { watchIndicators } from '@ioc/stream-processor/indicators/incidents.ts'
import { indicators } from '@ioc/stream-processor/indicators/table.ts'
import { nameOf, type OracleEvent, recompute } from '@ioc/stream-processor/testing/oracle.ts'
import type { Centre } from '../harness/centre.ts'

/** Figures that follow from the state of the watch, and not from the log. */
const ofWatch: ReadonlySet<string> = new Set(watchIndicators.map(({ id }) => id))

/** What the log says must be true, found without any code of the engine. */
export interface Expected {
  readonly events: OracleEvent[]
  /** `site/node` → epoch → distinct numbers. */
  readonly numbers: Map<string, Map<string, Set<number>>>
}

/** Reads what the log holds of some nodes, once for each message, however often it was delivered. */
export async function readLog(dataDir: string, isOf: (site: string, node: string) => boolean): Promise<Expected> {
  const log = openLmdbLog({
    path: join(dataDir, 'ingest-log'),
    partitions: partitionsWithLanes(1),
    maxBytes: 1e12,
    durability: 'flush',
  })
  const events: OracleEvent[] = []
  const numbers = new Map<string, Map<string, Set<number>>>()
  for (const lane of laneNames) {
    for await (const { records } of log.read(lanesOf(0, 1)[lane], 0, { follow: false })) {
      for (const { kind, site, node, payload } of records) {
        if (kind !== 'telemetry' || !isOf(site, node)) continue
        const parsed = parseTelemetry(payload)
        if (parsed.kind !== 'envelope') throw new Error('only envelopes are sent here')
        const { epoch, seq, records: sent } = parsed.message
        const epochs = numbers.get(`${site}/${node}`) ?? new Map<string, Set<number>>()
        numbers.set(`${site}/${node}`, epochs)
        const seen = epochs.get(epoch) ?? new Set<number>()
        epochs.set(epoch, seen)
        if (seen.has(seq)) continue
        seen.add(seq)
        for (const { device, ts = 0, values } of sent)
          events.push({ type: 'system', site, device, ts, values: values as OracleEvent['values'] })
      }
    }
  }
  await log.stop()
  return { events, numbers }
}

/**
 * Compares what is stored with what follows from the log; returns every difference as a sentence.
 * @param among compares only these sites, and leaves out areas and the district, to which other sites contribute
 */
export async function compare(centre: Centre, { events }: Expected, among?: ReadonlySet<string>): Promise<string[]> {
  return [...(await comparePoints(centre, events, among)), ...(await compareIndicators(centre, events, among))]
}

async function comparePoints(
  centre: Centre,
  events: readonly OracleEvent[],
  among: ReadonlySet<string> | undefined,
): Promise<string[]> {
  const expected = new Map(
    events.map(({ site, device, ts, values }) => [`${site}/${device} ${ts}`, values['cpu_percent']]),
  )
  const differences: string[] = []
  for (const row of await centre.query('SELECT cpu_percent, site, device FROM system')) {
    if (among && !among.has(String(row['site']))) continue
    const key = `${row['site']}/${row['device']} ${row['time']}`
    if (!expected.has(key)) differences.push(`invented: ${key}`)
    else if (expected.get(key) !== row['cpu_percent'])
      differences.push(`${key}: stored ${row['cpu_percent']}, sent ${expected.get(key)}`)
    expected.delete(key)
  }
  for (const key of expected.keys()) differences.push(`missing: ${key}`)
  return differences
}

async function compareIndicators(
  centre: Centre,
  events: readonly OracleEvent[],
  among: ReadonlySet<string> | undefined,
): Promise<string[]> {
  const newest = events.reduce((most, { ts }) => Math.max(most, ts), 0)
  const expected = recompute(indicators, events)
  const differences: string[] = []
  if (among) for (const name of expected.keys()) if (/\|(area|district)\|/.test(name)) expected.delete(name)
  for (const row of await centre.query('SELECT value, level, samples, id, scope, site, device FROM indicator')) {
    if ((among && !among.has(String(row['site']))) || ofWatch.has(String(row['id']))) continue
    const key =
      row['scope'] === 'device' ? `${row['site']}/${row['device']}` : row['scope'] === 'site' ? row['site'] : 'district'
    const name = nameOf(String(row['id']), row['scope'] as Scope, String(key), undefined, Number(row['time']))
    const want = expected.get(name)
    expected.delete(name)
    if (!want) differences.push(`indicator invented: ${name}`)
    else if (
      !close(want.value, Number(row['value'])) ||
      want.samples !== row['samples'] ||
      want.level !== row['level']
    ) {
      differences.push(
        `indicator ${name}: stored ${row['value']} of ${row['samples']}, recomputed ${want.value} of ${want.samples}`,
      )
    }
  }
  // Windows that end after the newest event are given out when the clock comes to their end, some not for minutes.
  for (const name of expected.keys())
    if (Number(name.split('|').at(-1)) <= newest) differences.push(`indicator missing: ${name}`)
  return differences
}

/** Equal but for the order in which a sum was made. */
function close(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b))
}
