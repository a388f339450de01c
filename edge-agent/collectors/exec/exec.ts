import { execFile } from 'node:child_process'
import { collectedOf } from '../../mapping/collected.ts'
import { lineReader } from '../../mapping/lines.ts'
import { Mapping, type Row } from '../../mapping/mapping.ts'
import type { Collected, Collector, CollectorContext } from '../collector.ts'
import type { ExecOptions } from './kind.ts'

/** What a program may print, in bytes. */
const maxOutput = 1_048_576
/** Characters of its errors that are reported. */
const maxShown = 200

/** Environment that a program gets: none of the agent's settings, which have its password. */
const passed = ['PATH', 'HOME', 'LANG', 'TZ', 'SystemRoot', 'TEMP']

/** Runs a program and reads the JSON document, or each line, that it prints. Only where this machine's administrator allows it. */
export function createExecCollector(
  { command, map, ...format }: ExecOptions,
  { allowExec }: CollectorContext,
): Collector {
  const mapping = new Mapping(map)
  const read = lineReader(format)
  const [program = '', ...args] = command
  return {
    devices: () => mapping.devices(),
    async collect(signal): Promise<Collected> {
      if (!allowExec) throw new Error('exec is not allowed on this machine: set IOC_ALLOW_EXEC=true')
      const output = await run(program, args, signal)
      const lines = format.format === 'json' ? [output] : output.split(/\r?\n/)
      const rows = lines.flatMap((line, index): Row[] => {
        const row = line.trim() === '' ? undefined : read(line, `line ${index + 1}`)
        return row ? [row] : []
      })
      if (rows.length === 0)
        throw new Error(`nothing to read in the output ${JSON.stringify(output.slice(0, maxShown))}`)
      return collectedOf(mapping.map(rows, { ts: Date.now(), decimal: '.' }))
    },
  }
}

function run(program: string, args: readonly string[], signal: AbortSignal): Promise<string> {
  const env = Object.fromEntries(passed.map((name) => [name, process.env[name]]))
  return new Promise((resolve, reject) => {
    execFile(
      program,
      [...args],
      { signal, env, maxBuffer: maxOutput, killSignal: 'SIGKILL', windowsHide: true },
      (error, stdout, stderr) => {
        if (!error) return resolve(stdout)
        const text = stderr.trim().slice(0, maxShown)
        return reject(text === '' ? error : new Error(`${program}: ${text}`))
      },
    )
  })
}
