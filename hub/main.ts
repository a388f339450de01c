import { isIocError } from '@ioc/contract/errors.ts'
import { restrictNewFiles } from '@ioc/runtime/file-modes.ts'
import { commands, usage } from './commands/table.ts'

// A reader that has seen enough, as `head`, is no error.
process.stdout.on('error', () => process.exit(0))

restrictNewFiles()

const [name = 'help', ...args] = process.argv.slice(2)
const command = Object.hasOwn(commands, name) ? commands[name as keyof typeof commands] : undefined

try {
  if (command) process.exitCode = await command.run(args)
  else {
    process.stderr.write(name === 'help' || name === '--help' ? usage() : `ioc: no command ${name}\n${usage()}`)
    process.exitCode = name === 'help' || name === '--help' ? 0 : 1
  }
} catch (error) {
  process.stderr.write(
    `ioc ${name}: ${isIocError(error) ? `${error.message} [${error.code}]` : (error as Error).stack}\n`,
  )
  process.exitCode = 1
}
