import { IocError } from '@ioc/contract/errors.ts'
import { maxEditorMinutes } from '@ioc/contract/messages/node-command.ts'
import { readOptions } from '@ioc/contract/options.ts'
import { agentFolder, agentOptions } from './options.ts'
import { version } from './version.ts'

interface AgentCommand {
  readonly usage: string
  readonly title: string
  /** Resolves to the exit code; `undefined` where the process goes on. */
  run(args: readonly string[]): Promise<number | undefined>
}

/** What `ioc-agent` can do. Each loads what it needs: `run` stays small. */
export const agentCommands = {
  enrol: {
    usage: 'enrol URL [TOKEN]',
    title: 'makes this machine a node of the centre at URL; without TOKEN, an administrator accepts the code shown',
    async run([centre, token, ...rest]) {
      if (centre === undefined || rest.length > 0)
        throw new IocError('USAGE_INVALID', 'usage: ioc-agent enrol URL [TOKEN]')
      const { enrolMachine } = await import('./enrol.ts')
      const { dataDir } = readOptions(agentOptions, process.env)
      const print = (line: string) => void process.stdout.write(`${line}\n`)
      await enrolMachine({ dataDir, version, centre, token, print })
      return 0
    },
  },
  run: {
    usage: 'run',
    title: 'measures and publishes until it is stopped',
    async run() {
      const { runAgent } = await import('./run.ts')
      await runAgent()
      return undefined
    },
  },
  try: {
    usage: 'try COLLECTOR',
    title: 'runs a collector of agent.yaml once, and shows what it would send',
    async run([id, ...rest]) {
      if (id === undefined || rest.length > 0) throw new IocError('USAGE_INVALID', 'usage: ioc-agent try COLLECTOR')
      const { createLogger } = await import('@ioc/runtime/logger.ts')
      const { tryCollector, trialText } = await import('./try.ts')
      const { parseUsername } = await import('@ioc/contract/topics.ts')
      const { readEnrolled } = await import('./enrol.ts')
      const options = readOptions(agentOptions, process.env)
      const enrolled = readEnrolled(options.dataDir)
      const settings = {
        folder: agentFolder(options),
        // A collector may be tried before the machine is enrolled.
        address: enrolled ? parseUsername(enrolled.username) : { site: 'site', node: 'node' },
        allowExec: options.allowExec,
        logger: createLogger('try', options),
      }
      process.stdout.write(`${trialText(await tryCollector(id, settings))}\n`)
      return 0
    },
  },
  editor: {
    usage: 'editor [MINUTES]',
    title: 'opens the editor of Node-RED for 15 minutes, or as many as given; 0 closes it',
    async run([minutes = '15', ...rest]) {
      if (!/^\d{1,3}$/.test(minutes) || Number(minutes) > maxEditorMinutes || rest.length > 0) {
        throw new IocError('USAGE_INVALID', `usage: ioc-agent editor [0…${maxEditorMinutes}]`)
      }
      const { requestEditor } = await import('./node-red/request-editor.ts')
      const print = (line: string) => void process.stdout.write(`${line}\n`)
      await requestEditor(readOptions(agentOptions, process.env), Number(minutes), print)
      return 0
    },
  },
  status: {
    usage: 'status [--json]',
    title: 'shows the enrolment, and whether the agent runs and is connected',
    async run(args) {
      const { printStatus } = await import('./status.ts')
      return printStatus(readOptions(agentOptions, process.env), args.includes('--json'))
    },
  },
} as const satisfies Record<string, AgentCommand>

export function commandUsage(): string {
  const rows = Object.values(agentCommands).map(({ usage, title }) => `  ioc-agent ${usage.padEnd(18)} ${title}`)
  return `usage:\n${rows.join('\n')}\n\n  ioc-agent --help, --version\n`
}
