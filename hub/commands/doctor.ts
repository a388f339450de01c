import { type Finding, runChecks } from '../doctor/checks.ts'
import { print, readArguments } from './arguments.ts'
import type { Command } from './command.ts'

const usage = 'doctor [--json]'

const marks = { good: 'ok   ', warning: 'warn ', bad: 'BAD  ' } as const satisfies Record<Finding['status'], string>

export const doctor: Command = {
  usage,
  title: 'check settings, district files, ports, disk, clock and permissions; print advice',
  async run(args) {
    const { json } = readArguments(args, { json: { type: 'boolean', default: false } }, usage).values
    const findings = await runChecks(process.env)
    const lines = findings.map(
      ({ title, status, found, advice }) =>
        `${marks[status]} ${title}: ${found}\n${advice ? `      → ${advice}\n` : ''}`,
    )
    print(json, findings, lines.join(''))
    return findings.some(({ status }) => status === 'bad') ? 1 : 0
  },
}
