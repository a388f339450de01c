import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { isActive, type LiveIncident, type ThingId } from '@ioc/contract/messages/incidents.ts'
import { livePrefix, nodeTopic, notificationTopic } from '@ioc/contract/topics.ts'
import { type Centre, startCentre, until } from '@ioc/tests/harness/centre.ts'
import mqtt, { type MqttClient } from 'mqtt'
import { figure, quantile } from '../figure.ts'
import { cpuDuring, peakMb, residentMb } from '../process-figures.ts'
import { playMonth } from '../watch/month.ts'

/** Days of the simulated district: 30 take about seven minutes. */
const simulatedDays = Number(process.env['IOC_BENCH_DAYS'] ?? 30)
const restMs = Number(process.env['IOC_BENCH_SECONDS'] ?? 60) * 1000
/** A sensor of this cadence is silent after five minutes, the least time that there is. */
const cadence_s = 10
const silentTimeoutMs = 900_000
/** Of the detection: sites of one node each, of which some are cut and others lose one of their devices. */
const few = { sites: 20, devices: 5, cut: 5 }
/** Of what is cut at once: 10,000 devices. */
const many = { sites: 200, devices: 50 }

/**
 * How long the watch takes to find what is gone, what it costs with 10,000 devices at rest and when all are cut, and what it
 * finds in a month of the simulated district.
 */
export async function watch(): Promise<void> {
  await detection()
  await cutOfAll()
  month()
}

/** Named events of the simulated district, and what the watch makes of them and of the calm days between: liveness and levels. */
function month(): void {
  const { days, incidents, falseAlarms, missed, notices } = playMonth(simulatedDays)
  const of = (aspect: string) => incidents.filter((one) => one.aspect === aspect).length
  const byAspect = Object.fromEntries([...new Set(incidents.map(({ aspect }) => aspect))].map((one) => [one, of(one)]))
  figure('watch.month.incidents', incidents.length, 'incidents', { days, messages: notices, ...byAspect })
  figure('watch.month.false_alarms', falseAlarms.length, 'incidents', { days, falseAlarms })
  figure('watch.month.missed', missed.length, 'events', { days, missed })
}

async function detection(): Promise<void> {
  await onCentre(async (centre, incidents) => {
    const nodes = await connectNodes(centre, few)
    await nodesKnown(centre, few)
    const sending = setInterval(() => nodes.forEach(send), (cadence_s * 1000) / 2)
    await sleep(2 * cadence_s * 1000)
    const gone = new Map<ThingId, number>()
    for (const [index, node] of nodes.entries()) {
      await sleep(500)
      if (index < few.cut) {
        node.client.stream.destroy()
        node.isCut = true
        gone.set(`site/${node.site}`, Date.now())
      } else {
        node.silent.add('d0')
        gone.set(`device/${node.site}/d0`, node.sentAt)
      }
    }
    const found = new Map<ThingId, number>()
    await until(
      'all incidents',
      async () => {
        for (const { cause, opened } of incidents.known.values()) if (!found.has(cause)) found.set(cause, opened)
        return [...gone.keys()].filter((thing) => !found.has(thing) && !found.has(nodeOf(thing)))
      },
      (missing) => missing.length === 0,
      silentTimeoutMs,
    )
    clearInterval(sending)
    const taken = (kind: string) =>
      [...gone]
        .filter(([thing]) => thing.startsWith(kind))
        .map(([thing, since]) => ((found.get(thing) ?? found.get(nodeOf(thing)) ?? Number.NaN) - since) / 1000)
        .sort((a, b) => a - b)
    for (const [name, kind] of Object.entries({ silent_sensor: 'device', cut_node: 'site' })) {
      const seconds = taken(kind)
      figure(`watch.detection_s.${name}.p50`, quantile(seconds, 0.5), 's', { cases: seconds.length, cadence_s })
      figure(`watch.detection_s.${name}.p95`, quantile(seconds, 0.95), 's', { cases: seconds.length, cadence_s })
    }
    const others = [...found.keys()].filter((thing) => !gone.has(thing) && !thing.startsWith('node/'))
    figure('watch.detection.others', others.length, 'incidents', { others })
    for (const { client } of nodes) client.end(true)
  })
}

