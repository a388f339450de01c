import { ack } from './ack.ts'
import { audit } from './audit.ts'
import { backup, restore } from './backup.ts'
import { camera } from './camera.ts'
import { deadLetters } from './dead-letters.ts'
import { demo } from './demo.ts'
import { device } from './device.ts'
import { doctor } from './doctor.ts'
import { enrol } from './enrol.ts'
import { explain } from './explain.ts'
import { exportCommand } from './export.ts'
import { incidents } from './incidents.ts'
import { indicators } from './indicators.ts'
import { maintenance } from './maintenance.ts'
import { node } from './node.ts'
import { notify } from './notify.ts'
import { options } from './options.ts'
import { query } from './query.ts'
import { replay } from './replay.ts'
import { rota } from './rota.ts'
import { start } from './start.ts'
import { user } from './user.ts'

export interface Command {
  readonly usage: string
  readonly title: string
  /** What `--help` prints below the title. */
  readonly help?: string
  /** Resolves to the exit code. */
  run(args: readonly string[]): Promise<number>
}

/** What `ioc` can do. A new command is a file beside this one, and a line here. */
export const commands = {
  start,
  demo,
  doctor,
  user,
  audit,
  enrol,
  node,
  device,
  camera,
  'dead-letters': deadLetters,
  query,
  export: exportCommand,
  backup,
  restore,
  options,
  indicators,
  explain,
  incidents,
  ack,
  maintenance,
  rota,
  notify,
  replay,
} as const satisfies Record<string, Command>

/** Columns of a usage, at most, before its title. */
const usageWidth = 34

export function usage(): string {
  const rows = Object.values(commands).map((command) =>
    // What is long has its title below.
    command.usage.length > usageWidth
      ? `  ioc ${command.usage}\n${' '.repeat(usageWidth + 7)}${command.title}`
      : `  ioc ${command.usage.padEnd(usageWidth)} ${command.title}`,
  )
  return `usage:\n${rows.join('\n')}\n\n  ioc COMMAND --help, ioc --version\n`
}

export function commandUsage({ usage, title, help }: Command): string {
  return `usage: ioc ${usage}\n\n  ${title}\n${help === undefined ? '' : `\n${help}`}`
}
