import { afterAll, beforeAll, expect, test, vi } from 'vitest'

/** The last connection that the page opened. */
let socket: { onopen: () => void; onmessage: (event: { data: string }) => void; onclose: () => void }
const health = vi.fn(async () => new Response(JSON.stringify({ own_node: 'office/centre-01', only_own_node: true })))

class FakeSocket {
  static readonly OPEN = 1
  readonly readyState = 1
  onopen = () => {}
  onmessage = () => {}
  onclose = () => {}
  constructor() {
    socket = this
  }
  send(): void {}
  close(): void {}
}

const page = { querySelector: () => null, hidden: false }

beforeAll(() => {
  vi.useFakeTimers()
  vi.stubGlobal('location', { origin: 'http://wall.test' })
  vi.stubGlobal('document', page)
  vi.stubGlobal('requestAnimationFrame', (draw: () => void) => setTimeout(draw, 16))
  vi.stubGlobal('WebSocket', FakeSocket)
  vi.stubGlobal('fetch', health)
})
afterAll(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const receive = (frame: object) => socket.onmessage({ data: JSON.stringify(frame) })

test('listeners learn of topics that went while the page was not connected', async () => {
  const { startLive, subscribe } = await import('./live.ts')
  startLive()
  const frames: object[] = []
  subscribe(['indicator/load'], (received) => frames.push(...received))
  await vi.advanceTimersByTimeAsync(0)
  socket.onopen()
  receive({ topic: 'indicator/load/site/a', value: 1 })
  receive({ topic: 'indicator/load/site/b', value: 1 })
  await vi.advanceTimersByTimeAsync(100)
  expect(frames).toHaveLength(2)

  socket.onclose()
  await vi.advanceTimersByTimeAsync(2_000)
  socket.onopen()
  receive({ topic: 'indicator/load/site/a', value: 1 })
  await vi.advanceTimersByTimeAsync(15_000)
  expect(frames.slice(2)).toEqual([
    { topic: 'indicator/load/site/a', value: 1 },
    { topic: 'indicator/load/site/b', gone: true },
  ])
})

test('an empty centre is asked again after it once did not answer', async () => {
  const { isEmptyCentre } = await import('./state.ts')
  expect(isEmptyCentre.value).toBe(true)
  health.mockRejectedValueOnce(new Error('away'))
  await vi.advanceTimersByTimeAsync(5_000)
  health.mockImplementation(
    async () => new Response(JSON.stringify({ own_node: 'office/centre-01', only_own_node: false })),
  )
  await vi.advanceTimersByTimeAsync(5_000)
  expect(isEmptyCentre.value).toBe(false)
  const asked = health.mock.calls.length
  await vi.advanceTimersByTimeAsync(60_000)
  expect(health).toHaveBeenCalledTimes(asked)
})

test('a hidden tab, which draws nothing, learns at once of what needs attention', async () => {
  const { attention } = await import('./state.ts')
  vi.stubGlobal('requestAnimationFrame', () => {})
  page.hidden = true
  receive({ topic: 'attention', ts: 7, items: [] })
  expect(attention.value).toMatchObject({ ts: 7 })
})
