import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { testFolder } from '@ioc/uplink/testing/folder.ts'
import { expect, test } from 'vitest'
import type { AgentStatus } from '../status-file.ts'
import { gateReason } from './gate.ts'
import { confirmed, type Pointer, readPointer, reverted, switched, writePointer } from './pointer.ts'

const before: Pointer = { current: '0.1.5', previous: null, reverted: {} }
const baseline = { collectorsOk: 3 }

test('a version that misses its gate leaves what was in force before', () => {
  const trial = switched(before, '0.2.0', baseline)
  expect(trial).toMatchObject({ current: '0.2.0', previous: '0.1.5', trial: { starts: 0, baseline } })
  const back = reverted(trial, 'no PUBACK')
  expect(back).toEqual({
    current: '0.1.5',
    previous: null,
    reverted: { '0.2.0': { times: 1, reason: 'no PUBACK' } },
    lastReverted: '0.2.0',
  })
  const again = reverted(switched(back, '0.2.0', baseline), 'no CONNACK')
  expect(again.reverted).toEqual({ '0.2.0': { times: 2, reason: 'no CONNACK' } })
})

test('a confirmed version is no longer on trial, and an earlier revert is no longer the last word', () => {
  const back = reverted(switched(before, '0.2.0', baseline), 'no PUBACK')
  expect(confirmed(switched(back, '0.2.1', baseline))).toEqual({
    current: '0.2.1',
    previous: '0.1.5',
    reverted: { '0.2.0': { times: 1, reason: 'no PUBACK' } },
  })
})

test('a pointer is read as it was written; a damaged one names the installed version', () => {
  const versions = join(testFolder(), 'versions')
  const installed = { current: null, previous: null, reverted: {} }
  expect(readPointer(versions)).toEqual(installed)
  mkdirSync(versions)
  writePointer(versions, before)
  expect(readPointer(versions)).toEqual(before)
  for (const text of ['', '{', 'null', '[]', '{"current":"../x","previous":null}', '{"current":1,"previous":null}']) {
    writeFileSync(join(versions, 'current.json'), text)
    expect(readPointer(versions)).toEqual(installed)
  }
})

const collector = (state: 'ok' | 'failing') => ({ id: 'c', type: 't', state, since: 0, records: 1 }) as const
const healthy: AgentStatus = {
  ...{ written: 0, pid: 1, connected: true, queued: 0, sent: 1, rss: 60e6 },
  collectors: [collector('ok'), collector('ok'), collector('ok')],
}

test.each([
  ['a healthy agent', healthy, undefined],
  ['one that lost its connection after it had published', { ...healthy, connected: false }, undefined],
  ['one collector less', { ...healthy, collectors: healthy.collectors.slice(1) }, undefined],
  ['no status', undefined, 'no sign of life'],
  ['no connection', { ...healthy, connected: false, sent: 0 }, 'no CONNACK'],
  ['nothing acknowledged', { ...healthy, sent: 0 }, 'no PUBACK'],
  ['too much memory', { ...healthy, rss: 300e6 }, 'memory 300 MB, limit 200 MB'],
  ['two collectors less', { ...healthy, collectors: [collector('ok'), collector('failing')] }, '1 of 3 collectors ok'],
])('the gate with %s', (_what, status, reason) => {
  expect(gateReason(status, baseline, 200)).toBe(reason)
})
