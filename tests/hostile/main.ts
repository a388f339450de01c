import { rmSync } from 'node:fs'
import { runHostile } from './run.ts'

/**
 * `npm run test:hostile`: attacks a centre under load for `IOC_HOSTILE_SECONDS` (one hour unless set), in the order of
 * `IOC_HOSTILE_SEED`. Beside what the test of the same name asserts, no PUBACK of an honest node may take too long.
 */
const seconds = Number(process.env['IOC_HOSTILE_SECONDS'] ?? 3600)
const seed = Number(process.env['IOC_HOSTILE_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const maxAckMs = 2_000

const say = (text: string) => process.stdout.write(`${new Date().toISOString().slice(11, 23)} ${text}\n`)

say(`seed ${seed}, ${seconds} s`)
const { problems, attacks, points, slowestAckMs, dataDir } = await runHostile(seconds, seed, say)
if (slowestAckMs > maxAckMs) problems.push(`a PUBACK took ${Math.round(slowestAckMs)} ms`)
for (const problem of problems.slice(0, 50)) say(`PROBLEM ${problem}`)
say(`${attacks} attacks, ${points} points, slowest PUBACK ${Math.round(slowestAckMs)} ms`)
process.stdout.write(
  problems.length === 0
    ? 'hostile: 1 passed, 0 failed\n'
    : `hostile: 0 passed, 1 failed (${problems.length} problems, seed ${seed}; data in ${dataDir})\n`,
)
if (problems.length === 0) rmSync(dataDir, { recursive: true, force: true })
process.exit(problems.length === 0 ? 0 : 1)
