import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { open } from 'lmdb'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type DeadLetter, type DeadLetters, openDeadLetters } from './dead-letters.ts'

let path: string
let letters: DeadLetters

beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'ioc-letters-'))
  letters = openDeadLetters(path, 10)
})
afterEach(() => letters.stop())

function letter(node: string, arrival: number): DeadLetter {
  const payload = Buffer.from(`${node} ${arrival}`)
  return { arrival, site: 'site-1', node, channel: 'telemetry', code: 'PAYLOAD_INVALID', reason: 'why', payload }
}

const kept = () => letters.list(99).map(({ node, arrival }) => `${node} ${arrival}`)

test('the newest are kept, and listed first', async () => {
  for (let arrival = 1; arrival <= 12; arrival++) await letters.add(letter('a', arrival))
  expect(kept()).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3].map((arrival) => `a ${arrival}`))
  expect(letters.count()).toBe(10)
})

test("a flood of one node evicts no other node's letters", async () => {
  for (const node of ['b', 'c', 'd']) await letters.add(letter(node, 1))
  await Promise.all(Array.from({ length: 500 }, (_, index) => letters.add(letter('a', index + 2))))
  expect(kept().slice(-3).sort()).toEqual(['b 1', 'c 1', 'd 1'])
  expect(kept().slice(0, 2)).toEqual(['a 501', 'a 500'])
  expect(letters.count()).toBe(10)
})

test('two nodes that flood share what is there, and a third keeps its own', async () => {
  await letters.add(letter('quiet', 1))
  for (let arrival = 2; arrival < 100; arrival++) await letters.add(letter(arrival % 2 ? 'a' : 'b', arrival))
  const count = (node: string) => kept().filter((text) => text.startsWith(`${node} `)).length
  expect([count('quiet'), count('a') + count('b')]).toEqual([1, 9])
  expect(Math.min(count('a'), count('b'))).toBe(4)
})

test('what another process has added is counted and kept', async () => {
  const other = openDeadLetters(path, 10)
  await letters.add(letter('a', 1))
  for (let arrival = 2; arrival <= 6; arrival++) await other.add(letter('b', arrival), String(arrival))
  for (let arrival = 7; arrival <= 30; arrival++) await letters.add(letter('a', arrival))
  expect(kept().filter((text) => text.startsWith('b '))).toHaveLength(5)
  expect(letters.count()).toBe(10)
  await other.stop()
})

test('a letter that is written twice is one', async () => {
  await letters.add(letter('a', 1), 'same')
  await letters.add(letter('a', 1), 'same')
  expect(letters.count()).toBe(1)
})

test('letters of an earlier version are listed, and evicted by the same rule', async () => {
  await letters.stop()
  const old = open<DeadLetter, [number, string]>({ path, encoding: 'msgpack' })
  for (let arrival = 1; arrival <= 4; arrival++) await old.put([arrival, `${arrival}`], letter('b', arrival))
  await old.close()
  letters = openDeadLetters(path, 10)
  expect(kept()).toEqual(['b 4', 'b 3', 'b 2', 'b 1'])
  for (let arrival = 5; arrival <= 50; arrival++) await letters.add(letter('a', arrival))
  expect(kept().slice(-4)).toEqual(['b 4', 'b 3', 'b 2', 'b 1'])
  expect(letters.count()).toBe(10)
})
