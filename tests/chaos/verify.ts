import { setTimeout as sleep } from 'node:timers/promises'
import { type Centre, startCentre, until } from '../harness/centre.ts'
import type { HonestPublisher } from '../harness/publisher.ts'
import { compare, readLog } from './oracle.ts'

export interface VerifyOptions {
  readonly say: (text: string) => void
  /** Whether nobody but the nodes and this machine's agent published, so that every point can be accounted for. */
  readonly everything: boolean
}

/**
 * Restarts the centre without its agent and compares what it has with its log: nothing that a node had acknowledged is
 * missing, nothing is invented, ledgers add up, indicators equal their recomputation. Returns every difference.
 */
export async function verify(
  centre: Centre,
  nodes: readonly HonestPublisher[],
  { say, everything }: VerifyOptions,
): Promise<{ problems: string[]; points: number }> {
  await centre.stop()
  const honest = new Set(nodes.map(({ site, node }) => `${site}/${node}`))
  // The log is read while nothing writes to it; the store, by a centre that has no agent any more.
  const expected = await readLog(centre.dataDir, (site, node) => everything || honest.has(`${site}/${node}`))
  const calm = await startCentre({
    ...centre.environment,
    IOC_PROCESSES: 'storage,broker,stream-processor,wall',
    IOC_LOG_LEVEL: 'error',
  })
  await until(
    'all of the log is processed',
    () => calm.health(),
    ({ log, processes }) => log.depth === 0 && processes.some((one) => one.gauges['lines_in_flight'] === 0),
    120_000,
  )
  await sleep(2000)
  const problems = await compare(calm, expected, everything ? undefined : new Set(nodes.map(({ site }) => site)))
  for (const { site, node, epoch, acknowledged } of nodes) {
    const logged = expected.numbers.get(`${site}/${node}`)?.get(epoch) ?? new Set()
    const missing = [...acknowledged].filter((seq) => !logged.has(seq))
    if (missing.length > 0)
      problems.push(`${site}: acknowledged, but not in the log: ${missing.slice(0, 10).join(', ')}`)
  }
  for (const ledger of await calm.ledger()) {
    const { site, node, sent, stored, rejected, queued, lost, duplicates } = ledger
    say(
      `ledger ${site}/${node}: sent ${sent}, stored ${stored}, duplicates ${duplicates}, queued ${queued}, lost ${lost}`,
    )
    if (sent !== stored + rejected + queued + lost) problems.push(`${site}/${node}: the ledger does not add up`)
    if (!everything && !honest.has(`${site}/${node}`)) continue
    const epochs = [...(expected.numbers.get(`${site}/${node}`)?.values() ?? [])]
    const distinct = epochs.reduce((sum, seqs) => sum + seqs.size, 0)
    if (stored !== distinct || queued !== 0 || lost !== 0)
      problems.push(`${site}/${node}: ${distinct} distinct messages logged, the ledger says ${JSON.stringify(ledger)}`)
  }
  await calm.stop()
  return { problems, points: expected.events.length }
}
