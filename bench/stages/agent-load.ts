import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { credentialFile } from '@ioc/runtime/credential-file.ts'
import { createLogger } from '@ioc/runtime/logger.ts'
import { writePrivateJson } from '@ioc/runtime/private-file.ts'
import { freePort, freeUdpPort } from '@ioc/runtime/testing/free-port.ts'
import { python } from '@ioc/runtime/testing/python.ts'
import { type Centre, startCentre, until } from '@ioc/tests/harness/centre.ts'
import { Outbox } from '@ioc/uplink/outbox/outbox.ts'
import mqtt from 'mqtt'
import { figure, quantile } from '../figure.ts'
import { cpuSeconds, proportionalMb, residentMb } from '../process-figures.ts'

const project = join(import.meta.dirname, '../..')
const cadenceS = 10
const modbusRegisters = 500
/** Of one device, at most. */
const registersOfDevice = 250
const snmpAgents = 200
/** Backlog: three days at the default cadence of the agent. */
const backlogMessages = (3 * 86_400) / cadenceS
/** Backlog messages a second. The default is 50, with which three days take 8.6 minutes whatever else is fast. */
const replayPerSecond = Number(process.env['IOC_BENCH_REPLAY'] ?? 500)

/** Memory with Node-RED, many devices of one agent, and three days offline. */
export async function agentLoad(durationMs: number): Promise<void> {
  const centre = await startCentre({ IOC_LOG_LEVEL: 'warn' })
  try {
    await withNodeRed(centre, durationMs)
    await manyDevices(centre, durationMs)
    await threeDays(centre)
  } finally {
    await centre.stop()
    rmSync(centre.dataDir, { recursive: true, force: true })
  }
}

interface BenchAgent {
  readonly folder: string
  start(settings?: Record<string, string>): ChildProcess
  stop(): Promise<void>
}

