import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { commonOptions, httpPortOption, mqttPortOption } from '@ioc/contract/common-options.ts'
import { IocError } from '@ioc/contract/errors.ts'
import type { LiveProcess } from '@ioc/contract/messages/live.ts'
import { optionSchema, readOptions } from '@ioc/contract/options.ts'
import { processTopic } from '@ioc/contract/topics.ts'
import { credentialFile, readCredential } from '@ioc/runtime/credential-file.ts'
import { urlHost } from '@ioc/runtime/listen.ts'
import { ensureFolder } from '@ioc/runtime/process.ts'
import mqtt, { type MqttClient } from 'mqtt'
import { formatLine } from '../log-format.ts'
import { type ProcessOnDisk, processes } from '../processes.ts'
import { createSupervisor } from '../supervisor.ts'
import type { Command } from './table.ts'

export const startOptions = optionSchema({
  ...commonOptions,
  ...mqttPortOption,
  ...httpPortOption,
  influxUrl: {
    type: 'string',
    default: '',
    pattern: '^https?://',
    title: 'An InfluxDB to use in place of the embedded store',
  },
  processes: {
    type: 'string',
    default: '',
    title: 'Which processes to run, separated by commas; all of them when empty',
  },
})

export const start: Command = {
  usage: 'start',
  title: 'run the centre, and an agent that reports this machine',
  async run() {
    const options = readOptions(startOptions, process.env)
    const wanted = chosen(options)
    ensureFolder(options.dataDir)
    const print = (name: string, line: string) => process.stdout.write(`${formatLine(name, line)}\n`)
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
    if (!interrupted) print('hub', `ready: http://${urlHost(options.bind)}:${options.httpPort}`)
    print('hub', `${await stopped}: stopping`)
    await supervisor.stop()
    await reports.stop()
    return 0
  },
}

/**
 * The processes that the settings ask for. The embedded store is left out where another store is named.
 * @throws IocError OPTION_INVALID
 */
function chosen(options: { readonly processes: string; readonly influxUrl: string }): readonly ProcessOnDisk[] {
  const wanted = options.processes === '' ? undefined : options.processes.split(',')
  const unknown = wanted?.find((name) => !processes.some((process) => process.name === name))
  if (unknown !== undefined) {
    const names = processes.map(({ name }) => name).join(', ')
    throw new IocError('OPTION_INVALID', `IOC_PROCESSES: ${unknown} is none of ${names}`)
  }
  return processes.filter(({ name }) => wanted?.includes(name) ?? (name !== 'storage' || options.influxUrl === ''))
}

function runOnce(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<unknown> {
  const child = spawn(process.execPath, args, { env: environment, stdio: 'ignore' })
  return new Promise((resolve) => child.once('close', resolve))
}

/** Publishes what processes say of themselves, retained, so that the wall and the store have it. */
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
