import { rmSync } from 'node:fs'
import type { ApiIndicators } from '@ioc/contract/messages/api.ts'
import { type IndicatorDescriptor, windowStepSeconds } from '@ioc/contract/messages/live.ts'
import { type Centre, startCentre, tryIoc, until } from '../harness/centre.ts'

/**
 * `npm run test:demo`: runs the demonstration until its month is filled in, and checks that every indicator has a value at
 * every scope that it declares, live and in the store, that there is no dead letter, and that every ledger balances. Figures of
 * incidents have values once there were incidents.
 */
const patienceMs = 1_800_000
/** Windows with longer steps may not have ended within the month. */
const maxStep_s = 7 * 86_400

const started = performance.now()
const say = (text: string) => process.stdout.write(`${((performance.now() - started) / 1000).toFixed(0)} s  ${text}\n`)

const centre = await startCentre({ IOC_LOG_LEVEL: 'warn' }, ['run', 'demo'])
say('started')
await until(
  'the past is filled in',
  () => centre.health(),
  ({ simulated, log, processes }) =>
    simulated?.phase === 'live' &&
    log.depth === 0 &&
    processes.find(({ process: name }) => name === 'stream-processor')?.gauges['amendments'] === 0,
  patienceMs,
)
say('the past is filled in')
const { indicators } = (await (await fetch(`${centre.httpUrl}/api/indicators`)).json()) as ApiIndicators
const problems = [
  ...indicators.flatMap(({ id, scopes, latest, source }) =>
    scopes
      .filter(() => source !== 'incidents')
      .filter((scope) => Object.keys(latest[scope] ?? {}).length === 0)
      .map((scope) => `${id}: no value at ${scope}`),
  ),
  ...(await missingInStore(centre, indicators)),
  ...(await ledgerProblems(centre)),
  ...(await tryIoc(['dead-letters', '--json'], centre.environment)).printed.split('\n').filter((line) => line !== ''),
]
await centre.stop()
for (const problem of problems.slice(0, 50)) say(`PROBLEM ${problem}`)
say(`${indicators.length} indicators`)
process.stdout.write(
  problems.length === 0 ? 'demo: 1 passed, 0 failed\n' : `demo: 0 passed, 1 failed (data in ${centre.dataDir})\n`,
)
if (problems.length === 0) rmSync(centre.dataDir, { recursive: true, force: true })
process.exit(problems.length === 0 ? 0 : 1)

async function missingInStore({ query }: Centre, all: ApiIndicators['indicators']): Promise<string[]> {
  const rows = await query('SELECT count(value) FROM indicator GROUP BY id, scope')
  const stored = new Set(rows.map(({ id, scope }) => `${id} ${scope}`))
  return (
    all
      .filter(({ window }) => windowStepSeconds(window as IndicatorDescriptor['window']) <= maxStep_s)
      // Completeness and incidents follow from what happens, not from a past that is filled in.
      .filter(({ source }) => source !== 'registry' && source !== 'incidents')
      .flatMap(({ id, scopes }) =>
        scopes.filter((scope) => !stored.has(`${id} ${scope}`)).map((scope) => `${id} ${scope}`),
      )
      .map((missing) => `${missing}: nothing in the store`)
  )
}

async function ledgerProblems({ ledger }: Centre): Promise<string[]> {
  return (await ledger()).flatMap((node) => {
    const { site, sent, stored, queued, lost, rejected, refused, too_late, over_quota, problem } = node
    const isBalanced = sent === stored + queued
    const isClean = lost + rejected + refused + too_late + over_quota === 0 && problem === null
    return isBalanced && isClean ? [] : [`ledger of ${site}: ${JSON.stringify(node)}`]
  })
}
