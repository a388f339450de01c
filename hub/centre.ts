import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { IocError } from '@ioc/contract/errors.ts'
import type { LiveProcess } from '@ioc/contract/messages/live.ts'
import type { Options } from '@ioc/contract/options.ts'
import { processTopic } from '@ioc/contract/topics.ts'
import { credentialFile, readCredential } from '@ioc/runtime/credential-file.ts'
import { inUse, lockHolder } from '@ioc/runtime/data-lock.ts'
import { isAlive } from '@ioc/runtime/is-alive.ts'
import { urlHost } from '@ioc/runtime/listen.ts'
import { ensureFolder } from '@ioc/runtime/process.ts'
import mqtt, { type MqttClient } from 'mqtt'
import { formatLine } from './log-format.ts'
import { describeReady, type ProcessOnDisk } from './processes.ts'
import { describeUnknown, type startOptions, unknownSettings } from './settings.ts'
import { createSupervisor } from './supervisor.ts'

/** Longest that processes may take to end after their hub was killed, in ms. */
const maxOrphanMs = 20_000

/** Publishes a live value, retained: now if the broker is connected, and again at each connection. */
export type PublishLive = (topic: string, value: object) => void

export interface CentreRun {
  readonly options: Options<typeof startOptions>
  /** Of the processes. */
  readonly environment: NodeJS.ProcessEnv
  readonly processes: readonly ProcessOnDisk[]
  /** Prints a line for people. */
  readonly print: (line: string) => void
  /** What a process said of itself. */
  readonly onReport?: (report: LiveProcess, publish: PublishLive) => void
}

/**
 * Runs the processes of a centre until SIGINT or SIGTERM. Resolves to the exit code.
 * @throws IocError DATA_IN_USE, FOLDER_UNUSABLE
 */
export async function runCentre({
  options,
  processes,
  print: printLine,
  onReport,
  ...run
}: CentreRun): Promise<number> {
  ensureFolder(options.dataDir)
  const print = (name: string, line: string) => printLine(formatLine(name, line))
  for (const unknown of unknownSettings(run.environment)) print('hub', `warning: ${describeUnknown(unknown)}`)
  await requireFreeData(options.dataDir, processes)
  const live = createLiveSink(options)
  const environment = { NODE_COMPILE_CACHE: join(options.dataDir, 'compile-cache'), ...run.environment }
  const supervisor = createSupervisor({
    environment,
    onLine: print,
    onReport(report) {
      live.publish(processTopic(report.process), report)
      onReport?.(report, live.publish)
    },
  })

  const stopped = new Promise<string>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(signal))
  })
  const ready = new Map<string, Promise<unknown>>()
  for (const { main, after = [], warmUp, ...supervised } of processes) {
    const path = new URL(`../${main}`, import.meta.url).pathname
    // With its flags: code that was compiled under others is not taken from the cache.
    const warm = warmUp ? runOnce([...(supervised.flags ?? []), path, warmUp], environment) : undefined
    const isReady = supervisor.start(
      { ...supervised, main: path },
      Promise.all([warm, ...after.map((name) => ready.get(name))]),
    )
    ready.set(supervised.name, supervised.name === 'broker' ? isReady.then(live.connect) : isReady)
  }
  let interrupted: string | undefined
  try {
    interrupted = await Promise.race([Promise.all(ready.values()).then(() => undefined), stopped])
  } catch (error) {
    print('hub', `cannot start: ${(error as Error).message}`)
    await supervisor.stop()
    await live.stop()
    return 1
  }
  if (!interrupted) print('hub', `ready: ${describeReady(processes, options)}`)
  print('hub', `${await stopped}: stopping`)
  await supervisor.stop()
  await live.stop()
  return 0
}

/**
 * Each process would refuse a data folder that another one of its kind uses; here it is one line, before anything starts.
 * Processes whose hub was killed end by themselves: they are waited for.
 * @throws IocError DATA_IN_USE
 */
async function requireFreeData(dataDir: string, wanted: readonly ProcessOnDisk[]): Promise<void> {
  const deadline = performance.now() + maxOrphanMs
  for (const { name } of wanted.filter(({ exclusive }) => exclusive)) {
    for (;;) {
      const holder = lockHolder(dataDir, name)
      if (!holder) break
      const orphan = holder.parent !== undefined && !isAlive(holder.parent)
      if (!orphan || performance.now() > deadline) throw new IocError('DATA_IN_USE', inUse(dataDir, name, holder))
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

function runOnce(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<unknown> {
  const child = spawn(process.execPath, args, { env: environment, stdio: 'ignore' })
  return new Promise((resolve) => child.once('close', resolve))
}

/** Publishes what the hub knows, for the wall and the store. */
function createLiveSink(options: { readonly bind: string; readonly mqttPort: number; readonly dataDir: string }) {
  let client: MqttClient | undefined
  const last = new Map<string, object>()
  const publish: PublishLive = (topic, value) => {
    last.set(topic, value)
    if (client?.connected) client.publish(topic, JSON.stringify(value), { qos: 0, retain: true })
  }
  return {
    publish,
    async connect() {
      const credential = await readCredential(credentialFile(options.dataDir, 'centre'))
      client = mqtt.connect(`mqtt://${urlHost(options.bind)}:${options.mqttPort}`, {
        ...credential,
        clientId: `hub-${process.pid}`,
        reconnectPeriod: 1000,
      })
      client.on('error', () => undefined)
      client.on('connect', () => {
        for (const [topic, value] of last) publish(topic, value)
      })
    },
    stop: async () => {
      await client?.endAsync(true)
    },
  }
}
