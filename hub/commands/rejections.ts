import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { commonOptions } from '@ioc/contract/common-options.ts'
import type { LiveLedger, LiveProcess } from '@ioc/contract/messages/live.ts'
import { readOptions } from '@ioc/contract/options.ts'
import { ledgerTopic, type NodeAddress, processTopic } from '@ioc/contract/topics.ts'
import { type DeadLetter, openDeadLetters } from '@ioc/ingest-log/dead-letters.ts'
import { credentialFile } from '@ioc/runtime/credential-file.ts'
import { asCentre } from './centre-client.ts'

/** How long the centre may take to process what it has acknowledged, in ms. */
const maxProcessingMs = 60_000
/** Reasons that are listed. */
const maxReasons = 5

/** What the centre did not accept of a node. */
export interface Rejections {
  readonly records: number
  /** Each with its code, the most frequent first. */
  readonly reasons: readonly string[]
}

/**
 * What the centre rejected or dropped of what a node sent since a time. Waits until it has processed all of it.
 * @param since in ms since 1970, by the clock of this machine
 * @returns `undefined` where the data folder is not that of the centre, or where processing does not end
 * @throws IocError BROKER_UNREACHABLE
 */
export async function rejectionsOf(address: NodeAddress, since: number): Promise<Rejections | undefined> {
  const { dataDir } = readOptions(commonOptions, process.env)
  if (!existsSync(credentialFile(dataDir, 'centre'))) return undefined
  const processed = await waitUntilProcessed(address)
  if (!processed) return undefined
  const letters = openDeadLetters(join(dataDir, 'dead-letters'), Number.MAX_SAFE_INTEGER)
  try {
    const own = [...letters.entries()]
      .map(({ letter }) => letter)
      .filter(({ site, node, arrival }) => site === address.site && node === address.node && arrival >= since)
      // Of a birth the reason comes again with its records.
      .filter(({ channel }) => channel !== 'status')
    return summarise(own, processed.ledger, since)
  } finally {
    await letters.stop()
  }
}

/** Resolves with the ledger of the node once all that arrived until now is processed and stored. */
function waitUntilProcessed(address: NodeAddress): Promise<{ readonly ledger: LiveLedger | undefined } | undefined> {
  const ended = Date.now()
  return asCentre(async (client) => {
    let ledger: LiveLedger | undefined
    const done = new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), maxProcessingMs)
      let reports = 0
      client.on('message', (topic, payload) => {
        if (topic === ledgerTopic(address)) ledger = JSON.parse(payload.toString()) as LiveLedger
        if (topic !== processTopic('stream-processor')) return
        const { ts, gauges } = JSON.parse(payload.toString()) as LiveProcess
        const { lag_ms: lag = 0, backlog_lag_ms: backlogLag = 0, lines_in_flight: lines = 0 } = gauges
        if (ts - Math.max(lag, backlogLag) <= ended) return
        // Where other nodes keep the store busy, what was in flight with the first report has arrived with the next but one.
        reports++
        if (lines > 0 && reports < 3) return
        clearTimeout(timer)
        resolve(true)
      })
    })
    await client.subscribeAsync([ledgerTopic(address), processTopic('stream-processor')], { qos: 0 })
    return (await done) ? { ledger } : undefined
  })
}

function summarise(letters: readonly DeadLetter[], ledger: LiveLedger | undefined, since: number): Rejections {
  const counts = new Map<string, number>()
  for (const letter of letters) {
    const reason = `${letter.code}: ${letter.reason}`
    counts.set(reason, (counts.get(reason) ?? 0) + recordsIn(letter))
  }
  const records = [...counts.values()].reduce((sum, count) => sum + count, 0)
  const listed = [...counts].sort(([, one], [, other]) => other - one).slice(0, maxReasons)
  const reasons = listed.map(([reason, count]) => `${count} × ${reason}`)
  if (counts.size > listed.length) reasons.push(`and ${counts.size - listed.length} more reasons`)
  // What exceeds a quota is dropped without a letter.
  const problem = ledger?.problem
  const isDropped = problem && problem.ts >= since && problem.code === 'QUOTA_EXCEEDED'
  if (isDropped) reasons.push(`${problem.code}: ${problem.reason}`)
  return { records, reasons }
}

/** Of a payload that is too long, or no JSON, at least one. */
function recordsIn({ payload }: DeadLetter): number {
  try {
    const content: unknown = JSON.parse(Buffer.from(payload).toString())
    const records = Array.isArray(content) ? content : (content as { readonly records?: unknown }).records
    return Array.isArray(records) ? Math.max(1, records.length) : 1
  } catch {
    return 1
  }
}
