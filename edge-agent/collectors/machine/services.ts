import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { portable } from '../../readings/portable.ts'

const run = promisify(execFile)
const commandMs = 10_000

export interface ServiceState {
  readonly running: boolean
  /** Of the processes with that name; absent where they are not known. */
  readonly processes?: number
  readonly cpu_percent?: number
  readonly memory_percent?: number
}

/** Where services of SysV have their scripts. */
const initFolder = '/etc/init.d'

/**
 * The state of each service by name: of systemd's units where it runs, else of scripts of SysV; of what the system calls a service,
 * as on Windows, or of processes with that name.
 */
export async function readServices(
  names: readonly string[],
  scripts: string = initFolder,
): Promise<ReadonlyMap<string, ServiceState>> {
  if (process.platform !== 'linux') return readProcesses(names)
  if (!existsSync('/run/systemd/system')) return readScripts(names, scripts)
  const units = names.map((name) => (name.includes('.') ? name : `${name}.service`))
  const { stdout } = await run('systemctl', ['show', '--property=Id,ActiveState', '--', ...units], {
    timeout: commandMs,
  })
  const states = parseUnits(stdout)
  return new Map(names.map((name, index) => [name, { running: states[index] ?? false }]))
}

/** Scripts of SysV know best whether their service runs; a service without one is a program with its name. */
async function readScripts(names: readonly string[], folder: string): Promise<ReadonlyMap<string, ServiceState>> {
  const states = new Map<string, ServiceState>()
  for (const name of names) {
    const script = join(folder, name)
    const running = existsSync(script) ? await isRunning(script) : undefined
    if (running !== undefined) states.set(name, { running })
  }
  const others = names.filter((name) => !states.has(name))
  return others.length === 0 ? states : new Map([...states, ...(await readProcesses(others))])
}

/** Exit codes of `status` (LSB 3.0, 20.2): 0 runs, 1 to 3 does not; others are not known. */
async function isRunning(script: string): Promise<boolean | undefined> {
  try {
    await run(script, ['status'], { timeout: commandMs })
    return true
  } catch (error) {
    const { code } = error as { code?: unknown }
    return code === 1 || code === 2 || code === 3 ? false : undefined
  }
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
  const found = await (await portable()).services(names.join(','))
  return new Map(
    names.flatMap((name) => {
      const one = found.find((each) => each.name.toLowerCase() === name.toLowerCase())
      if (!one) return []
      const state = { running: one.running, processes: one.pids?.length ?? 0 }
      return [[name, { ...state, cpu_percent: one.cpu, memory_percent: one.mem }]]
    }),
  )
}
