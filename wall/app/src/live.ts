import type { ApiHealth } from '@ioc/contract/messages/api.ts'
import type { LiveLink } from '../../shared/live-frame.ts'
import {
  applyFrames,
  connections,
  cutSince,
  type Frame,
  isEmptyCentre,
  link,
  needsLogin,
  noteServerTime,
  now,
  ownNode,
} from './state.ts'
import { reloadForBuild } from './view.ts'

/** What the shell itself shows, whatever page is open. */
const basePrefixes = [
  ...(['link', 'indicators', 'district', 'types', 'boards', 'simulation', 'attention', 'place', 'process'] as const),
  ...(['incidents', 'maintenance'] as const),
] as const
const firstRetryMs = 500
const maxRetryMs = 15_000
/** Without a frame for this long, the connection counts as lost: a dead network closes nothing. */
const silenceMs = 40_000
/** After a reconnection, topics that the server has not sent again within this time no longer exist. */
const confirmMs = 10_000
/** How often a centre without nodes of others is asked whether it has one. */
const emptyPollMs = 5_000
/** Prefixes in one message: the server limits the bytes of a message. */
const maxPrefixesPerMessage = 100

type Listener = (frames: readonly Frame[]) => void

/** How many subscribers each prefix has. */
const subscribers = new Map<string, number>()
const listeners = new Map<string, Set<Listener>>()
/** Prefixes that the server has of this connection. */
const sent = new Set<string>()
/** The newest value of every topic that is subscribed to. */
const last = new Map<string, Frame>()
/** Values since the last animation frame, the newest of each topic: a hidden tab draws nothing and must not grow. */
const waiting = new Map<string, Frame>()
let socket: WebSocket | undefined
let drawing = false
let synchronising = false
let attempts = 0
let emptyPoll: ReturnType<typeof setTimeout> | undefined

/** Keeps a connection to `/live`: again after each end, slower each time, a little at random. */
export function startLive(): void {
  subscribe(basePrefixes)
  void connect()
}

/**
 * Subscribes to the topics below the prefixes (whole segments), which stand in `state.ts` from then on. `onFrames` gets
 * the values that are known, then the new ones, at most once an animation frame. When the last subscriber of a prefix
 * leaves, its topics are dropped.
 */
export function subscribe(prefixes: readonly string[], onFrames?: Listener): () => void {
  const own = [...new Set(prefixes)]
  for (const prefix of own) {
    subscribers.set(prefix, (subscribers.get(prefix) ?? 0) + 1)
    if (!onFrames) continue
    const those = listeners.get(prefix) ?? new Set()
    listeners.set(prefix, those.add(onFrames))
  }
  synchronise()
  if (onFrames) {
    const known = [...last].flatMap(([topic, frame]) => (prefixesOf(topic).some(isOneOf(own)) ? [frame] : []))
    if (known.length > 0) queueMicrotask(() => onFrames(known))
  }
  let active = true
  return () => {
    if (!active) return
    active = false
    for (const prefix of own) {
      const count = (subscribers.get(prefix) ?? 1) - 1
      if (count > 0) subscribers.set(prefix, count)
      else subscribers.delete(prefix)
      if (!onFrames) continue
      const those = listeners.get(prefix)
      those?.delete(onFrames)
      if (those?.size === 0) listeners.delete(prefix)
    }
    synchronise()
  }
}

const isOneOf = (prefixes: readonly string[]) => (prefix: string) => prefixes.includes(prefix)

/** Sends what changed in the subscriptions, once for all that a page mounts and unmounts together. */
function synchronise(): void {
  if (synchronising) return
  synchronising = true
  queueMicrotask(() => {
    synchronising = false
    const removed = [...sent].filter((prefix) => !subscribers.has(prefix))
    const added = [...subscribers.keys()].filter((prefix) => !sent.has(prefix))
    if (socket?.readyState === WebSocket.OPEN) {
      send(socket, 'unsubscribe', removed)
      send(socket, 'subscribe', added)
    }
    dropUnsubscribed()
  })
}

function send(to: WebSocket, kind: 'subscribe' | 'unsubscribe', prefixes: readonly string[]): void {
  for (let at = 0; at < prefixes.length; at += maxPrefixesPerMessage) {
    to.send(JSON.stringify({ [kind]: prefixes.slice(at, at + maxPrefixesPerMessage) }))
  }
  for (const prefix of prefixes) {
    if (kind === 'subscribe') sent.add(prefix)
    else sent.delete(prefix)
  }
}

