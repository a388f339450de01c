import { readOptions } from '@ioc/contract/options.ts'
import { runCentre } from '../centre.ts'
import { chosenProcesses } from '../processes.ts'
import { startOptions } from '../settings.ts'
import { readArguments } from './arguments.ts'
import type { Command } from './command.ts'

const usage = 'start'

export const start: Command = {
  usage,
  title: 'run the centre and an agent that reports this machine',
  run(args) {
    readArguments(args, {}, usage)
    const options = readOptions(startOptions, process.env)
    const print = (line: string) => process.stdout.write(`${line}\n`)
    return runCentre({ options, environment: process.env, processes: chosenProcesses(options), print })
  },
}
