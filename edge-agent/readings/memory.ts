import { readFile } from 'node:fs/promises'
import { portable } from './portable.ts'

/** Memory of a machine, in bytes. What caches hold is available: it is given back to whoever needs it. */
export interface MemoryUse {
  readonly total: number
  readonly available: number
  readonly swapTotal: number
  readonly swapUsed: number
}

/** Parses `/proc/meminfo`; `undefined` where it has no total. */
export function parseMeminfo(text: string): MemoryUse | undefined {
  const entries = [...text.matchAll(/^(\w+):\s+(\d+) kB$/gm)].map(
    ([, name, kib]) => [name, Number(kib) * 1024] as const,
  )
  const { MemTotal, MemAvailable, MemFree, Buffers, Cached, SwapTotal, SwapFree } = Object.fromEntries(entries)
  if (MemTotal === undefined) return undefined
  return {
    total: MemTotal,
    // Kernels before 3.14 do not tell what is available.
    available: MemAvailable ?? (MemFree ?? 0) + (Buffers ?? 0) + (Cached ?? 0),
    swapTotal: SwapTotal ?? 0,
    swapUsed: (SwapTotal ?? 0) - (SwapFree ?? 0),
  }
}

/** Reads the memory of this machine. */
export async function readMemory(platform = process.platform): Promise<MemoryUse | undefined> {
  if (platform === 'linux') return parseMeminfo(await readFile('/proc/meminfo', 'latin1'))
  const { total, available, swaptotal: swapTotal, swapused: swapUsed } = await (await portable()).mem()
  return total > 0 ? { total, available, swapTotal, swapUsed } : undefined
}
