import { type Logger, pino } from 'pino'

/** One JSON line an event, on standard output; the hub prints them for people. */
export function createLogger(name: string, options: { readonly logLevel?: string }): Logger {
  return pino({ name, level: options.logLevel ?? 'info', base: { name } }, pino.destination({ sync: true }))
}

export type { Logger }