/** An agent with a folder of its own, which is started later. */
async function agentOf(centre: Centre, node: string): Promise<BenchAgent> {
  const dataDir = mkdtempSync(join(tmpdir(), 'ioc-bench-agent-'))
  const { username, password } = await centre.addNode('bench', node)
  writePrivateJson(credentialFile(dataDir, 'agent'), { username, password })
  const folder = join(dataDir, 'edge-agent')
  mkdirSync(folder)
  let child: ChildProcess | undefined
  return {
    folder,
    start(settings = {}) {
      const { NODE_OPTIONS: _, NODE_COMPILE_CACHE: __, ...inherited } = process.env
      const own = { IOC_DATA_DIR: dataDir, IOC_MQTT_PORT: String(centre.mqttPort), IOC_LOG_LEVEL: 'warn' }
      child = spawn(process.execPath, [join(project, 'edge-agent', 'main.ts')], {
        env: { ...inherited, ...own, ...settings },
        stdio: ['ignore', 'ignore', 'inherit'],
      })
      return child
    },
    async stop() {
      if (child && child.exitCode === null) {
        const ended = once(child, 'exit')
        child.kill('SIGTERM')
        await ended
      }
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

interface Telemetry {
  readonly seq: number
  readonly sent: number
  readonly records: readonly { readonly device: string; readonly ts: number }[]
}

/** Calls back with each message of a node, as the broker passes it on. */
async function follow(centre: Centre, node: string, onMessage: (message: Telemetry) => void): Promise<() => unknown> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${centre.mqttPort}`, centre.credential('centre'))
  client.on('message', (_, payload) => onMessage(JSON.parse(payload.toString()) as Telemetry))
  await client.subscribeAsync(`ioc/v1/bench/${node}/telemetry`, { qos: 1 })
  return () => client.endAsync()
}

async function withNodeRed(centre: Centre, durationMs: number): Promise<void> {
  const agent = await agentOf(centre, 'flows')
  const flows = [
    { id: 'tab', type: 'tab', label: 'Bench' },
    { id: 'device', type: 'ioc device', device: 'flow', cadence: '10' },
    { id: 'tick', type: 'inject', z: 'tab', repeat: '10', once: true, payloadType: 'date', wires: [['out']] },
    { id: 'out', type: 'ioc out', z: 'tab', channel: 'telemetry', device: 'device', metric: 'value', wires: [] },
  ]
  writeFileSync(join(agent.folder, 'flows.json'), JSON.stringify(flows))
  try {
    const { pid = 0 } = agent.start()
    const child = await until(
      'Node-RED',
      async () => JSON.parse(readFileSync(join(agent.folder, 'node-red', 'child.json'), 'utf8')) as { pid: number },
      (one) => one.pid > 0,
    )
    await sleep(durationMs)
    const detail = { agent_mb: residentMb(pid), node_red_mb: residentMb(child.pid), seconds: durationMs / 1000 }
    figure('agent.rss_mb.node_red', residentMb(pid) + residentMb(child.pid), 'MB', detail)
    // Pages that both have count once, half for each.
    figure('agent.pss_mb.node_red', proportionalMb(pid) + proportionalMb(child.pid), 'MB', {
      agent_mb: proportionalMb(pid),
      node_red_mb: proportionalMb(child.pid),
    })
  } finally {
    await agent.stop()
  }
}

async function manyDevices(centre: Centre, durationMs: number): Promise<void> {
  const agent = await agentOf(centre, 'many')
  const [modbusPort, snmpPort] = [await freePort(), await freeUdpPort()]
  const peers = [
    spawn(python, [
      join(import.meta.dirname, '../agent/modbus_server.py'),
      String(modbusPort),
      String(modbusRegisters),
    ]),
    startSnmpd(agent.folder, snmpPort),
  ]
  const registersFrom = (first: number) =>
    Object.fromEntries(Array.from({ length: registersOfDevice }, (_, at) => [`r${first + at}`, first + at]))
  const collectors = [
    {
      ...{ type: 'modbus', host: '127.0.0.1', port: modbusPort, cadence_s: cadenceS },
      devices: Array.from({ length: modbusRegisters / registersOfDevice }, (_, at) => ({
        device: `meter-${at}`,
        registers: registersFrom(at * registersOfDevice),
      })),
    },
    ...Array.from({ length: snmpAgents }, (_, at) => ({
      ...{ type: 'snmp', id: `switch-${at}`, host: '127.0.0.1', port: snmpPort, cadence_s: cadenceS },
      devices: [{ device: `switch-${at}`, values: { uptime: '1.3.6.1.2.1.1.3.0', services: '1.3.6.1.2.1.1.7.0' } }],
    })),
  ]
  writeFileSync(join(agent.folder, 'agent.yaml'), JSON.stringify({ collectors }))
  const measured = new Map<string, number[]>()
  const delays: number[] = []
  let isMeasuring = false
  const end = await follow(centre, 'many', ({ records }) => {
    const now = Date.now()
    for (const { device, ts } of records) {
      const times = measured.get(device) ?? []
      measured.set(device, [...times, ts])
      if (isMeasuring) delays.push(now - ts)
    }
  })
  try {
    const { pid = 0 } = agent.start()
    const devices = modbusRegisters / registersOfDevice + snmpAgents
    await until(
      'all devices',
      async () => measured.size,
      (size) => size === devices,
      120_000,
    )
    const before = cpuSeconds(pid)
    const from = Date.now()
    isMeasuring = true
    await sleep(durationMs)
    const sorted = [...measured.values()].flatMap((times) => latenesses(times, from)).sort((a, b) => a - b)
    const detail = {
      ...{ modbus_registers: modbusRegisters, snmp_agents: snmpAgents, cadence_s: cadenceS },
      ...{ seconds: durationMs / 1000, runs: sorted.length },
    }
    figure('agent.cpu_percent.many', ((cpuSeconds(pid) - before) / (durationMs / 1000)) * 100, '% of a core', detail)
    figure('agent.lateness_p99_ms.many', quantile(sorted, 0.99), 'ms', { ...detail, max_ms: sorted.at(-1) ?? 0 })
    // From the measurement to the subscriber of the broker.
    const sortedDelays = delays.sort((a, b) => a - b)
    figure('agent.delay_p99_ms.many', quantile(sortedDelays, 0.99), 'ms', { p50_ms: quantile(sortedDelays, 0.5) })
    figure('agent.rss_mb.many', residentMb(pid), 'MB', detail)
  } finally {
    await end()
    await agent.stop()
    for (const peer of peers) peer.kill('SIGKILL')
  }
}

/**
 * By how much more than the cadence the measurements of a device since `from` are apart, in ms. They are put in order
 * first: a message that waited for the broker arrives after later ones.
 */
function latenesses(times: readonly number[], from: number): number[] {
  const ordered = times.toSorted((a, b) => a - b)
  return ordered.flatMap((ts, at) => {
    const before = ordered[at - 1]
    return before === undefined || ts < from ? [] : [ts - before - cadenceS * 1000]
  })
}

function startSnmpd(folder: string, port: number): ChildProcess {
  const config = join(folder, 'snmpd.conf')
  const state = join(folder, 'snmp')
  mkdirSync(state)
  writeFileSync(config, `[snmp] persistentDir ${state}\nrocommunity public 127.0.0.1\n`)
  const args = ['-f', '-Lf', '/dev/null', '-C', '-c', config, '-I', '-smux', `udp:127.0.0.1:${port}`]
  return spawn('/usr/sbin/snmpd', args, { stdio: 'ignore', env: { ...process.env, MIBS: '' } })
}

/** The agent measures on while it sends three days: how late are the live messages meanwhile? */
async function threeDays(centre: Centre): Promise<void> {
  const agent = await agentOf(centre, 'offline')
  const began = Date.now() - backlogMessages * cadenceS * 1000
  let at = 0
  const clock = { now: () => began + at, uptime: () => at, boot: 'before' }
  const settings = { folder: agent.folder, maxBytes: 64e6, maxAgeMs: 30 * 86_400_000, clock }
  const outbox = new Outbox(settings, createLogger('bench', { logLevel: 'silent' }))
  outbox.start()
  for (let n = 1; n <= backlogMessages; n++) {
    at = n * cadenceS * 1000
    const values = { cpu_percent: n % 100, memory_used_percent: 40, disk_used_percent: 30, load_1m: 0.5 }
    outbox.put([{ device: 'offline', ts: began + at, type: 'system', values }])
  }
  outbox.stop()
  const live: number[] = []
  let backlog = 0
  const end = await follow(centre, 'offline', ({ seq, records: [record] }) => {
    if (seq <= backlogMessages) backlog++
    else if (backlog < backlogMessages) live.push(Date.now() - (record?.ts ?? 0))
  })
  try {
    const started = performance.now()
    agent.start({ IOC_REPLAY_PER_SECOND: String(replayPerSecond), IOC_AGENT_CADENCE_MS: '250' })
    await until(
      'the backlog',
      async () => backlog,
      (count) => count >= backlogMessages,
      1_800_000,
    )
    const sorted = live.sort((a, b) => a - b)
    const detail = { messages: backlogMessages, replay_per_second: replayPerSecond }
    figure('agent.drain_s.three_days', (performance.now() - started) / 1000, 's', detail)
    // From the measurement to the subscriber of the broker, while the backlog is sent.
    figure('agent.live_p99_ms.three_days', quantile(sorted, 0.99), 'ms', { ...detail, live: sorted.length })
  } finally {
    await end()
    await agent.stop()
  }
}
