import { findDeviceType } from '@ioc/contract/device-types/table.ts'
import type { DeviceBirth } from '@ioc/contract/messages/status.ts'
import type { MeasurementRecord } from '@ioc/contract/messages/telemetry.ts'
import { slugOf } from '@ioc/contract/names.ts'
import type { Session } from 'net-snmp'
import { birthOf } from '../../mapping/birth.ts'
import { converter, type Value } from '../../mapping/value.ts'
import type { Collected, Collector } from '../collector.ts'
import { hasRestarted, type Reading, ratePerSecond } from './counters.ts'
import type { SnmpOptions } from './kind.ts'
import { type Answer, getAll, getColumn, sysUpTime, withSession } from './session.ts'

/** Characters of the name of a device, at most; the contract's limit. */
const maxDeviceName = 200

/** A metric, and how its answer becomes a value. */
interface Metric {
  readonly name: string
  /** OID, or column of a table. */
  readonly source: string
  readonly rate: boolean
  readonly convert: ReturnType<typeof converter>
}

/** What one run read. */
interface Run {
  readonly uptime: number | undefined
  readonly problems: string[]
  /** Counters as they are now, by OID. */
  readonly counters: Map<string, Reading>
}

/** Reads values and tables of an SNMP agent. */
export function createSnmpCollector(options: SnmpOptions): Collector {
  const devices = (options.devices ?? []).map((declared) => ({
    declared,
    metrics: metricsOf(declared.type, declared.values, ({ oid }) => oid.replace(/^\./, '')),
  }))
  const oids = devices.flatMap(({ metrics }) => metrics.map(({ source }) => source))
  const tables = (options.tables ?? []).map((table) => ({
    table,
    entry: table.oid.replace(/^\./, ''),
    metrics: metricsOf(table.type, table.values, ({ column }) => String(column)),
  }))
  const rows = new Map<string, DeviceBirth>()
  let before: Pick<Run, 'uptime' | 'counters'> = { uptime: undefined, counters: new Map() }

  /** The values of one device, from its answers by metric. */
  function valuesOf(
    metrics: readonly Metric[],
    label: string,
    answerOf: (metric: Metric) => readonly [string, Answer | undefined],
    run: Run,
  ) {
    const read: Record<string, Value> = {}
    for (const metric of metrics) {
      const [oid, answer] = answerOf(metric)
      if (!answer) {
        run.problems.push(`${label}: ${metric.name}: no such OID ${oid}`)
        continue
      }
      const raw = metric.rate ? rateOf(oid, answer, run) : answer.value
      if (raw === undefined) continue
      const converted = metric.convert(raw, '.')
      if ('value' in converted) read[metric.name] = converted.value
      else run.problems.push(`${label}: ${metric.name}: ${converted.reason.en}`)
    }
    return read
  }

  /** `undefined` at the first reading, and after a reset. */
  function rateOf(oid: string, { value, bits = 64 }: Answer, run: Run): number | undefined {
    if (typeof value === 'string') return undefined
    const exact = typeof value === 'bigint' ? value : BigInt(Math.trunc(value))
    const now: Reading = { value: exact, bits, uptime: run.uptime, at: performance.now() }
    run.counters.set(oid, now)
    const last = before.counters.get(oid)
    return last && ratePerSecond(last, now)
  }

  async function readTable(
    session: Session,
    { table, entry, metrics }: (typeof tables)[number],
    run: Run,
  ): Promise<MeasurementRecord[]> {
    const names = table.name_column === undefined ? undefined : await getColumn(session, entry, table.name_column)
    const columns = new Map<string, Map<string, Answer>>()
    for (const { source } of metrics) {
      if (!columns.has(source)) columns.set(source, await getColumn(session, entry, Number(source)))
    }
    const indexes = new Set([...columns.values()].flatMap((column) => [...column.keys()]))
    const ts = Date.now()
    const records: MeasurementRecord[] = []
    const found = new Set<string>()
    for (const index of indexes) {
      const name = String(names?.get(index)?.value ?? index)
      found.add(name)
      if (table.only && !table.only.includes(name)) continue
      const device = slugOf(`${table.prefix}-${name}`)
      if (device === undefined) {
        run.problems.push(`${table.prefix}: row ${name} cannot be the name of a device`)
        continue
      }
      const read = valuesOf(
        metrics,
        device,
        ({ source }) => [`${entry}.${source}.${index}`, columns.get(source)?.get(index)],
        run,
      )
      rows.set(device, birthOf({ device, type: table.type, name: name.slice(0, maxDeviceName) }))
      if (Object.keys(read).length > 0) records.push({ device, ts, ...typeOf(table.type), values: read })
    }
    for (const name of table.only ?? []) {
      if (!found.has(name)) run.problems.push(`${table.prefix}: no row ${name}`)
    }
    return records
  }

  return {
    devices: () => [...devices.map(({ declared }) => birthOf(declared)), ...rows.values()],
    collect: (signal): Promise<Collected> =>
      withSession(options, signal, async (session) => {
        const ts = Date.now()
        const answers = await getAll(session, [sysUpTime, ...oids])
        const uptime = answers.get(sysUpTime)?.value
        const run: Run = { uptime: typeof uptime === 'number' ? uptime : undefined, problems: [], counters: new Map() }
        if (hasRestarted(before.uptime, run.uptime))
          run.problems.push('the SNMP agent restarted; rates follow with the next run')
        const measurements: MeasurementRecord[] = []
        for (const { declared, metrics } of devices) {
          const { device, type } = declared
          const read = valuesOf(metrics, device, ({ source }) => [source, answers.get(source)], run)
          if (Object.keys(read).length > 0) measurements.push({ device, ts, ...typeOf(type), values: read })
        }
        for (const table of tables) measurements.push(...(await readTable(session, table, run)))
        before = run
        const [problem] = run.problems
        if (measurements.length === 0 && run.counters.size === 0 && problem !== undefined) throw new Error(problem)
        return { measurements, problems: run.problems }
      }),
  }
}

function typeOf(type: string | undefined) {
  return type === undefined ? {} : { type }
}

type Rule = Parameters<typeof converter>[0] & { readonly rate: boolean }

function metricsOf<R extends Rule>(
  type: string | undefined,
  rules: Readonly<Record<string, R>>,
  sourceOf: (rule: R) => string,
): Metric[] {
  const metrics = type === undefined ? undefined : findDeviceType(type)?.metrics
  return Object.entries(rules).map(([name, rule]) => ({
    name,
    source: sourceOf(rule),
    rate: rule.rate,
    convert: converter(rule, metrics?.[name]?.kind, metrics?.[name]?.unit),
  }))
}
