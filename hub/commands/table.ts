import type { Command } from './command.ts'

/**
 * What `ioc` can do. A new command is a file beside this one, and a line here. Only the one that is run is imported: all of
 * them take most of a second.
 */
export const commands = {
  start: async () => (await import('./start.ts')).start,
  demo: async () => (await import('./demo.ts')).demo,
  doctor: async () => (await import('./doctor.ts')).doctor,
  user: async () => (await import('./user.ts')).user,
  audit: async () => (await import('./audit.ts')).audit,
  enrol: async () => (await import('./enrol.ts')).enrol,
  agent: async () => (await import('./agent.ts')).agent,
  node: async () => (await import('./node.ts')).node,
  type: async () => (await import('./type.ts')).type,
  device: async () => (await import('./device.ts')).device,
  camera: async () => (await import('./camera.ts')).camera,
  'dead-letters': async () => (await import('./dead-letters.ts')).deadLetters,
  query: async () => (await import('./query.ts')).query,
  export: async () => (await import('./export.ts')).exportCommand,
  backup: async () => (await import('./backup.ts')).backup,
  restore: async () => (await import('./backup.ts')).restore,
  options: async () => (await import('./options.ts')).options,
  indicators: async () => (await import('./indicators.ts')).indicators,
  explain: async () => (await import('./explain.ts')).explain,
  incidents: async () => (await import('./incidents.ts')).incidents,
  ack: async () => (await import('./ack.ts')).ack,
  maintenance: async () => (await import('./maintenance.ts')).maintenance,
  rota: async () => (await import('./rota.ts')).rota,
  notify: async () => (await import('./notify.ts')).notify,
  replay: async () => (await import('./replay.ts')).replay,
} as const satisfies Record<string, () => Promise<Command>>

export type CommandName = keyof typeof commands

/** Columns of a usage, at most, before its title. */
const usageWidth = 34

export async function usage(): Promise<string> {
  const all = await Promise.all(Object.values(commands).map((load) => load()))
  const rows = all.map((command) =>
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
