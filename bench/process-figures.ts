import { readFileSync } from 'node:fs'
import { type Centre, until } from '@ioc/tests/harness/centre.ts'

/** Clock ticks a second, of `/proc/<pid>/stat`: 100 on every Linux that Node runs on. */
const ticksPerSecond = 100

/** CPU seconds that a process has used so far: user and system (proc(5)). */
export function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}

/** Resident memory of a process in MB (10^6 bytes). */
export const residentMb = (pid: number): number => memoryMb(pid, 'VmRSS')

/** Of the resident memory of a process what is mapped from files, which the system takes back when it is short of memory. */
export const mappedMb = (pid: number): number => memoryMb(pid, 'RssFile')

/** Most resident memory that a process has had, in MB (10^6 bytes). */
export const peakMb = (pid: number): number => memoryMb(pid, 'VmHWM')

/** Memory of a process in MB (10^6 bytes) in which a page that several have counts in part for each. */
export const proportionalMb = (pid: number): number => memoryMb(pid, 'Pss', 'smaps_rollup')

function memoryMb(pid: number, name: string, file = 'status'): number {
  const kib = new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/${file}`, 'utf8'))?.[1]
  return (Number(kib) * 1024) / 1e6
}

/** The processes of the centre, once at least so many of them report: their ids and the CPU seconds used so far. */
export async function cpuByProcess(centre: Centre, atLeast = 4): Promise<Map<string, { pid: number; cpu: number }>> {
  const { processes } = await until(
    'all report',
    () => centre.health(),
    (health) => health.processes.length >= atLeast,
  )
  return new Map(processes.map(({ process: name, pid }) => [name, { pid, cpu: cpuSeconds(pid) }]))
}

/** CPU seconds that each process of the centre uses while something is done, and in all. */
export async function cpuDuring(centre: Centre, work: () => Promise<unknown>) {
  const before = await cpuByProcess(centre)
  const started = performance.now()
  await work()
  const seconds = (performance.now() - started) / 1000
  const byProcess = Object.fromEntries(
    [...before].map(([name, { pid, cpu }]) => [name, Math.round((cpuSeconds(pid) - cpu) * 1000) / 1000]),
  )
  return { seconds, byProcess, total: Object.values(byProcess).reduce((sum, cpu) => sum + cpu, 0) }
}