async function cutOfAll(): Promise<void> {
  await onCentre(async (centre, incidents) => {
    const nodes = await connectNodes(centre, many)
    nodes.forEach(send)
    await nodesKnown(centre, many)
    await sleep(5_000)
    const rest = await cpuDuring(centre, () => sleep(restMs))
    figure('watch.cores.rest', (rest.byProcess['alerting'] ?? 0) / rest.seconds, 'cores', {
      devices: many.sites * many.devices,
      all_processes: Math.round((rest.total / rest.seconds) * 1e4) / 1e4,
    })
    const messagesBefore = incidents.notifications
    const cutAt = Date.now()
    for (const { client } of nodes) client.stream.destroy()
    await until(
      'the incident of the cut',
      async () => [...incidents.known.values()].filter((incident) => incident.opened >= cutAt),
      (opened) => opened.length > 0,
      silentTimeoutMs,
    )
    const firstAt = Date.now()
    await sleep(60_000)
    const opened = [...incidents.known.values()].filter((incident) => incident.opened >= cutAt)
    const active = opened.filter(isActive)
    figure('watch.cut_10000.seconds', (firstAt - cutAt) / 1000, 's', { cause: active.map(({ cause }) => cause) })
    figure('watch.cut_10000.incidents', active.length, 'incidents', {
      opened: opened.length,
      affected: active.reduce((sum, { affected_count }) => sum + affected_count, 0),
    })
    figure('watch.cut_10000.messages', incidents.notifications - messagesBefore, 'messages')
    const { pid } = (await centre.health()).processes.find(({ process: name }) => name === 'alerting') ?? { pid: 0 }
    figure('watch.memory_mb', residentMb(pid), 'MB', { peak_mb: Math.round(peakMb(pid)) })
  })
}

/** What the watch publishes. */
interface Incidents {
  readonly known: ReadonlyMap<number, LiveIncident>
  notifications: number
}

async function onCentre(measure: (centre: Centre, incidents: Incidents) => Promise<void>): Promise<void> {
  const centre = await startCentre({
    IOC_LOG_LEVEL: 'warn',
    IOC_MQTT_ANONYMOUS: 'true',
    IOC_PROCESSES: 'storage,broker,stream-processor,alerting,wall',
  })
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${centre.mqttPort}`, centre.credential('centre'))
  const known = new Map<number, LiveIncident>()
  const incidents: Incidents = { known, notifications: 0 }
  client.on('message', (topic, payload) => {
    if (topic === notificationTopic) incidents.notifications++
    else if (payload.length > 0) {
      const incident = JSON.parse(payload.toString()) as LiveIncident
      known.set(incident.id, incident)
    }
  })
  await client.subscribeAsync([`${livePrefix}incident/+`, notificationTopic])
  try {
    await measure(centre, incidents)
  } finally {
    await client.endAsync()
    await centre.stop()
    rmSync(centre.dataDir, { recursive: true, force: true })
  }
}

interface BenchNode {
  readonly site: string
  readonly client: MqttClient
  readonly devices: readonly string[]
  /** Devices that measure no more. */
  readonly silent: Set<string>
  isCut: boolean
  seq: number
  sentAt: number
}

async function connectNodes(centre: Centre, { sites, devices }: { sites: number; devices: number }) {
  const nodes: BenchNode[] = []
  for (let index = 0; index < sites; index++) {
    const site = `watch-${index}`
    const session = Date.now()
    const topic = nodeTopic({ site, node: 'n1' }, 'status')
    const will = {
      topic,
      payload: Buffer.from(JSON.stringify({ online: false, session })),
      qos: 1,
      retain: true,
    } as const
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${centre.mqttPort}`, { will, reconnectPeriod: 0 })
    client.on('error', () => {})
    const ids = Array.from({ length: devices }, (_, device) => `d${device}`)
    const birth = {
      ...{ online: true, session, agent: { version: '1', host: site } },
      devices: ids.map((id) => ({ id, type: 'air_quality', cadence_s })),
    }
    await client.publishAsync(topic, JSON.stringify(birth), { qos: 1, retain: true })
    nodes.push({ site, client, devices: ids, silent: new Set(), isCut: false, seq: 0, sentAt: 0 })
  }
  return nodes
}

/** Sends a measurement of each device that is not silent. */
function send(node: BenchNode): void {
  if (node.isCut) return
  const ts = Date.now()
  const records = node.devices
    .filter((device) => !node.silent.has(device))
    .map((device, index) => ({ device, ts, type: 'air_quality', values: { pm25: 10 + ((ts / 1000 + index) % 7) } }))
  if (!node.silent.has('d0')) node.sentAt = ts
  const body = { epoch: 'bench', seq: ++node.seq, sent: ts, records }
  node.client.publish(nodeTopic({ site: node.site, node: 'n1' }, 'telemetry'), JSON.stringify(body), { qos: 1 })
}

async function nodesKnown(centre: Centre, { sites, devices }: { sites: number; devices: number }): Promise<void> {
  await until(
    'all devices',
    () => centre.devices(),
    (known) => known.length >= sites * devices,
  )
}

/** A site is lost with its only node. */
const nodeOf = (thing: ThingId): ThingId => (thing.startsWith('site/') ? `node/${thing.slice(5)}/n1` : thing)
