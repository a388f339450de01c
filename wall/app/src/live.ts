import type { LiveLink } from '../../shared/live-frame.ts'
import { forgetHistory } from './history.ts'
import { applyFrames, type Frame, link, needsToken, noteServerTime } from './state.ts'
import { reloadForBuild } from './view.ts'

const subscriptions = [
  'link',
  'indicators',
  'district',
  'simulation',
  'indicator',
  'device',
  'node',
  'ledger',
  'process',
  'attention',
  'place',
]
const firstRetryMs = 500
const maxRetryMs = 15_000
/** Without a frame for this long, the connection counts as lost: a dead network closes nothing. */
const silenceMs = 40_000

/** Subscribes to the topics below the prefixes: the page has all of them anyway. */
export function subscribe(_prefixes: readonly string[]): () => void {
  return () => undefined
}

/** Values that came since the last picture, the newest of each topic: a hidden tab draws nothing and must not grow. */
const waiting = new Map<string, Frame>()
let drawing = false
let attempts = 0

/** Keeps a connection to `/live`: again after each end, slower each time, a little at random. */
export function startLive(): void {
  void connect()
}

async function connect(): Promise<void> {
  if (!(await mayRead())) return
  const socket = new WebSocket(new URL('/live', location.origin.replace(/^http/, 'ws')))
  let heard = performance.now()
  const watch = setInterval(() => {
    if (performance.now() - heard > silenceMs) socket.close()
  }, 5_000)
  socket.onopen = () => {
    attempts = 0
    forgetHistory()
    link.value = 'live'
    socket.send(JSON.stringify({ subscribe: subscriptions }))
  }
  socket.onmessage = ({ data }: MessageEvent<string>) => {
    heard = performance.now()
    const frame = JSON.parse(data) as Frame
    if (frame.topic === undefined) return
    if (frame.topic === 'link') {
      const { ts, build } = frame as unknown as LiveLink
      // At once, and not with the next picture: a hidden tab draws none.
      noteServerTime(ts)
      reloadForBuild(build)
    }
    waiting.set(frame.topic, frame)
    draw()
  }
  socket.onclose = () => {
    clearInterval(watch)
    retry()
  }
}

/** Asks the API first: it distinguishes a missing token from a server that is away, which a WebSocket does not. */
async function mayRead(): Promise<boolean> {
  try {
    const response = await fetch('/api/health', { cache: 'no-store', signal: AbortSignal.timeout(10_000) })
    needsToken.value = response.status === 401
    if (response.ok) return true
    if (!needsToken.value) retry()
  } catch {
    retry()
  }
  return false
}

function retry(): void {
  link.value = 'cut'
  const delay = Math.min(maxRetryMs, firstRetryMs * 2 ** attempts++)
  setTimeout(connect, delay * (0.75 + Math.random() / 2))
}

function draw(): void {
  if (drawing) return
  drawing = true
  requestAnimationFrame(() => {
    drawing = false
    const frames = [...waiting.values()]
    waiting.clear()
    applyFrames(frames)
  })
}
