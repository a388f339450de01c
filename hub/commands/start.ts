import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { IocError } from '@ioc/contract/errors.ts'
import type { LiveProcess } from '@ioc/contract/messages/live.ts'
import { readOptions } from '@ioc/contract/options.ts'
import { processTopic } from '@ioc/contract/topics.ts'
import { credentialFile, readCredential } from '@ioc/runtime/credential-file.ts'
import { inUse, lockHolder } from '@ioc/runtime/data-lock.ts'
import { urlHost } from '@ioc/runtime/listen.ts'
import { ensureFolder } from '@ioc/runtime/process.ts'
import mqtt, { type MqttClient } from 'mqtt'
import { formatLine } from '../log-format.ts'
import { chosenProcesses, describeReady, type ProcessOnDisk } from '../processes.ts'
import { describeUnknown, startOptions, unknownSettings } from '../settings.ts'
import { createSupervisor } from '../supervisor.ts'
import { readArguments } from './arguments.ts'
import type { Command } from './table.ts'

const usage = 'start'

/** Longest that processes may take to end after their hub was killed, in ms. */
const maxOrphanMs = 20_000

export const start: Command = {
  usage,
  title: 'run the centre and an agent that reports this machine',
  async run(args) {
    readArguments(args, {}, usage)
    const options = readOptions(startOptions, process.env)
    const wanted = chosenProcesses(options)
    ensureFolder(options.dataDir)
    const print = (name: string, line: string) => process.stdout.write(`${formatLine(name, line)}\n`)
    for (const unknown of unknownSettings(process.env)) print('hub', `warning: ${describeUnknown(unknown)}`)
    await requireFreeData(options.dataDir, wanted)
    const reports = createReportSink(options)
    const environment = { ...process.env, NODE_COMPILE_CACHE: join(options.dataDir, 'compile-cache') }
    const supervisor = createSupervisor({ environment, onLine: print, onReport: reports.publish })

    const stopped = new Promise<string>((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(signal))
    })
    let interrupted: string | undefined
    try {
      for (const { main, warmUp, ...supervised } of wanted) {
        const path = new URL(`../../${main}`, import.meta.url).pathname
        if (warmUp) await runOnce([path, warmUp], environment)
        interrupted = (await Promise.race([supervisor.start({ ...supervised, main: path }), stopped])) ?? undefined
        if (interrupted) break
        if (supervised.name === 'broker') void reports.connect()
      }
    } catch (error) {
      print('hub', `cannot start: ${(error as Error).message}`)
      await supervisor.stop()
      await reports.stop()
      return 1
    }
    if (!interrupted) print('hub', `ready: ${describeReady(wanted, options)}`)
    print('hub', `${await stopped}: stopping`)
    await supervisor.stop()
    await reports.stop()
    return 0
  },
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

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function runOnce(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<unknown> {
  const child = spawn(process.execPath, args, { env: environment, stdio: 'ignore' })
  return new Promise((resolve) => child.once('close', resolve))
}

/** Publishes the reports of the processes, retained, for the wall and the store. */
function createReportSink(options: { readonly bind: string; readonly mqttPort: number; readonly dataDir: string }) {
  let client: MqttClient | undefined
  const last = new Map<string, LiveProcess>()
  const publish = (report: LiveProcess): void => {
    last.set(report.process, report)
    if (client?.connected)
      client.publish(processTopic(report.process), JSON.stringify(report), { qos: 0, retain: true })
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
        for (const report of last.values()) publish(report)
      })
    },
    stop: async () => {
      await client?.endAsync(true)
    },
  }
}
