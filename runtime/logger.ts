import { type Logger, pino } from 'pino'
import { escapeControls } from './control-characters.ts'

/** One JSON line an event, on standard output; the hub prints them for people. `filter` changes each line before. */
export function createLogger(
  name: string,
  options: { readonly logLevel?: string },
  filter: (line: string) => string = (line) => line,
): Logger {
  const output = pino.destination({ sync: true })
  const escaped = { write: (line: string) => output.write(`${filter(escapeControls(line.trimEnd()))}\n`) }
  return pino({ name, level: options.logLevel ?? 'info', base: { name } }, escaped)
}

export type { Logger }
