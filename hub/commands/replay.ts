import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { openCredentialStore } from '@ioc/broker/credentials/credential-store.ts'
import { type Options, readOptions } from '@ioc/contract/options.ts'
import { parseUsername, username } from '@ioc/contract/topics.ts'
import { agentOptions } from '@ioc/edge-agent/options.ts'
import { escapeControls } from '@ioc/runtime/control-characters.ts'
import { displayStamp } from '@ioc/runtime/display-time.ts'
import { urlHost } from '@ioc/runtime/listen.ts'
import { createLogger } from '@ioc/runtime/logger.ts'
import { writePrivateJson } from '@ioc/runtime/private-file.ts'
import { ensureFolder } from '@ioc/runtime/process.ts'
import { play } from '@ioc/simulator/recordings/play.ts'
import { summarise } from '@ioc/simulator/recordings/recording.ts'
import { readRecordingMap } from '@ioc/simulator/recordings/recording-map.ts'
import { misused, readArguments, timeArgument } from './arguments.ts'
import type { Command } from './command.ts'
import { type Rejections, rejectionsOf } from './rejections.ts'

const usage = 'replay FILE.csv --map MAP.yaml --site SITE --node NODE [--speed N] [--end TIME]'
const text = { type: 'string' } as const

const interrupted = 130

export const replay: Command = {
  usage,
  title: 'play real measurements from a CSV file through an agent; simulator/README.md describes the map',
  help: [
    '  --site, --node  the node that it is played as; its password is IOC_AGENT_PASSWORD, or a credential is made',
    '  --speed N       N times as fast as it was recorded; without it as fast as it is acknowledged',
    '  --end TIME      shift all times so that the last one is TIME, as now or 2026-01-31T08:00',
    '',
  ].join('\n'),
  async run(args) {
    const flags = { map: text, site: text, node: text, speed: text, end: text } as const
    const { positionals, values } = readArguments(args, flags, usage, ['FILE.csv'])
    const [file = ''] = positionals
    for (const name of ['map', 'site', 'node'] as const) {
      if (values[name] === undefined) throw misused(`--${name} is missing`, usage)
    }
    const speed = values.speed === undefined ? undefined : Number(values.speed)
    if (speed !== undefined && !(speed > 0 && speed < 1e9)) {
      throw misused(`--speed must be a number above 0, got ${JSON.stringify(values.speed)}`, usage)
    }
    const end = values.end === undefined ? undefined : timeArgument(values.end, '--end', usage)
    const address = parseUsername(`${values.site}/${values.node}`)
    const options = readOptions(agentOptions, process.env)
    const map = readRecordingMap(values.map ?? '')
    const summary = await summarise(file, map)
    const folder = join(ensureFolder(options.dataDir), 'replay', address.site, address.node)
    const digest = createHash('sha256').update(readFileSync(file)).update(JSON.stringify(map)).digest('hex')
    const outbox = join(folder, digest.slice(0, 16))
    // A recording that goes on must not have other times than it had.
    const shiftFile = join(outbox, 'shift.json')
    const shiftMs = savedShift(shiftFile) ?? (end === undefined ? 0 : end - summary.last)
    writePrivateJson(shiftFile, shiftMs)
    const abort = new AbortController()
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => abort.abort())
    const settings = {
      file,
      map,
      summary,
      address,
      password: await passwordOf(username(address), folder, options),
      url: options.mqttUrl || `mqtt://${urlHost(options.bind)}:${options.mqttPort}`,
      folder: outbox,
      speed,
      shiftMs,
      signal: abort.signal,
    }
    const started = Date.now()
    const played = await play(settings, createLogger('replay', { logLevel: 'warn' }))
    const span = `${displayStamp(summary.first + shiftMs)} to ${displayStamp(summary.last + shiftMs)}`
    const done = `${played.records} records from ${span}, ${played.messages} messages acknowledged`
    if (!played.isComplete) {
      process.stdout.write(`interrupted: ${done}; the same command goes on\n`)
      return interrupted
    }
    rmSync(outbox, { recursive: true })
    process.stdout.write(`played ${done}\n`)
    return reportRejections(await rejectionsOf(address, started))
  },
}

/** An acknowledged record may still be rejected: the reasons are printed. Returns the exit code. */
function reportRejections(rejections: Rejections | undefined): number {
  if (!rejections) {
    process.stdout.write('not checked whether the centre rejected records: see ioc dead-letters on its machine\n')
    return 0
  }
  const { records, reasons } = rejections
  if (reasons.length === 0) return 0
  const lines = reasons.map((reason) => `  ${escapeControls(reason)}\n`)
  const what = records === 0 ? 'the centre dropped values' : `the centre rejected ${records} records`
  process.stderr.write(`${what}; ioc dead-letters lists them\n${lines.join('')}`)
  return 1
}

function savedShift(path: string): number | undefined {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as number) : undefined
}

/** The password that is set, the one that an earlier replay made, or a new one for a node that has none. */
async function passwordOf(name: string, folder: string, options: Options<typeof agentOptions>): Promise<string> {
  if (options.agentPassword !== '') return options.agentPassword
  const file = join(folder, 'password.json')
  const store = openCredentialStore(options.dataDir)
  if (existsSync(file) && store.find(name)) return JSON.parse(readFileSync(file, 'utf8')) as string
  const password = await store.add(name, 'node', { replace: false })
  writePrivateJson(file, password)
  return password
}
