import { isIocError } from '@ioc/contract/errors.ts'
import { endWithReader } from '@ioc/runtime/exit.ts'
import { restrictNewFiles } from '@ioc/runtime/file-modes.ts'
import { closest } from './closest.ts'
import { type CommandName, commands, commandUsage, usage } from './commands/table.ts'
import { version } from './version.ts'

endWithReader()
restrictNewFiles()

const [name = 'help', ...args] = process.argv.slice(2)
const find = (wanted: string) => (Object.hasOwn(commands, wanted) ? commands[wanted as CommandName]() : undefined)
const command = await find(name)
/** Everything after `--` is a value, also where it looks like a question for help. */
const flags = args.includes('--') ? args.slice(0, args.indexOf('--')) : args
const asksForHelp = flags.includes('--help') || flags.includes('-h')

/** Exit codes: it failed, and it was called wrongly. */
const failed = 1
const calledWrongly = 2

if (command && asksForHelp) process.stdout.write(commandUsage(command))
else if (command) {
  try {
    process.exitCode = await command.run(args)
  } catch (error) {
    process.stderr.write(
      `ioc ${name}: ${isIocError(error) ? `${error.message} [${error.code}]` : (error as Error).stack}\n`,
    )
    process.exitCode = isIocError(error, 'USAGE_INVALID') ? calledWrongly : failed
  }
} else if (name === '--version' || name === '-v') process.stdout.write(`ioc ${version}\n`)
else if (name === 'help' || name === '--help' || name === '-h') {
  const topic = args[0]
  const about = topic === undefined ? undefined : await find(topic)
  process.stdout.write(about ? commandUsage(about) : await usage())
} else {
  const meant = closest(name, Object.keys(commands))
  const advice = meant === undefined ? '' : `, did you mean ${meant}?`
  process.stderr.write(`ioc: no command ${name}${advice} [USAGE_INVALID]\n${await usage()}`)
  process.exitCode = calledWrongly
}
