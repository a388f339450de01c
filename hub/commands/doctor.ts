import { checks } from '../doctor/checks.ts'
import type { Command } from './table.ts'

const marks = { good: 'ok   ', warning: 'warn ', bad: 'BAD  ' } as const

export const doctor: Command = {
  usage: 'doctor',
  title: 'check ports, disk, clock and permissions, and say what to do',
  async run() {
    let worst = 0
    for (const check of checks) {
      const { verdict, found, advice } = await check.run(process.env)
      process.stdout.write(`${marks[verdict]} ${check.title}: ${found}${advice ? `\n      → ${advice}` : ''}\n`)
      if (verdict === 'bad') worst = 1
    }
    return worst
  },
}
