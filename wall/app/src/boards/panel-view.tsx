import type { IndicatorReference } from '@ioc/contract/boards/queries.ts'
import { computed } from '@preact/signals'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Panel } from '../../../shared/boards/board.ts'
import type { PanelData } from '../../../shared/boards/panel-data.ts'
import { unsupportedOfPanel } from '../../../shared/boards/supported.ts'
import { staleAfterCadences } from '../../../shared/stale.ts'
import { includesPresent, panelRange } from '../../../shared/time-range.ts'
import type { Frame } from '../fields/frame.ts'
import { framesOfPanel } from '../fields/pipeline.ts'
import { formatAge, formatDateTime, formatMoment } from '../format.ts'
import { panelComponents } from '../panels/table.ts'
import { language } from '../preferences.ts'
import { grafana } from '../shell/boards.ts'
import { homeUid } from '../shell/location.ts'
import { intervalMs, refreshInterval } from '../shell/time.ts'
import { isOld, now } from '../state.ts'
import { AttentionPanel } from './attention-panel.tsx'
import { names } from './district-names.ts'
import { DomainIcon } from './domain-icons.tsx'
import { ErrorBoundary } from './error-boundary.tsx'
import { Explanation } from './explanation.tsx'
import { csvOf, downloadCsv, downloadPng } from './export.ts'
import type { PlacedPanel } from './layout.ts'
import { grafanaUrl, type LinkScope, pathOf, textOf, urlOf } from './links.ts'
import { PanelMenu } from './panel-menu.tsx'
import { isPrinting } from './printing.ts'
import { useOnScreen } from './use-on-screen.ts'
import { type PanelState, type Refreshes, usePanelData } from './use-panel-data.ts'
import { type Choice, variableQuery } from './variables.ts'
import { boardWord, failureText } from './words.ts'

/** Something that loads faster than this shows no loading, in ms. */
const loadingAfterMs = 300
/** How often a panel is read again, where the viewer and the board do not say it. */
const defaultRefreshMs = 60_000
/** Values of the last minute are of now. */
const freshMs = 60_000

export interface PanelViewProps {
  readonly uid: string
  readonly placed: PlacedPanel
  readonly scope: Omit<LinkScope, 'scoped'>
  readonly refreshes: Refreshes
  /** Where the panel alone is shown, or the board again. */
  readonly fullUrl: string
  /** Whether the panel alone is shown. */
  readonly isFull?: boolean
}

/** A panel with its frame: title, as-of and menu; and what it shows while it has no data. */
export function PanelView({ uid, placed, scope, refreshes, fullUrl, isFull = false }: PanelViewProps) {
  const { panel, scoped } = placed
  const box = useRef<HTMLElement>(null)
  const { isOnScreen, width } = useOnScreen(box)
  const linkScope = { ...scope, scoped }
  const isAttention = isAttentionPanel(uid, panel)
  const hasQueries = !isAttention && (panel.targets ?? []).length > 0
  const url = hasQueries && width > 0 ? panelUrl(uid, panel.id, width, linkScope) : undefined
  const isPresent = includesPresent(panelRange(panel.timeFrom, scope.range).to, now.peek())
  const state = usePanelData(panel, url, { isOnScreen: isOnScreen || isPrinting.value, isPresent }, refreshes)
  const frames = useMemo(
    () => (state.data ? framesOfPanel(panel, state.data, names.value) : []),
    [panel, state.data, names.value, language.value],
  )
  const ignored = useMemo(() => unsupportedOfPanel(panel), [panel])
  const [isExplained, setExplained] = useState(false)
  const newest = useMemo(() => newestTime(frames), [frames])
  const isStale = useStale(panel, isPresent ? state.data : undefined, newest)
  const title = textOf(panel.title ?? '', linkScope)
  const indicator = state.data?.results.find((result) => result.indicator)?.indicator
  const canExport = frames.length > 0
  const [isExportFailed, setExportFailed] = useState(false)
  const exportPng = async (): Promise<void> => {
    if (!box.current) return
    try {
      await downloadPng(`${fileName(title, uid, panel.id)}.png`, box.current)
      setExportFailed(false)
    } catch {
      setExportFailed(true)
    }
  }
  return (
    <section
      ref={box}
      class={`panel panel-${panel.type} ${panel.transparent ? 'transparent' : ''}`}
      data-testid={`panel-${placed.key}`}
      data-state={stateOf(state, frames, hasQueries)}
      data-stale={isStale}
      aria-label={title}
    >
      <header class="panel-head">
        {panel.type === 'stat' && <DomainIcon href={panel.fieldConfig?.defaults.links?.[0]?.url} />}
        {title !== '' && <h2 title={title}>{title}</h2>}
        {hasQueries && newest !== undefined && (isStale || panel.type !== 'stat') && (
          <AsOf ts={newest} isStale={isStale} isPresent={isPresent} />
        )}
        <PanelMenu
          title={title}
          fullUrl={fullUrl}
          grafanaUrl={grafanaUrl(grafana.value, pathOf(uid, scope, String(panel.id)))}
          isFull={isFull}
          onExplain={() => setExplained(true)}
          {...(canExport && {
            onCsv: () => downloadCsv(`${fileName(title, uid, panel.id)}.csv`, csvOf(frames)),
            onPng: () => void exportPng(),
          })}
        />
      </header>
      <div class="panel-body">
        <ErrorBoundary key={language.value}>
          {isAttention ? (
            <AttentionPanel />
          ) : (
            <PanelBody placed={placed} state={state} frames={frames} scope={linkScope} isPresent={isPresent} />
          )}
        </ErrorBoundary>
      </div>
      {isExportFailed && (
        <p class="panel-foot" role="alert" data-no-image>
          {boardWord('pngFailed')}
        </p>
      )}
      {ignored.length > 0 && (
        <p class="panel-foot" lang="vi">
          {boardWord('unsupported')}: {ignored.join(', ')}
        </p>
      )}
      {isExplained && (
        <Explanation
          title={title}
          description={textOf(panel.description ?? '', linkScope)}
          indicator={indicator}
          queries={(panel.targets ?? []).map(({ query }) => query)}
          onClose={() => setExplained(false)}
        />
      )}
    </section>
  )
}

