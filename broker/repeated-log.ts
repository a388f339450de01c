import type { Logger } from '@ioc/runtime/logger.ts'

/** Warnings that clients cause, and could cause without end. */
export interface RepeatedLog {
  /** Logs at once, then for the same message and `who` once an interval, with how many there were in it. */
  warn(message: string, who: string, fields: Readonly<Record<string, unknown>>): void
  stop(): void
}

/** Most pairs of client and message with a log line of their own; beyond it, one line counts all clients of a message. */
const maxKeys = 1_000

export function createRepeatedLog(logger: Logger, intervalMs = 60_000): RepeatedLog {
  const entries = new Map<string, { message: string; fields: Readonly<Record<string, unknown>>; count: number }>()

  const summarize = () => {
    for (const [key, entry] of entries) {
      if (entry.count === 0) entries.delete(key)
      else logger.warn({ ...entry.fields, times: entry.count }, entry.message)
      entry.count = 0
    }
  }
  const timer = setInterval(summarize, intervalMs).unref()

  return {
    warn(message, who, fields) {
      const own = `${message} ${who}`
      const key = entries.size < maxKeys || entries.has(own) ? own : message
      const entry = entries.get(key)
      if (entry) {
        entry.count++
        entry.fields = fields
        return
      }
      entries.set(key, { message, fields, count: 0 })
      logger.warn(fields, message)
    },
    stop() {
      clearInterval(timer)
      summarize()
    },
  }
}
