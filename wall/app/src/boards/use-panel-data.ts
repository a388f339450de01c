import type { LiveIndicator } from '@ioc/contract/messages/live.ts'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Panel } from '../../../shared/boards/board.ts'
import type { PanelData } from '../../../shared/boards/panel-data.ts'
import { subscribe } from '../live.ts'
import { storeAway } from '../state.ts'
import { areaOfSite } from './district-names.ts'
import { LiveTail, livePrefixes } from './live-merge.ts'
import { PanelDataError, readPanelData, subjectOf } from './panel-data.ts'

/** A panel that its live values keep up to date is read again no more often than this, in ms. */
const minLiveRereadMs = 60_000
const firstRetryMs = 2_000
const maxRetryMs = 60_000

export interface Failure {
  readonly code: string
  readonly message: string
}

export interface PanelState {
  /** With the live values put in; undefined before the first answer. */
  readonly data?: PanelData
  /** Why the last request failed; `data` are then those of an earlier one. */
  readonly failure?: Failure
  readonly retry: () => void
}

/** When panels are read again: `asked` by the viewer or a new connection, `due` by the interval of the board. */
export interface Refreshes {
  readonly asked: number
  readonly due: number
}

/** When the data of a panel are read, and whether live values belong to them. */
export interface PanelUse {
  readonly isOnScreen: boolean
  /** Whether the time range includes the present. */
  readonly isPresent: boolean
}

/** The data of a panel while it is on the screen: read, read again after a failure, and kept up to date. */
export function usePanelData(
  panel: Panel,
  url: string | undefined,
  { isOnScreen, isPresent }: PanelUse,
  { asked, due }: Refreshes,
): PanelState {
  const [loaded, setLoaded] = useState<{ readonly url: string; readonly data: PanelData; readonly at: number }>()
  const [failed, setFailed] = useState<Failure & { readonly subject: string }>()
  const [attempt, setAttempt] = useState(0)
  const [liveCount, setLiveCount] = useState(0)
  const failures = useRef(0)
  const pending = useRef<AbortController>(undefined)
  const retry = useRef<ReturnType<typeof setTimeout>>(undefined)
  const last = useRef({ url: '', asked: -1, due: -1, attempt: -1 })

  useEffect(() => {
    if (url === undefined || !isOnScreen) {
      // What is cut off is asked for again when the panel comes back.
      if (pending.current) last.current = { ...last.current, due: -1 }
      pending.current?.abort()
      pending.current = undefined
      return
    }
    const before = last.current
    const isSame = before.url === url && before.asked === asked && before.attempt === attempt
    // A refresh that is due waits for the answer of the one before: a slow store would never be heard out.
    if (isSame && (before.due === due || pending.current)) return
    if (isSame && loaded?.url === url && isLive(loaded.data) && performance.now() - loaded.at < minLiveRereadMs) return
    last.current = { url, asked, due, attempt }
    clearTimeout(retry.current)
    pending.current?.abort()
    const abort = new AbortController()
    pending.current = abort
    readPanelData(url, abort.signal)
      .then(
        (data) => {
          failures.current = 0
          storeAway.value = false
          setFailed(undefined)
          setLoaded({ url, data, at: performance.now() })
        },
        (error: unknown) => {
          if (abort.signal.aborted) return
          const { code, message, isFinal } =
            error instanceof PanelDataError ? error : new PanelDataError('', String(error), true)
          if (code === 'STORE_UNREACHABLE') storeAway.value = true
          setFailed({ code, message, subject: subjectOf(url) })
          if (isFinal) return
          const delay = Math.min(maxRetryMs, firstRetryMs * 2 ** failures.current++)
          retry.current = setTimeout(() => setAttempt((count) => count + 1), delay)
        },
      )
      .finally(() => {
        if (pending.current === abort) pending.current = undefined
      })
  }, [url, isOnScreen, asked, due, attempt])
  useEffect(
    () => () => {
      pending.current?.abort()
      clearTimeout(retry.current)
    },
    [],
  )

  const subject = url === undefined ? undefined : subjectOf(url)
  const failure = failed?.subject === subject ? failed : undefined
  // An earlier time range stays while the store is away; values of another place must not.
  const data = failure && loaded && subjectOf(loaded.url) !== subject ? undefined : loaded?.data
  const current = useRef(data)
  current.current = data
  // The tail outlives a new reading of the same question: points that the store has by then are left out.
  const tail = useMemo(() => new LiveTail(panel, areaOfSite), [panel, loaded?.url])
  const prefixes = data && isPresent ? livePrefixes(data.results).join('\n') : ''
  useEffect(() => {
    if (prefixes === '' || !isOnScreen) return
    return subscribe(prefixes.split('\n'), (frames) => {
      const shown = current.current
      if (!shown) return
      let isChanged = false
      for (const frame of frames) {
        if ('gone' in frame ? tail.remove(shown, frame.topic) : tail.add(shown, frame as unknown as LiveIndicator))
          isChanged = true
      }
      if (isChanged) setLiveCount((count) => count + 1)
    })
  }, [prefixes, tail, isOnScreen])

  const merged = useMemo(() => data && tail.applied(data), [data, tail, liveCount])
  const retryNow = () => {
    failures.current = 0
    setAttempt((count) => count + 1)
  }
  return { ...(merged && { data: merged }), ...(failure && { failure }), retry: retryNow }
}

function isLive({ results }: PanelData): boolean {
  return results.length > 0 && results.every(({ indicator, error }) => indicator !== undefined && error === undefined)
}
