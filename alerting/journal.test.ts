import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync, mkdtempSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { propertyRuns } from '@ioc/runtime/testing/property-runs.ts'
import { describe, expect, test } from 'vitest'
import { openJournal } from './journal.ts'
import { draftOf, emptyState, type WatchState } from './state.ts'
import { minute, siteOf, Watch } from './testing/watch.ts'

const folderOf = () => mkdtempSync(join(tmpdir(), 'ioc-journal-'))
const contentOf = ({ now: _, ...state }: WatchState) => state

/** A watch in which much happened. */
function eventful(): Watch {
  const watch = new Watch(siteOf('a', 12))
  const window = { id: 'w', reason: 'x', by: 'lan', covers: { sites: ['b'] }, from: watch.now, to: watch.now + minute }
  for (const n of [1, 2, 3]) watch.observe(`device/a/d${n}`, 'silent').pass(minute)
  watch.do({ kind: 'acknowledge', by: 'lan', id: 1, until: watch.now + minute, note: 'đang đi' })
  return watch.do({ kind: 'maintain', by: 'lan', window: { ...window, to: watch.now + minute } })
}

/** Writes what a watch journaled. */
function writeAll(folder: string, watch: Watch, compactBytes?: number): void {
  const journal = openJournal(folder, compactBytes)
  let state = emptyState
  for (const { at, facts } of watch.journal) {
    const draft = draftOf(state, at)
    for (const fact of facts) draft.apply(fact)
    state = draft.state
    journal.append(state, facts)
  }
  journal.stop()
}

describe('the journal', () => {
  test('holds the state over a restart', () => {
    const [folder, watch] = [folderOf(), eventful()]
    writeAll(folder, watch)
    const journal = openJournal(folder)
    journal.stop()
    expect(contentOf(journal.state)).toEqual(contentOf(watch.state))
  })

  test('is compacted to a snapshot of the same state', () => {
    const [folder, watch] = [folderOf(), eventful()]
    writeAll(folder, watch, 1)
    const [first, ...rest] = readFileSync(join(folder, 'incidents.jsonl'), 'utf8').trimEnd().split('\n')
    expect(first).toContain('"fact":"kept"')
    expect(rest.length).toBeLessThan(watch.journal.length)
    const journal = openJournal(folder)
    journal.stop()
    expect(contentOf(journal.state)).toEqual(contentOf(watch.state))
  })

  test.each([1, 5, 60])('that lost its last %i bytes is read up to the line before, and goes on', (bytes) => {
    const [folder, watch] = [folderOf(), eventful()]
    writeAll(folder, watch)
    const path = join(folder, 'incidents.jsonl')
    truncateSync(path, readFileSync(path).length - bytes)
    const journal = openJournal(folder)
    expect(journal.state.incidents.size).toBe(watch.state.incidents.size)
    journal.append(watch.state, watch.journal.at(-1)?.facts ?? [])
    journal.stop()
    const again = openJournal(folder)
    again.stop()
    expect(contentOf(again.state)).toEqual(contentOf(watch.state))
  })

  test('without a file begins empty; a half-written snapshot beside it is ignored', () => {
    const folder = folderOf()
    writeFileSync(join(folder, 'incidents.jsonl.new'), 'half')
    const journal = openJournal(folder)
    journal.stop()
    expect(journal.state).toBe(emptyState)
  })

  test('that is damaged in the middle is refused, and not cut off there', () => {
    const [folder, watch] = [folderOf(), eventful()]
    writeAll(folder, watch)
    const path = join(folder, 'incidents.jsonl')
    const bytes = readFileSync(path)
    bytes[40] = (bytes[40] ?? 0) ^ 1
    writeFileSync(path, bytes)
    expect(() => openJournal(folder)).toThrow(expect.objectContaining({ code: 'JOURNAL_INVALID' }))
    appendFileSync(path, 'x\n')
    expect(() => openJournal(folder)).toThrow(expect.objectContaining({ code: 'JOURNAL_INVALID' }))
    expect(readFileSync(path).length).toBe(bytes.length + 2)
  })
})

describe('kill -9', () => {
  test('at any point loses no incident, and repeats at most one step of messages', async () => {
    const folder = folderOf()
    const opened = new Set<number>()
    const sent = new Map<string, number>()
    const kills = propertyRuns(12)
    for (let kill = 0; kill <= kills; kill++) {
      const isLast = kill === kills
      const lines = await run(folder, isLast ? undefined : 1 + ((kill * 37) % 90))
      const before = sent.size
      let repeated = 0
      for (const line of lines) {
        const [what, key = ''] = line.split(' ')
        if (what === 'opened') opened.add(Number(key))
        if (what !== 'sent') continue
        if (sent.has(key)) repeated++
        sent.set(key, (sent.get(key) ?? 0) + 1)
      }
      // A step of this load has at most one notice for its device, and one of a storm.
      expect(repeated).toBeLessThanOrEqual(kill === 0 ? 0 : 2)
      expect(sent.size).toBeGreaterThanOrEqual(before)
    }
    const journal = openJournal(folder)
    journal.stop()
    expect(journal.state.notices.size).toBe(0)
    expect(journal.state.lastId).toBeGreaterThanOrEqual(Math.max(...opened))
    expect(opened.size).toBeGreaterThan(0)
    for (const id of opened) expect(journal.state.incidents.has(id), `incident ${id}`).toBe(true)
  })
})

/** Runs the watch, kills it after so many lines of output, and resolves to its output. */
async function run(folder: string, killAfter: number | undefined): Promise<string[]> {
  const path = join(import.meta.dirname, 'testing/watch-forever.ts')
  const args = [path, folder, ...(killAfter === undefined ? ['drain'] : [])]
  const child: ChildProcess = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout?.on('data', (chunk) => {
    text += chunk
    if (killAfter !== undefined && text.split('\n').length > killAfter) child.kill('SIGKILL')
  })
  await new Promise((resolve) => child.once('close', resolve))
  return text.split('\n').slice(0, -1)
}
