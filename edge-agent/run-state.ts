import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeFileSafely } from './write-file.ts'

/** What a running agent writes down for `ioc-agent status`. */
export interface RunState {
  readonly pid: number
  readonly connected: boolean
  readonly queued: number
  readonly sent: number
  /** ms since 1970. */
  readonly at: number
}

/** Time between two looks at the agent, and the longest time between two writes, in ms. */
const lookMs = 1_000
const maxAgeMs = 60_000

/** Writes the state of the agent when its connection changes, and once a minute. Returns how to end that. */
export function keepRunState(folder: string, look: () => Omit<RunState, 'pid' | 'at'>): () => void {
  let last: RunState | undefined
  const timer = setInterval(() => {
    const now = { ...look(), pid: process.pid, at: Date.now() }
    if (last?.connected === now.connected && now.at - last.at < maxAgeMs && now.at >= last.at) return
    last = now
    try {
      writeFileSafely(stateFile(folder), `${JSON.stringify(now)}\n`)
    } catch {
      // A full or read-only disk: the agent goes on without.
    }
  }, lookMs)
  timer.unref()
  return () => clearInterval(timer)
}

const stateFile = (folder: string): string => join(folder, 'state.json')

/** The last state that an agent wrote down. */
export function readRunState(folder: string): RunState | undefined {
  try {
    return JSON.parse(readFileSync(stateFile(folder), 'utf8')) as RunState
  } catch {
    return undefined
  }
}
