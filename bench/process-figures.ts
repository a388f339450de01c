import { readFileSync } from 'node:fs'

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

function memoryMb(pid: number, name: string): number {
  const kib = new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return (Number(kib) * 1024) / 1e6
}
