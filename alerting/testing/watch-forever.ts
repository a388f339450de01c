import { writeSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import { isActive, thingId } from '@ioc/contract/messages/incidents.ts'
import { createLogger } from '@ioc/runtime/logger.ts'
import { createGraph } from '../graph.ts'
import { createIncidentWatch } from '../incident-watch.ts'
import { openJournal } from '../journal.ts'
import { noNames, siteOf } from './watch.ts'

/**
 * Loses and recovers devices until it is killed, with a clock that runs fast. Prints `opened N` when the journal has
 * incident N, and `sent KEY` for each notice. With the argument `drain` it only hands over what is left, and ends.
 */
const [folder = '', mode] = process.argv.slice(2)
const devices = 40
const graph = createGraph(siteOf('a', devices))
const journal = openJournal(folder, 20_000)
let now = journal.state.now + 1
const print = (line: string) => writeSync(1, `${line}\n`)
let last = journal.state.lastId
const watch = createIncidentWatch({
  journal,
  context: () => ({ graph, rules: [], names: noNames }),
  notifier: {
    async hand({ notice }) {
      await turn()
      print(`sent ${notice.key}`)
    },
    stop: async () => undefined,
  },
  onIncident: () => undefined,
  onMaintenance: () => undefined,
  now: () => now,
  logger: createLogger('watch-forever', { logLevel: 'silent' }),
})
watch.handNotices()
for (let round = 0; mode !== 'drain'; round++) {
  now += 50_000
  const thing = thingId('device', `a/d${1 + ((round * 7 + now) % (devices / 2))}`)
  const isLost = watch.state.problems.has(`${thing}#loss`)
  watch.handle([
    { kind: 'observed', observation: { thing, aspect: 'loss', state: isLost ? null : 'silent', since: now } },
  ])
  now += 50_000
  watch.handle([{ kind: 'tick' }])
  while (last < watch.state.lastId) print(`opened ${++last}`)
  await turn()
}
while (watch.state.notices.size > 0) await turn()
print(`active ${[...watch.state.incidents.values()].filter(isActive).length}`)
