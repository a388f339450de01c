import { IocError, isIocError } from '@ioc/contract/errors.ts'
import { agentCommands, commandUsage } from './commands.ts'
import { version } from './version.ts'

/** The `ioc-agent` command of an installed agent. Exit codes: it failed, and it was called wrongly. */
const failed = 1
const calledWrongly = 2

const [name = '--help', ...args] = process.argv.slice(2)

try {
  process.exitCode = await run()
} catch (error) {
  const text = isIocError(error) ? `${error.message} [${error.code}]` : (error as Error).stack
  process.stderr.write(`ioc-agent ${name}: ${text}\n`)
  process.exitCode = isIocError(error, 'USAGE_INVALID') ? calledWrongly : failed
}

async function run(): Promise<number | undefined> {
  if (name === '--version' || name === '-v') return print(`ioc-agent ${version}\n`)
  if (name === '--help' || name === '-h' || name === 'help' || args.includes('--help')) return print(commandUsage())
  const command = Object.hasOwn(agentCommands, name) ? agentCommands[name as keyof typeof agentCommands] : undefined
  if (!command) throw new IocError('USAGE_INVALID', `no such command\n${commandUsage()}`)
  return await command.run(args)
}

function print(text: string): number {
  process.stdout.write(text)
  return 0
}
