import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readJson } from './use-json.ts'

/** Statuses that the server answers with, one after the other, then 200. */
let statuses: number[] = []
let asked = 0
const server = createServer((_request, response) => {
  asked++
  response.writeHead(statuses.shift() ?? 200).end('{"is":"there"}')
})
let url: string
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => void server.close())

test.each([
  ['a refusal', [400], undefined, 1],
  ['an unknown address', [404], undefined, 1],
  ['a store that is away twice', [503, 503], { is: 'there' }, 3],
  ['too many requests', [429], { is: 'there' }, 2],
] as const)('%s is asked for as often as it helps', async (_name, answers, expected, times) => {
  statuses = [...answers]
  asked = 0
  let failures = 0
  const answer = await readJson(url, new AbortController().signal, () => failures++, 1)
  expect(answer).toEqual(expected)
  expect({ asked, failures }).toEqual({ asked: times, failures: answers.length })
})

test('a server that is away is asked until the viewer leaves', async () => {
  const abort = new AbortController()
  const away = readJson('http://127.0.0.1:9/', abort.signal, () => abort.abort(), 1)
  expect(await away).toBeUndefined()
})
