import { deadLetters } from './dead-letters.ts'
import { doctor } from './doctor.ts'
import { explain } from './explain.ts'
import { indicators } from './indicators.ts'
import { node } from './node.ts'
import { options } from './options.ts'
import { start } from './start.ts'

export interface Command {
  readonly usage: string
  readonly title: string
  /** Resolves to the exit code. */
  run(args: readonly string[]): Promise<number>
}

/** What `ioc` can do. A new command is a file beside this one, and a line here. */
export const commands = {
  start,
  doctor,
  node,
  'dead-letters': deadLetters,
  options,
  indicators,
  explain,
} as const satisfies Record<string, Command>

export function usage(): string {
  const rows = Object.values(commands).map((command) => `  ioc ${command.usage.padEnd(34)} ${command.title}`)
  return `usage:\n${rows.join('\n')}\n`
}