/** Drops the topics of boards that were left. */
function dropUnsubscribed(): void {
  const topics = [...new Set([...last.keys(), ...waiting.keys()])].filter((topic) => !isSubscribed(topic))
  drop(topics)
}

function drop(topics: readonly string[]): void {
  if (topics.length === 0) return
  for (const topic of topics) {
    last.delete(topic)
    waiting.delete(topic)
  }
  const frames = topics.map((topic): Frame => ({ topic, gone: true }))
  applyFrames(frames)
  emit(frames)
}

const isSubscribed = (topic: string): boolean => prefixesOf(topic).some((prefix) => subscribers.has(prefix))

/** The topic and each prefix of it in whole segments. */
function prefixesOf(topic: string): string[] {
  const prefixes: string[] = []
  for (let end = topic.length; end > 0; end = topic.lastIndexOf('/', end - 1)) prefixes.push(topic.slice(0, end))
  return prefixes
}

async function connect(): Promise<void> {
  if (!(await mayRead())) return
  const opened = new WebSocket(new URL('/live', location.origin.replace(/^http/, 'ws')))
  let heard = performance.now()
  const watch = setInterval(() => {
    if (performance.now() - heard > silenceMs) opened.close()
  }, 5_000)
  let confirm: ReturnType<typeof setTimeout> | undefined
  const unconfirmed = new Set(last.keys())
  opened.onopen = () => {
    socket = opened
    attempts = 0
    sent.clear()
    send(opened, 'subscribe', [...subscribers.keys()])
    link.value = 'live'
    cutSince.value = undefined
    connections.value++
    confirm = setTimeout(() => drop([...unconfirmed]), confirmMs)
  }
  opened.onmessage = ({ data }: MessageEvent<string>) => {
    heard = performance.now()
    const frame = JSON.parse(data) as Frame
    if (frame.topic === undefined) return
    unconfirmed.delete(frame.topic)
    if (frame.topic === 'link') {
      const { ts, build } = frame as unknown as LiveLink
      // At once, and not with the next picture: a hidden tab draws none.
      noteServerTime(ts)
      reloadForBuild(build)
    }
    // It may have been on its way while the page unsubscribed.
    if (!isSubscribed(frame.topic)) return
    waiting.set(frame.topic, frame)
    // A hidden tab draws nothing, but sounds for a new critical item.
    if (frame.topic === 'attention' && document.hidden) applyFrames([frame])
    draw()
  }
  opened.onclose = () => {
    clearInterval(watch)
    clearTimeout(confirm)
    socket = undefined
    retry()
  }
}

/** Asks the API first: it distinguishes a missing login from a server that is away, which a WebSocket does not. */
async function mayRead(): Promise<boolean> {
  try {
    const response = await fetch('/api/health', { cache: 'no-store', signal: AbortSignal.timeout(10_000) })
    needsLogin.value = response.status === 401
    if (response.ok) {
      noteFleet((await response.json()) as ApiHealth)
      return true
    }
    if (!needsLogin.value) retry()
  } catch {
    retry()
  }
  return false
}

function noteFleet({ own_node, only_own_node }: ApiHealth): void {
  ownNode.value = own_node
  isEmptyCentre.value = only_own_node
  clearTimeout(emptyPoll)
  if (isEmptyCentre.value) emptyPoll = setTimeout(pollEmptyCentre, emptyPollMs)
}

/** An empty centre is asked again until another node has reported: the first one changes the page at once. */
function pollEmptyCentre(): void {
  emptyPoll = setTimeout(pollEmptyCentre, emptyPollMs)
  // A new connection asks by itself.
  if (link.peek() !== 'live') return
  fetch('/api/health', { cache: 'no-store', signal: AbortSignal.timeout(emptyPollMs) })
    .then(async (response) => response.ok && noteFleet((await response.json()) as ApiHealth))
    .catch(() => {})
}

function retry(): void {
  link.value = 'cut'
  cutSince.value ??= now.peek()
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
    for (const frame of frames) {
      if ('gone' in frame) last.delete(frame.topic)
      else last.set(frame.topic, frame)
    }
    applyFrames(frames)
    emit(frames)
  })
}

/** Passes each listener the frames of its prefixes. */
function emit(frames: readonly Frame[]): void {
  const byListener = new Map<Listener, Set<Frame>>()
  for (const frame of frames) {
    for (const prefix of prefixesOf(frame.topic)) {
      for (const listener of listeners.get(prefix) ?? []) {
        byListener.set(listener, (byListener.get(listener) ?? new Set()).add(frame))
      }
    }
  }
  for (const [listener, own] of byListener) listener([...own])
}