/** The one table of the home board: the live topic knows also what is silent, away or lost. */
function isAttentionPanel(uid: string, { type }: Panel): boolean {
  return uid === homeUid && type === 'table'
}

interface PanelBodyProps {
  readonly placed: PlacedPanel
  readonly state: PanelState
  readonly frames: readonly Frame[]
  readonly scope: LinkScope
  readonly isPresent: boolean
}

function PanelBody({ placed, state, frames, scope, isPresent }: PanelBodyProps) {
  const { panel } = placed
  const { data, failure, retry } = state
  const hasQueries = (panel.targets ?? []).length > 0
  const Component = panel.type === 'row' ? undefined : panelComponents[panel.type]
  if (!Component) return <p class="panel-note">{`${boardWord('unsupported')}: ${panel.type}`}</p>
  const linkTo = (url: string, labels?: Readonly<Record<string, string>>) => urlOf(url, scope, labels)
  if (!hasQueries) return <Component panel={panel} frames={[]} from={0} to={0} linkTo={linkTo} />
  if (!data) return failure ? <Failed failure={failure} retry={retry} /> : <Loading />
  const errors = data.results.flatMap(({ error }) => (error === undefined ? [] : [error]))
  if (!hasValues(frames)) {
    if (errors[0] !== undefined) return <Failed failure={{ code: '', message: errors[0] }} retry={retry} />
    return <None data={data} choices={scope.choices} />
  }
  const { from, to } = rangeOfView(data, frames, isPresent)
  return (
    <>
      {(failure || errors.length > 0) && (
        <p class="panel-warning" role="status">
          {failure ? failureText(failure.code, failure.message) : errors.join('; ')}
        </p>
      )}
      <Component
        panel={panel}
        frames={frames}
        from={from}
        to={to}
        linkTo={linkTo}
        {...(data.comparison && { comparison: data.comparison })}
        {...(data.comparison_error !== undefined && { comparisonError: data.comparison_error })}
      />
    </>
  )
}

function Loading() {
  const [isShown, setShown] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), loadingAfterMs)
    return () => clearTimeout(timer)
  }, [])
  return isShown ? <div class="panel-loading" role="status" aria-label={boardWord('loading')} /> : null
}

function None({ data, choices }: { readonly data: PanelData; readonly choices: readonly Choice[] }) {
  const isOfIndicator = data.results.some(({ indicator }) => indicator !== undefined)
  const nothingToChoose = choices.some(({ variable, values }) => variable.type === 'query' && values.length === 0)
  return (
    <div class="panel-none">
      <p>{boardWord('noData')}</p>
      <p class="panel-hint">{boardWord(nothingToChoose ? 'noneOfKind' : isOfIndicator ? 'noDataYet' : 'noDataHere')}</p>
    </div>
  )
}

