import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'
import si from 'systeminformation'

const run = promisify(execFile)
const commandMs = 10_000

export interface ServiceState {
  readonly running: boolean
  /** Of the processes with that name; absent where they are not known. */
  readonly processes?: number
  readonly cpu_percent?: number
  readonly memory_percent?: number
}

/**
 * The state of each service by name: of systemd's units where it runs, else of what the system calls a service, as on Windows,
 * or of processes with that name.
 */
export async function readServices(names: readonly string[]): Promise<ReadonlyMap<string, ServiceState>> {
  if (process.platform !== 'linux' || !existsSync('/run/systemd/system')) return readProcesses(names)
  const units = names.map((name) => (name.includes('.') ? name : `${name}.service`))
  const { stdout } = await run('systemctl', ['show', '--property=Id,ActiveState', '--', ...units], {
    timeout: commandMs,
  })
  const states = parseUnits(stdout)
  return new Map(names.map((name, index) => [name, { running: states[index] ?? false }]))
}

/** Whether each unit of `systemctl show` is active, in the order in which they were asked for. */
export function parseUnits(text: string): boolean[] {
  return text
    .trim()
    .split(/\n\n+/)
    .map((unit) => /^ActiveState=(active|reloading|refreshing)$/m.test(unit))
}

/** @returns of each name, the processes with it together */
export async function readProcesses(names: readonly string[]): Promise<ReadonlyMap<string, ServiceState>> {
  const found = await si.services(names.join(','))
  return new Map(
    names.flatMap((name) => {
      const one = found.find((each) => each.name.toLowerCase() === name.toLowerCase())
      if (!one) return []
      const state = { running: one.running, processes: one.pids?.length ?? 0 }
      return [[name, { ...state, cpu_percent: one.cpu, memory_percent: one.mem }]]
    }),
  )
}
