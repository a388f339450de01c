import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { startCentre, until } from '../harness/centre.ts'
import { startPublisher } from '../harness/publisher.ts'
import { verify } from './verify.ts'

/**
 * `npm run test:chaos`: under load, each process is killed with `kill -9` at random moments. Then nothing acknowledged is missing,
 * nothing is invented, no duplicate is counted, and every indicator equals its recomputation from the log.
 */
const victims = ['broker', 'stream-processor', 'storage', 'wall', 'edge-agent'] as const
const durationMs = Number(process.env['IOC_CHAOS_SECONDS'] ?? 120) * 1000
const killsEach = Math.max(5, Math.round(durationMs / 24_000))
const publishers = 6

const say = (text: string) => process.stdout.write(`${new Date().toISOString().slice(11, 23)} ${text}\n`)

const centre = await startCentre({ IOC_AGENT_CADENCE_MS: '500', IOC_LOG_LEVEL: 'error' })
const nodes = await Promise.all(
  Array.from({ length: publishers }, async (_, index) => {
    const credential = await centre.addNode(`chaos-${index}`, 'node')
    return startPublisher(centre.mqttPort, `chaos-${index}`, 'node', credential)
  }),
)
say(`${publishers} publishers; ${killsEach} kills of each of ${victims.join(', ')}`)

const kills = new Map<string, number>()
const killed = new Set<number>()
const moments = victims
  .flatMap((name) => Array.from({ length: killsEach }, () => ({ name, at: Math.random() * durationMs })))
  .sort((a, b) => a.at - b.at)
const started = performance.now()
for (const { name, at } of moments) {
  await sleep(Math.max(0, at - (performance.now() - started)))
  const pid = await until(
    `${name} runs`,
    () => pidOf(name),
    (found) => found > 0,
  )
  process.kill(pid, 'SIGKILL')
  killed.add(pid)
  kills.set(name, (kills.get(name) ?? 0) + 1)
  say(`killed ${name} (${pid})`)
}
await sleep(Math.max(0, durationMs - (performance.now() - started)))

await Promise.all(nodes.map((node) => node.stop()))
say(`healed: ${nodes.reduce((sum, node) => sum + node.sent, 0)} messages sent and acknowledged`)
await until('the agent has delivered its outbox', agentQueue, (queued) => queued === 0, 120_000)
const { problems, points } = await verify(centre, nodes, { say, everything: true })
for (const name of victims)
  if ((kills.get(name) ?? 0) < 5) problems.push(`${name} was killed only ${kills.get(name)} times`)

for (const problem of problems.slice(0, 50)) say(`PROBLEM ${problem}`)
say(`${points} points, kills: ${[...kills].map(([name, count]) => `${name} ${count}`).join(', ')}`)
process.stdout.write(
  problems.length === 0
    ? 'chaos: 1 passed, 0 failed\n'
    : `chaos: 0 passed, 1 failed (${problems.length} problems; data in ${centre.dataDir})\n`,
)
if (problems.length === 0) rmSync(centre.dataDir, { recursive: true, force: true })
process.exit(problems.length === 0 ? 0 : 1)

/** The pid of a living process; 0 while it is down. The wall says it, and may itself be down. */
async function pidOf(name: string): Promise<number> {
  const { processes } = await centre.health()
  const found = processes.find((one) => one.process === name)
  // The wall may not have heard yet that a process is gone.
  if (!found?.up || killed.has(found.pid)) return 0
  try {
    process.kill(found.pid, 0)
    return found.pid
  } catch {
    return 0
  }
}

async function agentQueue(): Promise<number> {
  const { processes, log } = await centre.health()
  const agent = processes.find((one) => one.process === 'edge-agent')
  return log.depth === 0 && agent?.up ? (agent.gauges['queued'] ?? -1) : -1
}
