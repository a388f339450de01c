import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LiveMaintenance } from '@ioc/contract/messages/incidents.ts'
import { createLogger } from '@ioc/runtime/logger.ts'
import { expect, test } from 'vitest'
import { createGraph } from './graph.ts'
import { createIncidentWatch } from './incident-watch.ts'
import { openJournal } from './journal.ts'
import { hour, minute, monday, noNames } from './testing/watch.ts'

test('each occurrence of a recurring window is published when it begins and when it ends', () => {
  let now = monday
  const published: LiveMaintenance[] = []
  const journal = openJournal(mkdtempSync(join(tmpdir(), 'ioc-windows-')))
  const watch = createIncidentWatch({
    journal,
    notifier: { hand: async () => undefined, stop: async () => undefined },
    context: () => ({ graph: createGraph([]), rules: [], names: noNames }),
    onIncident: () => undefined,
    onMaintenance: (maintenance) => published.push(maintenance),
    now: () => now,
    logger: createLogger('alerting', { logLevel: 'silent' }),
  })
  const every = { days: [1, 2], at: '22:00', minutes: 240 }
  const window = {
    id: 'w',
    reason: 'sao lưu',
    by: 'lan',
    covers: { sites: ['a'] },
    from: monday,
    to: monday + 48 * hour,
    every,
  }
  watch.handle([{ kind: 'maintain', by: 'lan', window }])
  for (; now < monday + 49 * hour; now += minute) watch.handle([{ kind: 'tick' }])
  journal.stop()

  const untils = published.map(({ windows }) => windows.map(({ until }) => until && (until - monday) / hour))
  // The second occurrence ends with the window.
  expect(untils).toEqual([[null], [26], [null], [48], []])
})