function Failed({
  failure,
  retry,
}: {
  readonly failure: { code: string; message: string }
  readonly retry: () => void
}) {
  return (
    <div class="panel-failed" role="alert">
      <p>{boardWord('failed')}</p>
      <p class="panel-hint">{failureText(failure.code, failure.message)}</p>
      <button type="button" onClick={retry} data-no-image>
        {boardWord('retry')}
      </button>
    </div>
  )
}

/** When the newest value was measured; how old it is, where that is older than it can be. */
function AsOf({
  ts,
  isStale,
  isPresent,
}: {
  readonly ts: number
  readonly isStale: boolean
  readonly isPresent: boolean
}) {
  const age = now.value - ts
  if (isStale) {
    return (
      <span class="as-of old" title={formatDateTime(ts)}>
        {boardWord('stale')}: {formatAge(ts, now.value)}
      </span>
    )
  }
  if (!isPresent || age < freshMs) return null
  return (
    <time class="as-of" dateTime={new Date(ts).toISOString()} title={`${boardWord('updated')} ${formatDateTime(ts)}`}>
      {formatMoment(ts, now.value)}
    </time>
  )
}

/**
 * Whether the newest value is older than it can be while all is well: the windows of indicators say so, and of anything
 * else the interval of the panel.
 */
function useStale(panel: Panel, data: PanelData | undefined, newest: number | undefined): boolean {
  const isHistory = panel.targets?.some(({ query }) => query.includes('GROUP BY time(')) ?? false
  const stale = useMemo(
    () =>
      computed(() => {
        if (!data || newest === undefined) return false
        // The points of a history have the beginning of their interval.
        const ts = newest + (isHistory ? data.interval_ms : 0)
        const known = data.results.flatMap(({ indicator, error }) => (error === undefined ? [indicator] : []))
        if (known.length === 0) return false
        return known.every((indicator) =>
          indicator ? isOldIndicator(indicator, ts) : now.value - ts > maxAgeMs(panel, data),
        )
      }),
    [panel, isHistory, data, newest],
  )
  return stale.value
}

/** How old the newest value may be: `interval` of a panel is the cadence of what it shows, unknown where it has none. */
function maxAgeMs({ interval }: Panel, { interval_ms }: PanelData): number {
  if (interval === undefined) return Number.POSITIVE_INFINITY
  return staleAfterCadences * interval_ms + 2 * (intervalMs(refreshInterval.value) ?? defaultRefreshMs)
}

function isOldIndicator({ id, scope }: IndicatorReference, ts: number): boolean {
  const at = { scope: scope === 'device' ? 'site' : scope, key: '' } as const
  return isOld({ ...at, id, ts, value: 0, level: 0, samples: 1 })
}

function stateOf({ data, failure }: PanelState, frames: readonly Frame[], hasQueries: boolean): string {
  if (!hasQueries) return 'data'
  if (!data) return failure ? 'failed' : 'loading'
  if (hasValues(frames)) return failure ? 'old' : 'data'
  return data.results.some(({ error }) => error !== undefined) ? 'failed' : 'none'
}

function hasValues(frames: readonly Frame[]): boolean {
  return frames.some(({ fields }) =>
    fields.some(({ kind, values }) => kind !== 'time' && values.some((value) => value !== null)),
  )
}

function newestTime(frames: readonly Frame[]): number | undefined {
  let newest: number | undefined
  for (const { fields } of frames) {
    const time = fields.find(({ kind, name }) => kind === 'time' && name === 'Time')
    for (const value of time?.values ?? []) {
      if (typeof value === 'number' && value > (newest ?? 0)) newest = value
    }
  }
  return newest
}

/** A range that ends now moves on with the values that come. */
function rangeOfView(
  { from, to }: PanelData,
  frames: readonly Frame[],
  isPresent: boolean,
): { from: number; to: number } {
  const beyond = isPresent ? Math.max(0, (newestTime(frames) ?? to) - to) : 0
  return { from: from + beyond, to: to + beyond }
}

function panelUrl(uid: string, id: number, width: number, { choices, scoped, range }: LinkScope): string {
  const query = new URLSearchParams([
    ['from', range.from],
    ['to', range.to],
    ['width', String(width)],
    ...variableQuery(choices, scoped),
  ])
  return `/api/boards/${encodeURIComponent(uid)}/panels/${id}?${query}`
}

function fileName(title: string, uid: string, id: number): string {
  return (title || `${uid}-${id}`).replace(/[\\/:*?"<>|]/g, '-')
}
