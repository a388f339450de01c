import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inflateRawSync } from 'node:zlib'
import { type Key, open } from 'lmdb'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Cases } from '../engine/cases/cases.ts'
import type { CaseChanges } from '../engine/cases/saved.ts'
import { allWindows, latenessMs, newOutput, t0 } from '../testing/case-history.ts'
import { testEngine } from '../testing/engine.ts'
import { casesIn } from '../testing/saved-cases.ts'
import state from '../testing/state-v8.json' with { type: 'json' }
import { openCheckpointStore, type Saved } from './checkpoint-store.ts'

let folder: string
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ioc-state-8-'))
  const root = open<unknown, Key>({ path: folder, noSubdir: false, encoding: 'msgpack', maxDbs: 2 })
  for (const { key, value } of state.entries) await root.put(key, restored(value))
  await root.close()
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Bytes are in the file as deflated text. */
function restored(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(restored)
  const { deflated } = (value ?? {}) as { deflated?: string }
  return deflated === undefined ? value : inflateRawSync(Buffer.from(deflated, 'base64'))
}

const casesOf = (saved: Saved | undefined) => casesIn(saved?.cases as CaseChanges)
const never = Number.POSITIVE_INFINITY
const expected = state.cases.map((one) => ({ ...one, due: one.due ?? never, closed: one.closed ?? never }))
const byId = (all: readonly { type: string; site: string; id: string }[]) =>
  all.toSorted((a, b) => `${a.type}/${a.site}/${a.id}`.localeCompare(`${b.type}/${b.site}/${b.id}`))

test('a state of version 8 opens with all of its cases, and is of the present version from then on', async () => {
  const first = openCheckpointStore(folder)
  const loaded = first.load()
  expect(byId(casesOf(loaded))).toMatchObject(byId(expected))
  expect(loaded?.offsets).toEqual({ live: 7, backlog: 3 })
  await first.stop()
  const again = openCheckpointStore(folder)
  expect(byId(casesOf(again.load()))).toMatchObject(byId(expected))
  // What is saved next goes with the cases that were converted.
  const engine = testEngine({ indicators: [], caseIndicators: allWindows, latenessMs })
  const saved = again.load()
  if (saved) engine.restore(saved)
  expect(engine.cases.counts().cases).toBe(expected.length)
  await again.save(engine.changes({ live: 8, backlog: 3 }))
  expect(casesOf(again.load())).toHaveLength(expected.length)
  await again.stop()
})

test('whoever may only read sees them as well, and changes nothing', async () => {
  const before = openCheckpointStore(folder, { readOnly: true })
  expect(byId(casesOf(before.load()))).toMatchObject(byId(expected))
  await before.stop()
  const root = open<unknown, Key>({ path: folder, noSubdir: false, encoding: 'msgpack', maxDbs: 2 })
  expect(root.get(['meta'])).toMatchObject({ version: 8 })
  await root.close()
})

test('a deadline that had passed does not pass again, and others do', async () => {
  const store = openCheckpointStore(folder)
  const saved = store.load()?.cases
  await store.stop()
  const cases = new Cases(allWindows, { latenessMs })
  cases.restore(saved as CaseChanges)
  const out = newOutput()
  cases.advance(t0 + 31 * 3_600_000, out)
  const dossiers = out.deadlines.filter(({ type }) => type === 'one_stop')
  expect(dossiers.map(({ id }) => id)).toEqual(['Hồ sơ Đ-1'])
})
